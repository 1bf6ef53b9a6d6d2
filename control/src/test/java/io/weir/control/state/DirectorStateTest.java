package io.weir.control.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.StateTimeouts;
import io.weir.control.state.StateException.Reason;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.Destination.Tunnel;
import io.weir.service.DestinationLoad;
import io.weir.service.ServiceKey;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DirectorStateTest {
    private static final int SLOTS = 16;
    private static final IpAddress A = IpAddress.parse("10.20.0.10");
    private static final IpAddress B = IpAddress.parse("10.20.0.11");
    private static final ServiceKey WEB = new ServiceKey(6, IpAddress.parse("203.0.113.1"), 80, 0, false);

    private final SlotCounters counters = new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES));
    private final SlotCounters serviceCounters = new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES));
    private final DestinationLoad load = new DestinationLoad(counters, memory(SLOTS));
    private DirectorState state;

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    @BeforeEach
    void open() throws Exception {
        state = new DirectorState(load, serviceCounters, 1, 0);
        state.surroundings(new Surroundings(List.of(new InterfaceInfo(
                0, "rs0", true, 0, 9000, List.of(new InterfaceInfo.Prefix(IpAddress.parse("10.20.0.1"), 24))))));
        state.addService(service("rr", 0));
    }

    private static ServiceSpec service(String scheduler, int persistence) {
        return new ServiceSpec(
                WEB,
                scheduler,
                persistence,
                ServiceSpec.FULL_NETMASK,
                false,
                0,
                null,
                false,
                SchedulerTuning.NONE,
                StateTimeouts.NONE);
    }

    private static ServerSpec server(IpAddress address, int weight, int upper, int lower) {
        return new ServerSpec(address, !address.isV4(), 80, 0, weight, upper, lower, Tunnel.IPIP, StateTimeouts.NONE);
    }

    private VirtualService published() {
        return state.tables().services().services().get(0);
    }

    private static void assertRefused(Reason reason, Executable command) {
        assertEquals(reason, assertThrows(StateException.class, command).reason());
    }

    @Test
    void shouldPutTheNewestServerFirst() throws Exception {
        state.addServer(WEB, server(A, 1, 0, 0));
        state.addServer(WEB, server(B, 1, 0, 0));
        assertEquals(
                List.of(B, A),
                Arrays.stream(published().destinations())
                        .map(Destination::address)
                        .toList());
        assertEquals("rr", published().scheduler().name());
    }

    @Test
    void shouldRefuseAsTheKernelDoes() throws Exception {
        state.addServer(WEB, server(A, 1, 0, 0));
        final ServiceKey other = new ServiceKey(17, WEB.address(), 80, 0, false);
        assertRefused(Reason.EXISTS, () -> state.addService(service("wrr", 0)));
        assertRefused(Reason.NO_ENTRY, () -> state.editService(service("nosuch", 0)));
        assertRefused(Reason.NO_SERVICE, () -> state.deleteService(other));
        assertRefused(Reason.NO_SERVICE, () -> state.addServer(other, server(A, 1, 0, 0)));
        assertRefused(Reason.EXISTS, () -> state.addServer(WEB, server(A, 2, 0, 0)));
        assertRefused(Reason.RANGE, () -> state.addServer(WEB, server(B, 1, 50, 100)));
        assertRefused(Reason.RANGE, () -> state.editServer(WEB, server(B, 1, 0, 100)));
        assertRefused(Reason.NO_ENTRY, () -> state.editServer(WEB, server(B, 1, 0, 0)));
        assertRefused(Reason.NO_ENTRY, () -> state.deleteServer(WEB, A, false, 81));
        assertRefused(Reason.NO_SERVICE, () -> state.stopDaemon(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "10.20.0.255", "255.255.255.255", "127.255.255.255", "224.0.0.5", "239.1.1.1"})
    void shouldRefuseAddressesThatAreNotUnicast(String address) {
        assertRefused(Reason.INVALID, () -> state.addServer(WEB, server(IpAddress.parse(address), 1, 0, 0)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.5", "10.20.0.0", "127.0.0.1", "240.0.0.1", "10.20.0.1", "::1", "fd00::1"})
    void shouldTakeAnyUnicastAddress(String address) throws Exception {
        state.addServer(WEB, server(IpAddress.parse(address), 1, 0, 0));
        assertEquals(1, published().destinations().length);
    }

    @Test
    void shouldGiveADeletedServerItsConnectionsBack() throws Exception {
        state.addServer(WEB, server(A, 1, 0, 0));
        state.addServer(WEB, server(B, 1, 0, 0));
        final int slot = published().destinations()[1].slot();
        counters.add(slot, SlotCounters.INACTIVE, 3);
        state.deleteServer(WEB, A, false, 80);
        assertFalse(state.tables().destinations().isAvailable(slot));
        state.advance(TimeUnit.HOURS.toNanos(1));
        state.addServer(WEB, server(A, 7, 0, 0));
        assertEquals(slot, published().destinations()[0].slot());
        assertEquals(7, published().destinations()[0].weight());
        assertTrue(state.tables().destinations().isAvailable(slot));
    }

    @Test
    void shouldForgetADeletedServerTwoMinutesAfterItsLastConnection() throws Exception {
        state.addServer(WEB, server(A, 1, 0, 0));
        final int slot = published().destinations()[0].slot();
        state.deleteServer(WEB, A, false, 80);
        state.addServer(WEB, server(B, 1, 0, 0));
        assertNotEquals(slot, published().destinations()[0].slot());
        state.advance(TimeUnit.SECONDS.toNanos(170));
        assertNotNull(state.tables().destinations().destination(slot));
        state.advance(TimeUnit.SECONDS.toNanos(190));
        assertNull(state.tables().destinations().destination(slot));
    }

    @Test
    void shouldCountAServerFromZeroUnderANewService() throws Exception {
        state.addServer(WEB, server(A, 1, 0, 0));
        final int slot = published().destinations()[0].slot();
        counters.add(slot, SlotCounters.CONNS, 5);
        counters.add(slot, SlotCounters.ACTIVE, 1);
        state.advance(TimeUnit.SECONDS.toNanos(2));
        assertEquals(5, conns());
        state.deleteServer(WEB, A, false, 80);
        state.addServer(WEB, server(A, 1, 0, 0));
        assertEquals(5, conns());
        state.deleteService(WEB);
        state.addService(service("rr", 0));
        state.addServer(WEB, server(A, 1, 0, 0));
        assertEquals(0, conns());
        assertEquals(slot, published().destinations()[0].slot());
    }

    private long conns() {
        return state.services().get(0).destinations().get(0).traffic().total(Traffic.CONNS);
    }

    @Test
    void shouldShowTrafficWithTheNextTickAndZeroIt() throws Exception {
        state.addServer(WEB, server(A, 1, 0, 0));
        counters.add(0, SlotCounters.CONNS, 19);
        assertEquals(0, conns());
        state.advance(TimeUnit.SECONDS.toNanos(2));
        assertEquals(19, conns());
        assertEquals(2, state.services().get(0).destinations().get(0).traffic().rate(Traffic.CONNS));
        counters.add(0, SlotCounters.CONNS, 2);
        state.zero();
        assertEquals(0, conns());
        state.advance(TimeUnit.SECONDS.toNanos(4));
        assertEquals(2, conns());
    }

    @Test
    void shouldClearAnOverloadOnlyWhenTheThresholdIsRaised() throws Exception {
        state.addServer(WEB, server(A, 1, 5, 0));
        load.setOverloaded(0, true);
        state.editServer(WEB, server(A, 1, 4, 0));
        assertTrue(load.isOverloaded(0));
        state.editServer(WEB, server(A, 1, 40, 0));
        assertFalse(load.isOverloaded(0));
    }

    @Test
    void shouldResetWhatAnEditDoesNotSay() throws Exception {
        state.editService(service("wlc", 120));
        assertEquals(120, published().persistenceSeconds());
        state.editService(service("lc", 0));
        assertEquals(0, published().persistenceSeconds());
        assertEquals("lc", published().scheduler().name());
    }

    @Test
    void shouldBoundTheLengthOfSyncMessages() throws Exception {
        state.startDaemon(daemon(true, 0));
        state.startDaemon(daemon(false, 3));
        assertEquals(1472, state.daemons().get(0).maxLength());
        assertEquals(1024, state.daemons().get(1).maxLength());
        assertRefused(Reason.EXISTS, () -> state.startDaemon(daemon(true, 0)));
        state.stopDaemon(false);
        state.startDaemon(daemon(false, 0));
        assertEquals(8972, state.daemons().get(1).maxLength());
        final IpAddress six = IpAddress.parse("fd00::1");
        assertRefused(Reason.INVALID, () -> state.addServer(WEB, server(six, 1, 0, 0)));
    }

    private static SyncDaemon daemon(boolean master, int length) {
        return new SyncDaemon(master, "rs0", 1, length, SyncDaemon.DEFAULT_GROUP, SyncDaemon.DEFAULT_PORT, 1);
    }

    @Test
    void shouldRefuseADaemonWhereFamiliesMixOrTheInterfaceIsMissing() throws Exception {
        final SyncDaemon nowhere = new SyncDaemon(true, "x0", 1, 0, SyncDaemon.DEFAULT_GROUP, 1, 1);
        assertRefused(Reason.NO_DEVICE, () -> state.startDaemon(nowhere));
        state.addServer(WEB, server(IpAddress.parse("fd00::1"), 1, 0, 0));
        assertRefused(Reason.INVALID, () -> state.startDaemon(daemon(true, 0)));
    }

    @Test
    void shouldNameLocalAddressesByPosition() throws Exception {
        state.addLocalAddress(IpAddress.parse("10.9.0.1"));
        state.addLocalAddress(WEB, IpAddress.parse("10.9.0.2"));
        assertEquals(1, published().localAddresses()[0]);
        assertRefused(Reason.EXISTS, () -> state.addLocalAddress(WEB, IpAddress.parse("10.9.0.2")));
        state.deleteLocalAddress(WEB, IpAddress.parse("10.9.0.2"));
        assertEquals(0, published().localAddresses().length);
        assertEquals(2, state.localAddresses().size());
    }

    @Test
    void shouldRunOutOfSlotsInWords() throws Exception {
        for (int i = 0; i < SLOTS; i++) {
            state.addServer(WEB, server(new IpAddress(0, A.lo() + i), 1, 0, 0));
        }
        assertRefused(Reason.NO_MEMORY, () -> state.addServer(WEB, server(IpAddress.parse("10.30.0.1"), 1, 0, 0)));
    }
}
