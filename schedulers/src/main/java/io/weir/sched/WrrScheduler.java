package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weighted round robin: passes over the list under a falling bar, the current weight; a destination is chosen in every
 * pass in which its weight reaches the bar.
 *
 * <p>At the end of a pass the bar falls by the weights' greatest common divisor, and below one it is put up to the
 * highest weight again. It outlives edits, so what is chosen depends on the order in which destinations were added.
 *
 * <p><b>Layout</b> of the mark, one long: the index chosen last (-1: the head) above, the current weight in the lower 31
 * bits.
 *
 * <p><b>Thread</b>: workers share the mark, one atomic; each choice is one successful compare-and-set. A new list starts
 * at its head with a mark of its own, as in the kernel.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_wrr.c.
 */
public final class WrrScheduler implements Scheduler {
    private static final int HEAD = -1;
    /** Bit of a mark that says: nothing was found. It is never stored. */
    private static final long NOT_FOUND = 1L << 31;

    private final Candidates candidates;
    private final int step;
    /** Where the bar starts: the highest weight, lowered so that steps end at exactly one. */
    private final int top;

    private final AtomicLong mark;

    public WrrScheduler() {
        this(Candidates.EMPTY, 0);
    }

    private WrrScheduler(Candidates candidates, int formerWeight) {
        this.candidates = candidates;
        this.step = Math.max(1, WeightedTurns.gcd(candidates.weights()));
        this.top = WeightedTurns.max(candidates.weights()) - (step - 1);
        this.mark = new AtomicLong(mark(HEAD, carryOver(formerWeight)));
    }

    /** The current weight after an edit: kept, but brought to a value that steps from the top would meet. */
    private int carryOver(int formerWeight) {
        if (formerWeight == 0 || formerWeight > top) {
            return top;
        }
        return step > 1 ? formerWeight / step * step + 1 : formerWeight;
    }

    @Override
    public String name() {
        return "wrr";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new WrrScheduler(Candidates.sharing(destinations), currentWeight(mark.get()));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        if (top == 0) {
            return NONE;
        }
        while (true) {
            final long before = mark.get();
            final long after = advance(index(before), currentWeight(before), load);
            if (mark.compareAndSet(before, after & ~NOT_FOUND)) {
                return (after & NOT_FOUND) != 0 ? NONE : index(after);
            }
        }
    }

    /** The mark after the next choice. All end: a full round of the bar has then looked at every destination. */
    private long advance(int last, int weightNow, DestinationLoad load) {
        int weight = weightNow;
        int start = last;
        int stop = HEAD;
        boolean restarted = false;
        boolean lastPass = false;
        while (true) {
            int heaviest = 0;
            for (int i = start + 1; i < candidates.size(); i++) {
                final int own = candidates.isOverloaded(i, load) ? 0 : candidates.weight(i);
                if (own >= weight) {
                    return mark(i, weight);
                }
                if (i == stop) {
                    return mark(i, weight) | NOT_FOUND;
                }
                heaviest = Math.max(heaviest, own);
            }
            weight -= step;
            if (weight <= 0) {
                weight = top;
                if (lastPass || last == HEAD) {
                    return mark(HEAD, weight) | NOT_FOUND;
                }
                restarted = true;
            } else if (start == HEAD) {
                weight -= fruitless(weight, heaviest) * step;
            }
            start = HEAD;
            lastPass = weight <= step;
            if (lastPass && restarted) {
                stop = last;
            }
        }
    }

    /**
     * How many passes would find nothing, as all weights are below the bar. The kernel walks them all; with a weight of
     * 2^31 - 1 overloaded that would stop the worker for seconds. The last pass of a round is always left.
     */
    private int fruitless(int weight, int heaviest) {
        final int untilLast = (weight - 1) / step;
        return heaviest >= weight ? 0 : Math.min(untilLast, (int) (((long) weight - heaviest + step - 1) / step));
    }

    private static long mark(int index, int weight) {
        return (long) index << 32 | weight;
    }

    private static int index(long mark) {
        return (int) (mark >> 32);
    }

    private static int currentWeight(long mark) {
        return (int) mark;
    }
}
