package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The power of two choices: draws two usable destinations by lot, in proportion to their weights, and takes the one with
 * less overhead per weight.
 *
 * <p><b>Thread</b>: workers share one atomic, the state of the random generator (SplitMix64: one add per draw). Its seed
 * is an argument, so a run repeats; the kernel's draws do not.
 *
 * <p><b>Source</b>: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001;
 * net/netfilter/ipvs/ip_vs_twos.c.
 */
public final class TwosScheduler implements Scheduler {
    private static final long INCREMENT = 0x9E3779B97F4A7C15L;

    private final Candidates candidates;
    private final AtomicLong random;

    public TwosScheduler(long seed) {
        this(Candidates.EMPTY, new AtomicLong(seed));
    }

    private TwosScheduler(Candidates candidates, AtomicLong random) {
        this.candidates = candidates;
        this.random = random;
    }

    @Override
    public String name() {
        return "twos";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new TwosScheduler(Candidates.sharing(destinations), random);
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        long total = 0;
        int lastUsable = NONE;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.isUsable(i, load)) {
                total += candidates.weight(i);
                lastUsable = i;
            }
        }
        if (lastUsable == NONE) {
            return NONE;
        }
        final int first = drawn(draw(total), lastUsable, load);
        final int second = drawn(draw(total), lastUsable, load);
        return candidates.lighter(first, second, load);
    }

    /** A number from 0 to {@code total}, both included, as in the kernel: the first in the list is drawn a bit too often. */
    private long draw(long total) {
        long z = random.getAndAdd(INCREMENT);
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return Long.remainderUnsigned(z ^ z >>> 31, total + 1);
    }

    private int drawn(long lot, int lastUsable, DestinationLoad load) {
        long rest = lot;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.isUsable(i, load)) {
                rest -= candidates.weight(i);
                if (rest <= 0) {
                    return i;
                }
            }
        }
        // only if a destination was marked overloaded in between
        return lastUsable;
    }
}
