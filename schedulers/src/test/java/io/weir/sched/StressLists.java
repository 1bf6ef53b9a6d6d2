package io.weir.sched;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import java.util.ArrayList;
import java.util.List;

/** Lists of servers for the stress tests. */
final class StressLists {
    private StressLists() {}

    /** Servers of these weights in slots 0, 1, 2...: the last one is first. */
    static List<Destination> of(int... weights) {
        final List<Destination> all = new ArrayList<>();
        for (int slot = 0; slot < weights.length; slot++) {
            final IpAddress address = new IpAddress(0, IpAddress.v4(0x0A14_000B + slot));
            all.add(0, new Destination(slot, address, 80, weights[slot], 3, 0, 0, Destination.Tunnel.IPIP));
        }
        return all;
    }

    static List<Destination> without(int slot, int... weights) {
        return of(weights).stream().filter(each -> each.slot() != slot).toList();
    }

    static Scheduler scheduler(Scheduler empty, int... weights) {
        return empty.withDestinations(of(weights), 0);
    }

    /** The slot at an index of a list of slots. */
    static int slotOf(int index, int... list) {
        return index == Scheduler.NONE ? Scheduler.NONE : list[index];
    }
}
