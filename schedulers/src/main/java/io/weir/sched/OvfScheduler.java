package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Weighted overflow: the heaviest usable destination until it has more active connections than its weight, then the next
 * heaviest; the first on ties, none when all are full.
 *
 * <p>A destination takes weight + 1 connections, as the count is compared before the new one is bound.
 *
 * <p><b>Thread</b>: any; no state but the loads it reads.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_ovf.c.
 */
public final class OvfScheduler implements Scheduler {
    private final Candidates candidates;

    public OvfScheduler() {
        this(Candidates.EMPTY);
    }

    private OvfScheduler(Candidates candidates) {
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return "ovf";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new OvfScheduler(Candidates.counting(destinations));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        int heaviest = NONE;
        int highest = 0;
        for (int i = 0; i < candidates.size(); i++) {
            final int weight = candidates.weight(i);
            if (weight > highest && !candidates.isOverloaded(i, load) && candidates.active(i, load) <= weight) {
                heaviest = i;
                highest = weight;
            }
        }
        return heaviest;
    }
}
