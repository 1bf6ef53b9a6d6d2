package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.SlotCounters;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AH and ESP between hosts that agreed on keys by UDP port 500. */
class IpsecFlowsTest {
    private static final byte[] SEALED = {0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9};

    private static PathFixture agreed(PathFixture.Builder how) {
        final PathFixture f = how.udp().virtualPort(500).build();
        f.run(fromClient().ip(CLIENT, VIP).udp(500, 500).payload(20), 0);
        assertEquals(1, f.table.size());
        return f;
    }

    /** An AH header says how long it is, in words of four bytes less two. */
    private static byte[] body(int protocol) {
        final byte[] body = SEALED.clone();
        if (protocol == ProtocolNumbers.AH) {
            body[0] = 4;
            body[1] = 2;
        }
        return body;
    }

    private static byte[] body(byte[] frame) {
        final ParsedPacket p = parsed(frame);
        return Arrays.copyOfRange(frame, p.l3Offset + p.l3HeaderLength, p.l3Offset + p.l3Length);
    }

    @ParameterizedTest
    @ValueSource(ints = {ProtocolNumbers.AH, ProtocolNumbers.ESP})
    void shouldFollowTheirKeyExchangeBothWays(int protocol) {
        final PathFixture f = agreed(PathFixture.nat());

        final byte[] there = f.run(
                        fromClient().ip(CLIENT, VIP).protocol(protocol).payload(body(protocol)), 0)
                .get(0);
        assertEquals(SERVER, IpAddress.format(parsed(there).dstHi, parsed(there).dstLo));
        assertArrayEquals(body(protocol), body(there));

        f.reconfigure(PathFixture.nat().udp().virtualPort(500));
        assertEquals(2, f.load.counters().get(0, SlotCounters.IN_PKTS));
        assertEquals(1, f.table.size());
    }

    @Test
    void shouldTranslateWhatTheServerSends() {
        // The server's port is what the connection has: here the virtual one.
        final PathFixture f = agreed(PathFixture.dr());
        final byte[] there = f.run(
                        fromClient()
                                .ip(CLIENT, VIP)
                                .protocol(ProtocolNumbers.ESP)
                                .payload(SEALED),
                        0)
                .get(0);
        assertArrayEquals(SEALED, body(there));
        f.run(fromServer().ip(VIP, CLIENT).protocol(ProtocolNumbers.ESP).payload(SEALED), 1);
        assertEquals(2, f.load.counters().get(0, SlotCounters.IN_PKTS));
    }

    @Test
    void shouldKeepTheConnectionAlive() {
        final PathFixture f = agreed(PathFixture.nat());
        for (int i = 0; i < 4; i++) {
            f.nowNs += TimeUnit.SECONDS.toNanos(200);
            f.table.expire(Ticks.ofNanos(f.nowNs), Integer.MAX_VALUE, (t, id, tick) -> 0);
            f.run(fromClient().ip(CLIENT, VIP).protocol(ProtocolNumbers.ESP).payload(SEALED), 0);
            assertEquals(PacketBatch.TRANSMIT, f.verdict());
        }
    }

    @Test
    void shouldBeTheHostsWithoutOne() {
        final PathFixture f = PathFixture.nat().udp().virtualPort(500).build();
        f.run(fromClient().ip(CLIENT, VIP).protocol(ProtocolNumbers.ESP).payload(SEALED), 0);
        assertEquals(0, f.table.size());
        assertEquals(ConnectionTable.NONE, f.batch.connection[0]);
        assertEquals(0, f.load.counters().get(0, SlotCounters.IN_PKTS));
    }
}
