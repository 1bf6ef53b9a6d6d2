package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Locality-based least connections: a destination address stays with the real server it had last, until that one is hot;
 * then it goes to the one wlc chooses.
 *
 * <p>Made for clusters of transparent caches behind a firewall mark: each cache sees the same sites again. With an
 * ordinary service there is but one destination address, the VIP, and so one server until it is hot. An overload mark
 * (thresholds) does not part an address from its server.
 *
 * <p><b>Thread</b>: any; what is remembered, and for how long, is in one {@link AddressMemory}, which successive instances
 * share.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_lblc.c.
 */
public final class LblcScheduler implements Scheduler {
    private final Candidates candidates;
    private final AddressMemory memory;

    public LblcScheduler() {
        this(Candidates.EMPTY, new AddressMemory(1));
    }

    private LblcScheduler(Candidates candidates, AddressMemory memory) {
        this.candidates = candidates;
        this.memory = memory;
    }

    @Override
    public String name() {
        return "lblc";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        memory.meet(destinations);
        return new LblcScheduler(Candidates.counting(destinations), memory);
    }

    @Override
    public void advance(long nowNs, MemoryLimits limits) {
        memory.advance(nowNs, limits.lblcNs());
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        final int remembered = remembered(flow);
        if (remembered != NONE && candidates.weight(remembered) > 0 && !candidates.isHot(remembered, load)) {
            return remembered;
        }
        final int index = candidates.leastLoaded(load);
        if (index != NONE) {
            memory.add(flow.writtenHi(), flow.writtenLo(), candidates.slot(index), flow.nowNs);
        }
        return index;
    }

    private int remembered(Flow flow) {
        final int entry = memory.find(flow.writtenHi(), flow.writtenLo());
        if (entry == NONE) {
            return NONE;
        }
        memory.touch(entry, flow.nowNs);
        final int version = memory.version(entry);
        final int slot = memory.member(entry, 0);
        return memory.isUnchanged(entry, version, flow.writtenHi(), flow.writtenLo())
                ? candidates.indexOfSlot(slot)
                : NONE;
    }
}
