package io.weir.sched;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.OverloadRule;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** A virtual service as the director and the kernel see it: a list, newest first, its scheduler and its loads. */
final class TestService {
    private static final int SLOTS = 64;

    private final int flags;
    private final DestinationLoad load = new DestinationLoad(
            new SlotCounters(new UnsafeBuffer(ByteBuffer.allocateDirect(SLOTS * SlotCounters.ROW_BYTES))),
            new UnsafeBuffer(ByteBuffer.allocateDirect(SLOTS)));
    private final Flow flow = new Flow();
    private List<Destination> destinations = List.of();
    private Scheduler scheduler;

    TestService(String scheduler) {
        this(scheduler, 0);
    }

    TestService(String scheduler, int flags) {
        this(scheduler, flags, SchedulerOptions.DEFAULTS);
    }

    TestService(String scheduler, int flags, SchedulerOptions options) {
        this.scheduler = Schedulers.create(scheduler, options);
        this.flags = flags;
        flow.protocol = ProtocolNumbers.TCP;
        from("198.51.100.7", 40000);
        flow.dstLo = IpAddress.parse("203.0.113.10").lo();
        flow.dstPort = 80;
    }

    /** Adds destinations in slots 0, 1, 2... with these weights: the last one is first in the list. */
    TestService add(int... weights) {
        for (int slot = 0; slot < weights.length; slot++) {
            addSlot(slot, weights[slot]);
        }
        return this;
    }

    void addSlot(int slot, int weight) {
        add(destination(slot, weight));
    }

    void add(Destination destination) {
        final List<Destination> next = new ArrayList<>(destinations);
        next.add(0, destination);
        replace(next);
    }

    void edit(int slot, int weight) {
        edit(destination(slot, weight));
    }

    void edit(Destination destination) {
        final List<Destination> next = new ArrayList<>(destinations);
        next.replaceAll(d -> d.slot() == destination.slot() ? destination.editedFrom(d) : d);
        replace(next);
    }

    void delete(int slot) {
        replace(destinations.stream().filter(d -> d.slot() != slot).toList());
    }

    private void replace(List<Destination> next) {
        destinations = next;
        scheduler = scheduler.withDestinations(next, flags);
    }

    private static Destination destination(int slot, int weight) {
        final IpAddress address = new IpAddress(0, IpAddress.v4(0x0A14_000B + slot));
        return new Destination(slot, address, 80, weight, 3, 0, 0, Destination.Tunnel.IPIP);
    }

    TestService from(String client, int port) {
        final IpAddress address = IpAddress.parse(client);
        flow.srcHi = address.hi();
        flow.srcLo = address.lo();
        flow.srcPort = port;
        return this;
    }

    /** The slot chosen for the current flow, or NONE. */
    int choose() {
        final int index = scheduler.schedule(flow, load);
        return index == Scheduler.NONE
                ? Scheduler.NONE
                : destinations.get(index).slot();
    }

    /** The slots of the next choices as letters, A for slot 0; '-' for none. */
    String choose(int count) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            final int slot = choose();
            text.append(slot == Scheduler.NONE ? '-' : (char) ('A' + slot));
        }
        return text.toString();
    }

    /** Chooses and counts an active connection in, with its effect on the overload mark. */
    int open() {
        final int slot = choose();
        if (slot != Scheduler.NONE) {
            active(slot, 1);
            if (OverloadRule.overloadsAtBind(inSlot(slot), load)) {
                load.setOverloaded(slot, true);
            }
        }
        return slot;
    }

    void active(int slot, int delta) {
        load.counters().add(slot, SlotCounters.ACTIVE, delta);
    }

    void inactive(int slot, int delta) {
        load.counters().add(slot, SlotCounters.INACTIVE, delta);
    }

    void overloaded(int slot, boolean value) {
        load.setOverloaded(slot, value);
    }

    Destination inSlot(int slot) {
        return destinations.stream().filter(d -> d.slot() == slot).findFirst().orElseThrow();
    }

    List<Destination> destinations() {
        return destinations;
    }

    boolean has(int slot) {
        return destinations.stream().anyMatch(d -> d.slot() == slot);
    }

    Flow flow() {
        return flow;
    }

    DestinationLoad load() {
        return load;
    }

    Scheduler scheduler() {
        return scheduler;
    }
}
