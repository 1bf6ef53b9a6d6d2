package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.packet.TcpFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefenceTest {
    private static final int CAPACITY = 4096;
    private static final long SECOND = 1_000_000_000L;

    private static PathFixture.Builder small() {
        return PathFixture.nat().table(ConnectionTable.create(CAPACITY, 7, CAPACITY));
    }

    /** A SYN of one of many addresses; true if it was forwarded. */
    private static boolean syn(PathFixture f, int n) {
        final String spoofed = "192.0." + (n >> 8 & 255) + "." + (n & 255);
        return !f.run(fromClient().ip(spoofed, VIP).tcp(1024 + (n >> 16), 80, TcpFlags.SYN), 0)
                .isEmpty();
    }

    private static void second(PathFixture f) {
        f.nowNs += SECOND;
        f.parts.defence().work(f.parts.connections(), Ticks.ofNanos(f.nowNs), Integer.MAX_VALUE);
    }

    private static void establish(PathFixture f) {
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        f.run(fromServer().ip(SERVER, CLIENT).tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK), 1);
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.ACK), 0);
    }

    /** Does the established connection still pass, both ways? */
    private static boolean passes(PathFixture f) {
        return f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.ACK), 0)
                                .size()
                        == 1
                && f.run(fromServer().ip(SERVER, CLIENT).tcp(8080, 40000, TcpFlags.ACK), 1)
                                .size()
                        == 1;
    }

    @Test
    void shouldKeepEstablishedConnectionsAndAdmitNewOnesDuringSynFlood() {
        final PathFixture f = small().sysctl("drop_entry", 1)
                .sysctl("drop_packet", 1)
                .sysctl("secure_tcp", 1)
                .build();
        establish(f);
        int late = 0;
        for (int second = 0; second < 120; second++) {
            for (int i = 0; i < 500; i++) {
                late += syn(f, second * 500 + i) && second >= 60 ? 1 : 0;
            }
            assertTrue(passes(f), "second " + second);
            second(f);
        }
        assertTrue(f.table.size() < CAPACITY, "entries are dropped faster than the table fills");
        assertTrue(late > 0, "new connections still come in");
        assertTrue(f.parts.counters().dropped(DropReason.DEFENCE) > 0);
        assertTrue(f.parts.counters().get(PathCounters.SACRIFICED) > 0);
        assertEquals(2, f.parts.defence().mode("drop_entry"));
    }

    @Test
    void shouldFillUpWithoutDefenceAndStillPassWhatIsEstablished() {
        final PathFixture f = small().build();
        establish(f);
        for (int i = 0; i < 2 * CAPACITY; i++) {
            syn(f, i);
        }
        second(f);
        assertEquals(CAPACITY, f.table.size());
        assertTrue(f.parts.counters().dropped(DropReason.TABLE_FULL) > 0);
        assertTrue(passes(f));
    }

    @Test
    void shouldDropEveryTenthNewConnectionInModeThree() {
        final PathFixture f = small().sysctl("drop_packet", 3).build();
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            refused += syn(f, i) ? 0 : 1;
        }
        assertEquals(100, refused);
    }

    @ParameterizedTest
    @CsvSource({"0,0,0", "1,0,1", "1,1,2", "2,0,1", "2,1,2", "3,0,3", "3,1,3"})
    void shouldFlipAutomaticModesByFreeRecords(int mode, int scarce, int shown) {
        final PathFixture f =
                small().sysctl("drop_entry", mode).sysctl("secure_tcp", mode).build();
        for (int i = 0; i < (scarce != 0 ? CAPACITY - 100 : 100); i++) {
            syn(f, i);
        }
        second(f);
        assertEquals(shown, f.parts.defence().mode("drop_entry"));
        assertEquals(shown, f.parts.defence().mode("secure_tcp"));
        assertEquals(shown >= 2, f.parts.defence().secureTcp());
    }

    @Test
    void shouldSpareWhatProvedItself() {
        final PathFixture f = small().sysctl("drop_entry", 3).build();
        establish(f);
        final int id = f.batch.connection[0];
        for (int i = 0; i < 200; i++) {
            second(f);
        }
        assertTrue(f.table.inUse(id) == false, "one packet in a minute, then silence: dropped");
        establish(f);
        for (int i = 0; i < 20; i++) {
            assertTrue(passes(f));
        }
        final int busy = f.batch.connection[0];
        for (int i = 0; i < 400; i++) {
            second(f);
        }
        assertTrue(f.table.inUse(busy), "more than eight packets: spared");
        assertEquals(TcpState.ESTABLISHED, f.table.state(busy));
    }
}
