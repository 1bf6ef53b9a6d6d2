package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.CLIENT6;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.VIP6;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncHeader;
import io.weir.dataplane.sync.SyncLink;
import io.weir.dataplane.sync.SyncMessages;
import io.weir.dataplane.sync.SyncRoles;
import io.weir.packet.TcpFlags;
import io.weir.service.DestinationTable;
import io.weir.service.ServiceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A master's packets, and what a backup makes of the messages they cause. */
final class SyncPathTest {
    private static final int SYNCID = 7;

    private final PathFixture master = PathFixture.nat().build();
    private final PathFixture backup = PathFixture.nat().build();

    private static ConfigSnapshot with(ConfigSnapshot s, Sysctls sysctls, SyncRoles roles, boolean services) {
        return new ConfigSnapshot(
                s.epoch() + 1,
                services ? s.services() : ServiceTable.EMPTY,
                services ? s.destinations() : DestinationTable.EMPTY,
                s.routes(),
                s.interfaces(),
                s.vips(),
                s.own(),
                s.localAddressSet(),
                s.localAddresses(),
                s.timeouts(),
                sysctls,
                s.marks(),
                roles);
    }

    static void become(PathFixture f, boolean isMaster, Sysctls sysctls) {
        f.path.snapshot(with(f.snapshot, sysctls, new SyncRoles(isMaster, !isMaster, 1), true));
    }

    static List<byte[]> told(PathFixture f) {
        final SyncLink link = f.parts.sync().link();
        final int now = Ticks.ofNanos(f.nowNs);
        final SyncMessages messages = new SyncMessages(SYNCID, 1472, 1, link.counters(), now);
        link.outbox().read((type, buffer, at, length) -> messages.add(type, buffer, at, length, now));
        final List<byte[]> sent = new ArrayList<>();
        messages.run(now + 1000, (port, buffer, length) -> {
            final byte[] bytes = new byte[length];
            buffer.getBytes(0, bytes);
            sent.add(bytes);
            return true;
        });
        return sent;
    }

    private static int entries(PathFixture f) {
        return told(f).stream().mapToInt(m -> m[4] & 0xFF).sum();
    }

    static void hear(PathFixture f, byte[] message) {
        final SyncLink link = f.parts.sync().link();
        final UnsafeBuffer buffer = new UnsafeBuffer(message);
        if (SyncHeader.accepts(buffer, 0, message.length, SYNCID, link.counters())) {
            link.offer(buffer, 0, message.length);
        }
        f.parts.sync().work(Ticks.ofNanos(f.nowNs));
    }

    static long count(PathFixture f, int counter) {
        return f.parts.sync().link().counters().get(counter);
    }

    private static List<byte[]> client(PathFixture f, int flags) {
        return f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, flags), 0);
    }

    private static void established(PathFixture f) {
        client(f, TcpFlags.SYN);
        f.run(fromServer().ip(SERVER, CLIENT).tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK), 1);
        client(f, TcpFlags.ACK);
    }

    private static int connection(PathFixture f) {
        for (int id = 0; id < f.table.highWater(); id++) {
            if (f.table.inUse(id)) {
                return id;
            }
        }
        return ConnectionTable.NONE;
    }

    @Test
    void shouldTellAConnectionAtItsThirdPacketAndThenEveryFiftieth() {
        become(master, true, Sysctls.DEFAULTS);
        established(master);
        assertEquals(0, entries(master));
        client(master, TcpFlags.ACK);
        assertEquals(1, entries(master));
        for (int i = 4; i < 53; i++) {
            client(master, TcpFlags.ACK);
        }
        assertEquals(0, entries(master));
        client(master, TcpFlags.ACK);
        assertEquals(1, entries(master));
    }

    @Test
    void shouldTellEachStepTowardsTheEndAtTheNextPacketOfTheClient() {
        become(master, true, Sysctls.DEFAULTS);
        established(master);
        client(master, TcpFlags.FIN | TcpFlags.ACK);
        assertEquals(1, entries(master));
        master.run(fromServer().ip(SERVER, CLIENT).tcp(8080, 40000, TcpFlags.FIN | TcpFlags.ACK), 1);
        assertEquals(0, entries(master));
        client(master, TcpFlags.ACK);
        assertEquals(1, entries(master));
        client(master, TcpFlags.ACK);
        assertEquals(0, entries(master));
    }

    @Test
    void shouldTellNothingWithoutAMasterDaemon() {
        established(master);
        client(master, TcpFlags.FIN);
        assertEquals(0, master.parts.sync().link().outbox().size());
        assertEquals(0, master.table.packets(connection(master)));
    }

    @Test
    void shouldTellStateChangesOnlyIfThresholdAndPeriodAreZero() {
        become(master, true, Sysctls.DEFAULTS.with("sync_threshold", "0 0"));
        established(master);
        client(master, TcpFlags.ACK);
        assertEquals(0, entries(master));
        client(master, TcpFlags.RST);
        assertEquals(1, entries(master));
    }

    @Test
    void shouldTellAgainWhenTheDeadlineGrewOldAndAsOftenAsRetriesSay() {
        become(
                master,
                true,
                Sysctls.DEFAULTS
                        .with("sync_threshold", "0 0")
                        .with("sync_refresh_period", 80)
                        .with("sync_retries", 1));
        established(master);
        assertEquals(1, entries(master));
        master.nowNs += 9_000_000_000L;
        client(master, TcpFlags.ACK);
        assertEquals(0, entries(master));
        master.nowNs += 1_100_000_000L;
        client(master, TcpFlags.ACK);
        assertEquals(1, entries(master));
        master.nowNs += 60_000_000_000L;
        client(master, TcpFlags.ACK);
        assertEquals(0, entries(master));
        master.nowNs += 81_000_000_000L;
        client(master, TcpFlags.ACK);
        assertEquals(1, entries(master));
    }

    @Test
    void shouldSayNothingOfIpv6InVersion0() {
        become(master, true, Sysctls.DEFAULTS.with("sync_version", 0).with("sync_threshold", "1 2"));
        master.run(fromClient().ip(CLIENT6, VIP6).tcp(40000, 80, TcpFlags.SYN), 0);
        master.run(fromClient().ip(CLIENT6, VIP6).tcp(40000, 80, TcpFlags.ACK), 0);
        master.run(fromClient().ip(CLIENT6, VIP6).tcp(40000, 80, TcpFlags.ACK), 0);
        assertEquals(0, master.parts.sync().link().outbox().size());
        client(master, TcpFlags.SYN);
        client(master, TcpFlags.RST);
        client(master, TcpFlags.ACK);
    }

    @Test
    void shouldGoOnWithAConnectionWhereTheMasterStopped() {
        become(master, true, Sysctls.DEFAULTS);
        become(backup, false, Sysctls.DEFAULTS);
        established(master);
        client(master, TcpFlags.ACK);
        told(master).forEach(message -> hear(backup, message));
        assertEquals(1, count(backup, SyncCounters.MADE));
        final int id = connection(backup);
        assertEquals(TcpState.ESTABLISHED, backup.table.state(id));
        assertTrue(backup.table.hasFlags(id, ConnectionFlags.SYNC));
        assertEquals(1, backup.load.active(0));
        assertEquals(3, backup.table.packets(id));
        assertEquals(900, Ticks.toSeconds(backup.table.expiresAt(id) - Ticks.ofNanos(backup.nowNs)));
        final List<byte[]> there = List.copyOf(client(master, TcpFlags.ACK | TcpFlags.PSH));
        assertArrayEquals(
                there.get(0), client(backup, TcpFlags.ACK | TcpFlags.PSH).get(0));
    }

    @Test
    void shouldCountAConnectionOutAgain() {
        become(master, true, Sysctls.DEFAULTS);
        become(backup, false, Sysctls.DEFAULTS);
        established(master);
        client(master, TcpFlags.ACK);
        client(master, TcpFlags.RST);
        told(master).forEach(message -> hear(backup, message));
        assertEquals(1, count(backup, SyncCounters.UPDATED));
        assertEquals(0, backup.load.active(0));
        assertEquals(1, backup.load.inactive(0));
        backup.table.expire(Ticks.ofNanos(backup.nowNs) + 1100, 1000, (t, id, tick) -> backup.parts
                .connections()
                .onExpiry(id, tick));
        assertEquals(0, backup.table.size());
        assertEquals(0, backup.load.inactive(0));
    }

    @Test
    void shouldBindAConnectionWhenItsServerComesLater() {
        become(master, true, Sysctls.DEFAULTS);
        backup.path.snapshot(with(backup.snapshot, Sysctls.DEFAULTS, new SyncRoles(false, true, 1), false));
        established(master);
        client(master, TcpFlags.ACK);
        final List<byte[]> messages = told(master);
        messages.forEach(message -> hear(backup, message));
        final int id = connection(backup);
        assertEquals(ConnectionTable.NO_DESTINATION, backup.table.destinationSlot(id));
        assertEquals(PacketBatch.TRANSMIT, verdictOf(backup));
        become(backup, false, Sysctls.DEFAULTS);
        messages.forEach(message -> hear(backup, message));
        assertEquals(0, backup.table.destinationSlot(id));
        assertEquals(1, backup.load.active(0));
    }

    private static int verdictOf(PathFixture f) {
        client(f, TcpFlags.ACK);
        return f.sent.isEmpty() ? f.verdict() : PacketBatch.TRANSMIT;
    }

    @Test
    void shouldLeaveItsServicesAloneWhileABackupThatMayNotWork() {
        become(backup, false, Sysctls.DEFAULTS.with("backup_only", 1));
        client(backup, TcpFlags.SYN);
        assertEquals(0, backup.table.size());
        become(backup, true, Sysctls.DEFAULTS.with("backup_only", 1));
        client(backup, TcpFlags.SYN);
        assertEquals(1, backup.table.size());
    }

    @Test
    void shouldRefuseOtherIdsAndWrongSizes() {
        become(backup, false, Sysctls.DEFAULTS);
        hear(backup, new byte[] {0, 8, 0, 8, 0, 1, 0, 0});
        assertEquals(1, count(backup, SyncCounters.OTHER_SYNCID));
        hear(backup, new byte[] {0, SYNCID, 0, 9, 0, 1, 0, 0});
        hear(backup, new byte[] {0, SYNCID, 0});
        assertEquals(2, count(backup, SyncCounters.BAD_HEADER));
        hear(backup, new byte[] {0, SYNCID, 0, 8, 1, 1, 0, 0});
        assertEquals(1, count(backup, SyncCounters.BAD_ENTRY));
    }

    @Test
    void shouldSurviveWhateverItIsTold() {
        become(master, true, Sysctls.DEFAULTS.with("sync_threshold", "1 2"));
        become(backup, false, Sysctls.DEFAULTS);
        for (int port = 1; port < 30; port++) {
            master.run(fromClient().ip(CLIENT, VIP).tcp(port, 80, TcpFlags.SYN), 0);
            master.run(fromClient().ip(CLIENT6, VIP6).tcp(port, 80, TcpFlags.SYN), 0);
            master.run(fromClient().ip(CLIENT, VIP).tcp(port, 80, TcpFlags.RST), 0);
            master.run(fromServer().ip(SERVER, CLIENT).tcp(8080, port, TcpFlags.ACK), 1);
            master.run(fromClient().ip(CLIENT, VIP).tcp(port, 80, TcpFlags.ACK), 0);
        }
        final List<byte[]> messages = told(master);
        assertFalse(messages.isEmpty());
        final Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            final byte[] message = messages.get(random.nextInt(messages.size())).clone();
            for (int n = random.nextInt(6); n >= 0; n--) {
                message[4 + random.nextInt(message.length - 4)] = (byte) random.nextInt();
            }
            hear(backup, message);
        }
        assertTrue(count(backup, SyncCounters.MADE) > 0);
        assertTrue(count(backup, SyncCounters.BAD_ENTRY) > 0);
        backup.table.expire(Ticks.ofNanos(backup.nowNs) + Ticks.MAX_TIMEOUT + 1, 1 << 30, (t, id, tick) -> backup.parts
                .connections()
                .onExpiry(id, tick));
        assertEquals(0, backup.table.size());
        for (int slot = 0; slot < 2; slot++) {
            assertEquals(0, backup.load.active(slot) + backup.load.inactive(slot));
        }
    }
}
