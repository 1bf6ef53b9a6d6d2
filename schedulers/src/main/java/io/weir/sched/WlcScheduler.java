package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Weighted least connections, ipvsadm's default: the usable destination with the least overhead per weight; the first on
 * ties.
 *
 * <p><b>Units</b>: overhead is 256 times the active connections plus the inactive ones.
 *
 * <p><b>Thread</b>: any; no state but the loads it reads.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_wlc.c.
 */
public final class WlcScheduler implements Scheduler {
    private final Candidates candidates;

    public WlcScheduler() {
        this(Candidates.EMPTY);
    }

    private WlcScheduler(Candidates candidates) {
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return "wlc";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new WlcScheduler(Candidates.sharing(destinations));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        return candidates.leastLoaded(load);
    }
}
