package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Locality-based least connections with replication: a destination address has a set of real servers, of which the least
 * loaded is taken; when that one is hot, the set grows by the one wlc chooses.
 *
 * <p><b>Thread</b>: any; the sets are in one {@link AddressMemory}, which successive instances share.
 *
 * <p><b>Not here</b>: the kernel takes the most loaded server out of a set that has not changed for 24 hours, and it knows
 * no limit for a set; here a set keeps its newest {@value #SET_SIZE} and does not shrink, see AddressMemory.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_lblcr.c.
 */
public final class LblcrScheduler implements Scheduler {
    private static final int SET_SIZE = 16;

    private final Candidates candidates;
    private final AddressMemory memory;

    public LblcrScheduler() {
        this(Candidates.EMPTY, new AddressMemory(SET_SIZE));
    }

    private LblcrScheduler(Candidates candidates, AddressMemory memory) {
        this.candidates = candidates;
        this.memory = memory;
    }

    @Override
    public String name() {
        return "lblcr";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        memory.meet(destinations);
        return new LblcrScheduler(Candidates.counting(destinations), memory);
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        final int remembered = leastOfSet(flow.dstHi, flow.dstLo, load);
        if (remembered != NONE && !candidates.isHot(remembered, load)) {
            return remembered;
        }
        final int index = candidates.leastLoaded(load);
        if (index != NONE) {
            memory.add(flow.dstHi, flow.dstLo, candidates.slot(index));
        }
        return index;
    }

    /** The usable member with the least overhead per weight, the newest on ties; NONE too if the set is being changed. */
    private int leastOfSet(long hi, long lo, DestinationLoad load) {
        final int entry = memory.find(hi, lo);
        if (entry == NONE) {
            return NONE;
        }
        final int version = memory.version(entry);
        int least = NONE;
        for (int i = 0; i < SET_SIZE; i++) {
            final int slot = memory.member(entry, i);
            final int index = slot == NONE ? NONE : candidates.indexOfSlot(slot);
            if (index != NONE && candidates.isUsable(index, load)) {
                least = least == NONE ? index : candidates.lighter(least, index, load);
            }
        }
        return memory.isUnchanged(entry, version, hi, lo) ? least : NONE;
    }
}
