package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Shortest expected delay: the usable destination with the least (active + 1) / weight; the first on ties.
 *
 * <p>Unlike wlc it counts the connection to come, so a light destination is spared while a heavy one is idle.
 *
 * <p><b>Thread</b>: any; no state but the loads it reads.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_sed.c.
 */
public final class SedScheduler implements Scheduler {
    private final Candidates candidates;

    public SedScheduler() {
        this(Candidates.EMPTY);
    }

    private SedScheduler(Candidates candidates) {
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return "sed";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new SedScheduler(Candidates.sharing(destinations));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        return candidates.shortestDelay(load);
    }
}
