package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Never queue: the first usable destination without an active connection, at once; if all have some, as sed.
 *
 * <p><b>Thread</b>: any; no state but the loads it reads.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_nq.c.
 */
public final class NqScheduler implements Scheduler {
    private final Candidates candidates;

    public NqScheduler() {
        this(Candidates.EMPTY);
    }

    private NqScheduler(Candidates candidates) {
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return "nq";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new NqScheduler(Candidates.sharing(destinations));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.isUsable(i, load) && candidates.active(i, load) == 0) {
                return i;
            }
        }
        return candidates.shortestDelay(load);
    }
}
