package io.weir.control.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.weir.conntrack.StateTimeouts;
import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.DestinationTable;
import io.weir.service.ServiceKey;
import io.weir.service.ServiceTable;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Tables that are made from those before are the same as tables that are made from nothing. */
class PublishedTablesTest {
    private static final int SLOTS = 256;
    private static final int STEPS = 5_000;

    private final DirectorState state = new DirectorState(
            new DestinationLoad(new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES)), memory(SLOTS)),
            new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES)),
            7,
            0);
    private final Random random = new Random(11);
    private long nowNs;

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    private ServiceKey key() {
        return new ServiceKey(6, IpAddress.parse("192.0.2." + (1 + random.nextInt(6))), 80, 0, false);
    }

    private static ServiceSpec spec(ServiceKey key, String scheduler) {
        return new ServiceSpec(
                key,
                scheduler,
                0,
                ServiceSpec.FULL_NETMASK,
                false,
                0,
                null,
                false,
                SchedulerTuning.NONE,
                StateTimeouts.NONE);
    }

    private void step() {
        final ServiceKey key = key();
        final IpAddress address = IpAddress.parse("10.0.0." + (1 + random.nextInt(6)));
        final ServerSpec server = new ServerSpec(
                address, false, 80, 0, random.nextInt(4), 0, 0, Destination.Tunnel.IPIP, StateTimeouts.NONE);
        try {
            switch (random.nextInt(8)) {
                case 0 -> state.addService(spec(key, random.nextBoolean() ? "rr" : "wlc"));
                case 1 -> state.deleteService(key);
                case 2 -> state.deleteServer(key, address, false, 80);
                case 3 -> state.editServer(key, server);
                case 4 -> state.editService(spec(key, random.nextBoolean() ? "sh" : "wrr"));
                case 5 -> state.advance(nowNs += TimeUnit.SECONDS.toNanos(random.nextInt(100)));
                default -> state.addServer(key, server);
            }
        } catch (StateException e) {
            // Refused: nothing changed.
        }
    }

    @Test
    void shouldBeTheSameAsMadeFromNothing() {
        for (int i = 0; i < STEPS; i++) {
            step();
            if (random.nextBoolean()) {
                check(state.tables());
            }
        }
        state.clear();
        check(state.tables());
        assertEquals(0, state.tables().services().services().size());
    }

    private void check(DirectorState.Tables tables) {
        final List<VirtualService> services = new ArrayList<>();
        state.services().forEach(entry -> services.add(entry.publish(List.of())));
        final List<Destination> deleted =
                state.deletedServers().stream().map(DestinationEntry::value).toList();
        assertEquals(services, tables.services().services());
        final ServiceTable fresh = ServiceTable.of(services);
        for (final VirtualService service : services) {
            assertSame(fresh.exact(service.key()), tables.services().exact(service.key()));
        }
        final DestinationTable whole = DestinationTable.of(services, deleted);
        assertNotNull(tables.destinations());
        for (int slot = 0; slot < SLOTS; slot++) {
            assertSame(whole.destination(slot), tables.destinations().destination(slot), "slot " + slot);
            assertEquals(whole.serviceSlot(slot), tables.destinations().serviceSlot(slot), "slot " + slot);
        }
    }
}
