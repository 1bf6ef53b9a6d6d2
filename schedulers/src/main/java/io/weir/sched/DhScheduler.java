package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Destination hashing: the packet's destination address picks one of 256 buckets, which the destinations take in turn,
 * whatever their weight.
 *
 * <p>With an ordinary service that address is always the VIP, so one destination gets all; dh is for firewall-mark
 * services in front of transparent caches. A bucket's destination that is not usable refuses; there is no fallback.
 *
 * <p><b>Thread</b>: any; the buckets never change. They depend on the list's order only, so an edited weight leaves them.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_dh.c.
 */
public final class DhScheduler implements Scheduler {
    private static final int BITS = 8;

    private final Candidates candidates;

    public DhScheduler() {
        this(Candidates.EMPTY);
    }

    private DhScheduler(Candidates candidates) {
        this.candidates = candidates;
    }

    @Override
    public String name() {
        return "dh";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new DhScheduler(new Candidates(destinations));
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        if (candidates.size() == 0) {
            return NONE;
        }
        final int bucket = FlowKeys.hash32(FlowKeys.fold(flow.writtenHi(), flow.writtenLo()), BITS);
        // Taking turns, bucket b falls to destination b modulo their number: the table need not exist.
        final int index = bucket % candidates.size();
        return candidates.isUsable(index, load) ? index : NONE;
    }
}
