package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The power of two choices by measured load: two different destinations are drawn by lot, in proportion to their weights,
 * and the one takes the connection that would then have less overhead per weight; the first drawn on a tie.
 *
 * <p>Unlike the kernel's {@code twos} it never compares a destination with itself, counts the connection that is about to
 * come, and looks at two loads only, however many destinations there are. A drawn one that is overloaded is replaced by
 * the next usable one in the list.
 *
 * <p><b>Units</b>: overhead is 256 times the active connections plus the inactive ones.
 *
 * <p><b>Thread</b>: workers share one atomic, the state of the random generator, see {@link WeightedDraw}. As each worker
 * draws its own two, workers that see the same loads do not all run to the same destination.
 *
 * <p><b>Source</b>: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001; Envoy's least request
 * and nginx's {@code random two least_conn} are of this kind.
 */
public final class P2cScheduler implements Scheduler {
    private static final int DRAWS = 8;
    /** The overhead of the connection that is about to come. */
    private static final long ONE_MORE = 256;

    private final Candidates candidates;
    private final AtomicLong random;
    private final WeightedDraw lots;

    public P2cScheduler(SchedulerOptions options) {
        this(Candidates.EMPTY, new AtomicLong(options.seed()));
    }

    private P2cScheduler(Candidates candidates, AtomicLong random) {
        this.candidates = candidates;
        this.random = random;
        this.lots = new WeightedDraw(candidates.weights(), random);
    }

    @Override
    public String name() {
        return "p2c";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new P2cScheduler(Candidates.sharing(destinations), random);
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        final int lot = lots.draw();
        final int first = lot == WeightedDraw.NONE ? NONE : candidates.usableFrom(lot, load);
        if (first == NONE) {
            return NONE;
        }
        int second = first;
        for (int i = 0; i < DRAWS && second == first; i++) {
            second = lots.draw();
        }
        if (second == first || !candidates.isUsable(second, load)) {
            second = candidates.usableFrom(second + 1, load);
        }
        // NONE only if it was marked overloaded in between
        return second == NONE || !isLighter(second, first, load) ? first : second;
    }

    private boolean isLighter(int one, int other, DestinationLoad load) {
        return (candidates.overhead(one, load) + ONE_MORE) * candidates.weight(other)
                < (candidates.overhead(other, load) + ONE_MORE) * candidates.weight(one);
    }
}
