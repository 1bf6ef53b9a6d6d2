package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Weighted fail-over: always the usable destination with the highest weight; the first on ties.
 *
 * <p><b>Thread</b>: any; no state but the marks it reads.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_fo.c.
 */
public final class FoScheduler implements Scheduler {
    private final Candidates candidates;

    public FoScheduler() {
        this(Candidates.EMPTY);
    }

    private FoScheduler(Candidates candidates) {
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return "fo";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new FoScheduler(new Candidates(destinations));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        int heaviest = NONE;
        int highest = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.weight(i) > highest && !candidates.isOverloaded(i, load)) {
                heaviest = i;
                highest = candidates.weight(i);
            }
        }
        return heaviest;
    }
}
