package io.weir.sched.contract;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.util.ArrayList;
import java.util.List;

/**
 * A virtual service as a scheduler meets it: a list of servers, newest first, that is edited one by one, and their loads.
 *
 * <p><b>Thread</b>: one.
 */
final class ContractService {
    private static final int FIRST_SERVER = 0x0A14_0001;
    private static final int FIRST_CLIENT = 0xC000_0200;
    private static final int VIP = 0xCB00_710A;
    /** Any number that spreads consecutive clients over the address space. */
    private static final int CLIENT_STRIDE = 7919;

    private final Flow flow = new Flow();
    private final DestinationLoad load;
    private final int flags;
    private List<Destination> destinations = List.of();
    private Scheduler scheduler;

    ContractService(Scheduler scheduler, int flags, int slots) {
        this.scheduler = scheduler;
        this.flags = flags;
        this.load = DestinationLoad.allocate(slots);
        flow.protocol = ProtocolNumbers.TCP;
        flow.srcPort = 40_000;
        flow.dstLo = IpAddress.v4(VIP);
        flow.dstPort = 80;
        client(0);
    }

    /** Adds servers of these weights in slots 0, 1, 2...: the last one is first in the list. */
    ContractService add(int... weights) {
        for (int slot = 0; slot < weights.length; slot++) {
            put(slot, weights[slot]);
        }
        return this;
    }

    /** Puts servers in slots 0, 1, 2... into an empty list at once. */
    ContractService fill(int... weights) {
        final List<Destination> all = new ArrayList<>();
        for (int slot = 0; slot < weights.length; slot++) {
            all.add(0, destination(slot, weights[slot]));
        }
        return replace(all);
    }

    /** Adds a server, or edits its weight if it is there. */
    void put(int slot, int weight) {
        final Destination changed = destination(slot, weight);
        final List<Destination> next = new ArrayList<>(destinations);
        if (has(slot)) {
            next.replaceAll(each -> each.slot() == slot ? changed.editedFrom(each) : each);
        } else {
            next.add(0, changed);
        }
        replace(next);
    }

    void delete(int slot) {
        replace(destinations.stream().filter(each -> each.slot() != slot).toList());
    }

    ContractService replace(List<Destination> next) {
        destinations = List.copyOf(next);
        scheduler = scheduler.withDestinations(destinations, flags);
        return this;
    }

    static Destination destination(int slot, int weight) {
        final IpAddress address = new IpAddress(0, IpAddress.v4(FIRST_SERVER + slot));
        return new Destination(slot, address, 80, weight, 3, 0, 0, Destination.Tunnel.IPIP);
    }

    private boolean has(int slot) {
        return destinations.stream().anyMatch(each -> each.slot() == slot);
    }

    /** The n-th client asks for the n-th site. */
    ContractService client(int number) {
        ask(flow, number);
        return this;
    }

    static void ask(Flow flow, int number) {
        flow.srcLo = IpAddress.v4(FIRST_CLIENT + number * CLIENT_STRIDE);
        flow.dstLo = IpAddress.v4(VIP + number);
    }

    /** The slot chosen for the current client, or NONE. */
    int choose() throws ContractException {
        final int index = scheduler.schedule(flow, load);
        if (index == Scheduler.NONE) {
            return Scheduler.NONE;
        }
        if (index < 0 || index >= destinations.size()) {
            throw new ContractException("it chose index " + index + " of a list of " + destinations.size());
        }
        return destinations.get(index).slot();
    }

    /** Chooses, and counts an active connection in. */
    int open() throws ContractException {
        final int slot = choose();
        if (slot != Scheduler.NONE) {
            load.counters().add(slot, SlotCounters.ACTIVE, 1);
        }
        return slot;
    }

    /** Ends active connections. */
    void close(int slot, int count) {
        load.counters().add(slot, SlotCounters.ACTIVE, -count);
    }

    void overloaded(int slot, boolean value) {
        load.setOverloaded(slot, value);
    }

    Scheduler scheduler() {
        return scheduler;
    }

    List<Destination> destinations() {
        return destinations;
    }

    DestinationLoad load() {
        return load;
    }

    Flow flow() {
        return flow;
    }
}
