package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.CLIENT6;
import static io.weir.dataplane.PathFixture.LIP;
import static io.weir.dataplane.PathFixture.LIP6;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.SERVER6;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.VIP6;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static io.weir.dataplane.SyncPathTest.become;
import static io.weir.dataplane.SyncPathTest.count;
import static io.weir.dataplane.SyncPathTest.hear;
import static io.weir.dataplane.SyncPathTest.told;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.conntrack.Ticks;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncRoles;
import io.weir.packet.PacketBuilder;
import io.weir.packet.TcpFlags;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sync entry says in options: FULLNAT's local end, and shifted sequence numbers. */
final class SyncOptionsTest {
    private static final int CLIENT_SIDE = 0;
    private static final int SERVER_SIDE = 1;
    private static final int SERVER_PORT = 8080;
    private static final int CONTROL = 40_000;
    private static final int FIRST = 90_000;
    private static final String ANSWER = "227 Entering Passive Mode (10,20,0,10,200,1).\r\n";
    private static final int LONGER = 1;

    private final PathFixture master = PathFixture.fullNat().build();
    private final PathFixture backup = PathFixture.fullNat().build();

    private static byte[] client(PathFixture f, int port, int flags) {
        return f.run(fromClient().ip(CLIENT, VIP).tcp(port, 80, flags), CLIENT_SIDE)
                .get(0);
    }

    private static PacketBuilder reply(int local, int flags) {
        return fromServer().ip(SERVER, LIP).tcp(SERVER_PORT, local, flags);
    }

    /** Establishes a connection and sends one more packet, with which it is told; returns its local port. */
    private static int talk(PathFixture f, int port) {
        final int local = parsed(client(f, port, TcpFlags.SYN)).srcPort;
        f.run(reply(local, TcpFlags.SYN | TcpFlags.ACK), SERVER_SIDE);
        client(f, port, TcpFlags.ACK);
        client(f, port, TcpFlags.ACK);
        return local;
    }

    private void both() {
        become(master, true, Sysctls.DEFAULTS);
        become(backup, false, Sysctls.DEFAULTS);
    }

    private void handOver() {
        told(master).forEach(message -> hear(backup, message));
    }

    @Test
    void shouldGoOnWithTheSameLocalEndOnAnotherDirector() {
        both();
        final int local = talk(master, 40000);
        handOver();
        assertEquals(1, count(backup, SyncCounters.MADE));
        assertEquals(1, backup.load.active(0));

        assertArrayEquals(client(master, 40000, TcpFlags.ACK), client(backup, 40000, TcpFlags.ACK));
        assertArrayEquals(
                master.run(reply(local, TcpFlags.ACK), SERVER_SIDE).get(0),
                backup.run(reply(local, TcpFlags.ACK), SERVER_SIDE).get(0));
    }

    @Test
    void shouldGoOnOverIpv6() {
        both();
        final PacketBuilder[] packets = {
            fromClient().ip(CLIENT6, VIP6).tcp(40000, 80, TcpFlags.SYN),
            fromClient().ip(CLIENT6, VIP6).tcp(40000, 80, TcpFlags.ACK)
        };
        final int local = parsed(master.run(packets[0], CLIENT_SIDE).get(0)).srcPort;
        master.run(fromServer().ip(SERVER6, LIP6).tcp(SERVER_PORT, local, TcpFlags.SYN | TcpFlags.ACK), SERVER_SIDE);
        master.run(packets[1], CLIENT_SIDE);
        final byte[] last = master.run(packets[1], CLIENT_SIDE).get(0);
        handOver();

        assertArrayEquals(last, backup.run(packets[1], CLIENT_SIDE).get(0));
        assertEquals(local, parsed(last).srcPort);
    }

    /** What the master gave away lies in one row, longer than all tries of a new connection. */
    @Test
    void shouldGiveNoLocalPortTwice() {
        both();
        final Set<Integer> given = new HashSet<>();
        for (int port = 20_000; port < 20_400; port++) {
            given.add(talk(master, port));
            handOver();
        }
        for (int port = 30_000; port < 30_100; port++) {
            given.add(parsed(client(backup, port, TcpFlags.SYN)).srcPort);
        }
        assertEquals(500, given.size());
    }

    @Test
    void shouldBelieveTheMasterAboutALocalEndThatIsTaken() {
        become(master, true, Sysctls.DEFAULTS);
        final int before = parsed(client(backup, 50_000, TcpFlags.SYN)).srcPort;
        become(backup, false, Sysctls.DEFAULTS);
        assertEquals(before, talk(master, 40_000));
        handOver();

        assertEquals(before, parsed(client(backup, 40_000, TcpFlags.ACK)).srcPort);
        backup.table.expire(Ticks.ofNanos(backup.nowNs) + 10, 1000, (t, id, tick) -> backup.parts
                .connections()
                .onExpiry(id, tick));
        assertEquals(1, backup.table.size());
    }

    @Test
    void shouldLeaveOutAConnectionFromALocalAddressThatIsNotHere() {
        final PathFixture nat = PathFixture.nat().build();
        become(master, true, Sysctls.DEFAULTS);
        talk(master, 40_000);
        final List<byte[]> messages = told(master);
        become(nat, false, Sysctls.DEFAULTS);
        nat.path.snapshot(without(nat.snapshot));
        messages.forEach(message -> hear(nat, message));
        assertEquals(0, nat.table.size());
        assertEquals(1, count(nat, SyncCounters.NO_LOCAL));
    }

    private static ConfigSnapshot without(ConfigSnapshot s) {
        return new ConfigSnapshot(
                s.epoch() + 9,
                s.services(),
                s.destinations(),
                s.routes(),
                s.interfaces(),
                s.vips(),
                s.own(),
                LocalAddresses.EMPTY,
                List.of(),
                s.timeouts(),
                s.sysctls(),
                s.marks(),
                new SyncRoles(false, true, 1));
    }

    /** A message has entries of all methods. */
    @Test
    void shouldNotTakeTheLocalEndOfTheEntryBefore() {
        final PathFixture nat = PathFixture.nat().build();
        become(nat, true, Sysctls.DEFAULTS);
        become(master, true, Sysctls.DEFAULTS);
        become(backup, false, Sysctls.DEFAULTS);
        talk(master, 40_000);
        handOver();
        nat.run(fromClient().ip(CLIENT, VIP).tcp(40_001, 80, TcpFlags.SYN), CLIENT_SIDE);
        nat.run(fromServer().ip(SERVER, CLIENT).tcp(SERVER_PORT, 40_001, TcpFlags.SYN | TcpFlags.ACK), SERVER_SIDE);
        nat.run(fromClient().ip(CLIENT, VIP).tcp(40_001, 80, TcpFlags.ACK), CLIENT_SIDE);
        nat.run(fromClient().ip(CLIENT, VIP).tcp(40_001, 80, TcpFlags.ACK), CLIENT_SIDE);
        told(nat).forEach(message -> hear(backup, message));

        assertEquals(0, count(backup, SyncCounters.NO_LOCAL));
        backup.table.expire(Ticks.ofNanos(backup.nowNs) + 10, 1000, (t, id, tick) -> 0);
        assertEquals(2, backup.table.size());
        assertArrayEquals(client(master, 40_000, TcpFlags.ACK), client(backup, 40_000, TcpFlags.ACK));
    }

    @Test
    void shouldSayNothingOfFullNatInVersion0() {
        become(master, true, Sysctls.DEFAULTS.with("sync_version", 0));
        talk(master, 40_000);
        assertEquals(List.of(), told(master));
    }

    private static byte[] ftpClient(PathFixture f, int flags, int acknowledged, String text) {
        return f.run(
                        fromClient()
                                .ip(CLIENT, VIP)
                                .tcp(CONTROL, 21, flags)
                                .seq(1001)
                                .ack(acknowledged)
                                .payload(text),
                        CLIENT_SIDE)
                .get(0);
    }

    private static byte[] ftpServer(PathFixture f, int flags, int sequence, String text) {
        return f.run(
                        fromServer()
                                .ip(SERVER, CLIENT)
                                .tcp(SERVER_PORT, CONTROL, flags)
                                .seq(sequence)
                                .ack(1001)
                                .payload(text),
                        SERVER_SIDE)
                .get(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldShiftSequenceNumbersOnAnotherDirectorToo(int version) {
        final Sysctls sysctls = Sysctls.DEFAULTS.with("sync_version", version);
        final PathFixture one = PathFixture.nat().virtualPort(21).build();
        final PathFixture other = PathFixture.nat().virtualPort(21).build();
        become(one, true, sysctls);
        become(other, false, sysctls);
        ftpClient(one, TcpFlags.SYN, 0, "");
        ftpServer(one, TcpFlags.SYN | TcpFlags.ACK, FIRST - 1, "");
        ftpClient(one, TcpFlags.ACK, FIRST, "");
        ftpClient(one, TcpFlags.ACK, FIRST, "PASV\r\n");
        told(one).forEach(message -> hear(other, message));
        ftpServer(one, TcpFlags.ACK, FIRST, ANSWER);
        // Told with the next packet of the client, whatever its number.
        ftpClient(one, TcpFlags.ACK, FIRST + ANSWER.length() + LONGER, "");
        told(one).forEach(message -> hear(other, message));
        assertEquals(0, count(other, SyncCounters.NO_SEQUENCE));

        for (final int sequence : new int[] {FIRST, FIRST + ANSWER.length(), FIRST + 500}) {
            assertArrayEquals(
                    ftpServer(one, TcpFlags.ACK, sequence, "150 ok\r\n"),
                    ftpServer(other, TcpFlags.ACK, sequence, "150 ok\r\n"));
            assertArrayEquals(
                    ftpClient(one, TcpFlags.ACK, sequence + LONGER, ""),
                    ftpClient(other, TcpFlags.ACK, sequence + LONGER, ""));
        }
    }

    @Test
    void shouldShiftTheClientsSequenceNumbersToo() {
        final PathFixture one = PathFixture.fullNat().virtualPort(21).build();
        final PathFixture other = PathFixture.fullNat().virtualPort(21).build();
        become(one, true, Sysctls.DEFAULTS);
        become(other, false, Sysctls.DEFAULTS);
        final int local = parsed(ftpClient(one, TcpFlags.SYN, 0, "")).srcPort;
        one.run(reply(local, TcpFlags.SYN | TcpFlags.ACK).seq(FIRST - 1).ack(1001), SERVER_SIDE);
        ftpClient(one, TcpFlags.ACK, FIRST, "");
        ftpClient(one, TcpFlags.ACK, FIRST, "PORT 198,51,100,7,200,9\r\n");
        ftpClient(one, TcpFlags.ACK, FIRST, "");
        told(one).forEach(message -> hear(other, message));
        assertEquals(0, count(other, SyncCounters.NO_SEQUENCE));

        for (final int number : new int[] {1001, 1026, 2000}) {
            final PacketBuilder client = fromClient()
                    .ip(CLIENT, VIP)
                    .tcp(CONTROL, 21, TcpFlags.ACK)
                    .seq(number)
                    .ack(FIRST)
                    .payload("NOOP\r\n");
            assertArrayEquals(
                    one.run(client, CLIENT_SIDE).get(0),
                    other.run(client, CLIENT_SIDE).get(0));
            final PacketBuilder server = reply(local, TcpFlags.ACK).seq(FIRST).ack(number);
            assertArrayEquals(
                    one.run(server, SERVER_SIDE).get(0),
                    other.run(server, SERVER_SIDE).get(0));
        }
    }
}
