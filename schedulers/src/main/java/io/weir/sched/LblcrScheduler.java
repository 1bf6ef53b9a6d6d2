package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Locality-based least connections with replication: a destination address has a set of real servers, of which the least
 * loaded is taken; when that one is hot, the set grows by the one wlc chooses.
 *
 * <p>If a set of several has not changed for longer than {@code lblcr_expiration} (24 hours), the most loaded of them,
 * deleted ones too, is taken out of it.
 *
 * <p><b>Thread</b>: any; the sets, and how long they last, are in one {@link AddressMemory}, which successive instances
 * share.
 *
 * <p><b>Not here</b>: the kernel knows no limit for a set; here it keeps its newest {@value #SET_SIZE}.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_lblcr.c.
 */
public final class LblcrScheduler implements Scheduler {
    private static final int SET_SIZE = 16;

    private final Candidates candidates;
    /** Deleted ones, which may still be members. */
    private final Candidates departed;

    private final AddressMemory memory;

    public LblcrScheduler() {
        this(Candidates.EMPTY, Candidates.EMPTY, new AddressMemory(SET_SIZE));
    }

    private LblcrScheduler(Candidates candidates, Candidates departed, AddressMemory memory) {
        this.candidates = candidates;
        this.departed = departed;
        this.memory = memory;
    }

    @Override
    public String name() {
        return "lblcr";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        final Candidates gone = new Candidates(memory.meet(destinations));
        return new LblcrScheduler(Candidates.counting(destinations), gone, memory);
    }

    @Override
    public void advance(long nowNs, MemoryLimits limits) {
        memory.advance(nowNs, limits.lblcrNs());
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        final int entry = memory.find(flow.writtenHi(), flow.writtenLo());
        if (entry != NONE) {
            memory.touch(entry, flow.nowNs);
            final int version = memory.version(entry);
            final int remembered = leastOfSet(entry, load);
            if (memory.isUnchanged(entry, version, flow.writtenHi(), flow.writtenLo())) {
                if (memory.isStale(entry, flow.nowNs) && memory.member(entry, 1) != NONE) {
                    memory.remove(entry, version, mostOfSet(entry, load), flow.nowNs);
                }
                if (remembered != NONE && !candidates.isHot(remembered, load)) {
                    return remembered;
                }
            }
        }
        final int index = candidates.leastLoaded(load);
        if (index != NONE) {
            memory.add(flow.writtenHi(), flow.writtenLo(), candidates.slot(index), flow.nowNs);
        }
        return index;
    }

    /** Index of the usable member with the least overhead per weight, the newest on ties. */
    private int leastOfSet(int entry, DestinationLoad load) {
        int least = NONE;
        for (int i = 0; i < SET_SIZE; i++) {
            final int slot = memory.member(entry, i);
            final int index = slot == NONE ? NONE : candidates.indexOfSlot(slot);
            if (index != NONE && candidates.isUsable(index, load)) {
                least = least == NONE ? index : candidates.lighter(least, index, load);
            }
        }
        return least;
    }

    /** Slot of the member with a weight that has the most overhead per weight, the newest on ties; NONE if none has one. */
    private int mostOfSet(int entry, DestinationLoad load) {
        int most = NONE;
        long mostOverhead = 0;
        long mostWeight = 0;
        for (int i = 0; i < SET_SIZE; i++) {
            final int slot = memory.member(entry, i);
            final boolean here = slot != NONE && candidates.indexOfSlot(slot) != NONE;
            final Candidates list = here ? candidates : departed;
            final int index = slot == NONE ? NONE : list.indexOfSlot(slot);
            if (index != NONE && list.weight(index) > 0) {
                final long overhead = list.overhead(index, load);
                if (most == NONE || mostOverhead * list.weight(index) < overhead * mostWeight) {
                    most = slot;
                    mostOverhead = overhead;
                    mostWeight = list.weight(index);
                }
            }
        }
        return most;
    }
}
