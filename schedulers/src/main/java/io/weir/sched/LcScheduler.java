package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Least connections: the usable destination with the least overhead, whatever its weight; the first on ties.
 *
 * <p><b>Units</b>: overhead is 256 times the active connections plus the inactive ones.
 *
 * <p><b>Thread</b>: any; no state but the loads it reads.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_lc.c.
 */
public final class LcScheduler implements Scheduler {
    private final Candidates candidates;

    public LcScheduler() {
        this(Candidates.EMPTY);
    }

    private LcScheduler(Candidates candidates) {
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return "lc";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new LcScheduler(new Candidates(destinations));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        int least = NONE;
        long leastOverhead = Long.MAX_VALUE;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.isUsable(i, load)) {
                final long overhead = candidates.overhead(i, load);
                if (overhead < leastOverhead) {
                    least = i;
                    leastOverhead = overhead;
                }
            }
        }
        return least;
    }
}
