package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weighted random: each connection is drawn by lot, in proportion to the weights.
 *
 * <p>A drawn destination that is overloaded is drawn again, up to {@value #DRAWS} times; then the next usable one in the
 * list is taken. There are no ties.
 *
 * <p><b>Cost</b>: one draw, whatever the number of destinations.
 *
 * <p><b>Thread</b>: workers share one atomic, the state of the random generator, see {@link WeightedDraw}.
 *
 * <p><b>Source</b>: {@code balance random} of HAProxy and {@code random} of nginx draw so, too.
 */
public final class RandomScheduler implements Scheduler {
    private static final int DRAWS = 8;

    private final Candidates candidates;
    private final AtomicLong random;
    private final WeightedDraw lots;

    public RandomScheduler(SchedulerOptions options) {
        this(Candidates.EMPTY, new AtomicLong(options.seed()));
    }

    private RandomScheduler(Candidates candidates, AtomicLong random) {
        this.candidates = candidates;
        this.random = random;
        this.lots = new WeightedDraw(candidates.weights(), random);
    }

    @Override
    public String name() {
        return "random";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new RandomScheduler(Candidates.sharing(destinations), random);
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        int index = lots.draw();
        if (index == WeightedDraw.NONE) {
            return NONE;
        }
        for (int i = 1; i < DRAWS && !candidates.isUsable(index, load); i++) {
            index = lots.draw();
        }
        return candidates.usableFrom(index, load);
    }
}
