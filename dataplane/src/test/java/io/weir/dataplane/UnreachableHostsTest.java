package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.VIP6;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.host.NeighbourDiscovery;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination.Tunnel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A next hop that never answers; the kernel's answers are in the fuzz finds "unreachable-...". */
class UnreachableHostsTest {
    private static final String SILENT = "10.20.0.99";
    /** On link at the client side. */
    private static final String NEAR = "10.10.0.77";

    private static final String NEAR6 = "fd00:10::77";

    private static final long SECOND = 1_000_000_000L;
    private static final int CLIENT_SIDE = 0;

    /** What leaves within the four seconds after a packet, without questions for neighbours. */
    private static List<ParsedPacket> later(PathFixture f) {
        final List<ParsedPacket> told = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            f.turn();
            for (final byte[] frame : f.sent) {
                if (!isQuestion(frame)) {
                    assertTrue(PathFixture.checksumHolds(frame));
                    told.add(parsed(frame));
                    assertTrue(i >= 30, "before three questions had no answer: turn=" + i);
                }
            }
            f.nowNs += SECOND / 10;
        }
        return told;
    }

    private static boolean isQuestion(byte[] frame) {
        return frame[12] == 8 && frame[13] == 6
                || (frame[12] & 0xFF) == 0x86 && parsed(frame).icmpType == NeighbourDiscovery.SOLICITATION;
    }

    private static ParsedPacket quoted(ParsedPacket error) {
        final ParsedPacket quoted = new ParsedPacket();
        final int bytes = error.l4Length - 8;
        final byte[] copy = new byte[bytes];
        Objects.requireNonNull(error.buffer).getBytes(error.l4Offset + 8, copy);
        final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
        memory.putBytes(0, copy);
        assertEquals(ParseStatus.OK, new PacketParser().parseEmbedded(memory, 0, bytes, quoted));
        return quoted;
    }

    private static void assertHostUnreachable(ParsedPacket error, String from, String to) {
        assertEquals(ProtocolNumbers.ICMP, error.protocol);
        assertEquals(3, error.icmpType);
        assertEquals(1, error.icmpCode);
        assertEquals(from, IpAddress.format(error.srcHi, error.srcLo));
        assertEquals(to, IpAddress.format(error.dstHi, error.dstLo));
    }

    private static void assertQuotes(ParsedPacket error, String from, int fromPort, String to, int toPort) {
        final ParsedPacket q = quoted(error);
        assertEquals(from, IpAddress.format(q.srcHi, q.srcLo));
        assertEquals(to, IpAddress.format(q.dstHi, q.dstLo));
        assertEquals(fromPort, q.srcPort);
        assertEquals(toPort, q.dstPort);
    }

    private static List<ParsedPacket> afterSyn(PathFixture f) {
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN), CLIENT_SIDE);
        return later(f);
    }

    @Test
    void shouldTellTheClientUnderNatInTermsOfTheVip() {
        final List<ParsedPacket> told =
                afterSyn(PathFixture.nat().server(SILENT).build());

        assertEquals(1, told.size());
        assertHostUnreachable(told.get(0), VIP, CLIENT);
        assertQuotes(told.get(0), CLIENT, 40000, VIP, 80);
    }

    @Test
    void shouldTellTheClientUnderFullNatInTermsOfTheVip() {
        final List<ParsedPacket> told =
                afterSyn(PathFixture.fullNat().server(SILENT).build());

        assertEquals(1, told.size());
        assertHostUnreachable(told.get(0), VIP, CLIENT);
        assertQuotes(told.get(0), CLIENT, 40000, VIP, 80);
    }

    @Test
    void shouldTellTheClientByTheDirectorsOwnAddressUnderDirectRouting() {
        final List<ParsedPacket> told = afterSyn(PathFixture.dr().server(SILENT).build());

        assertEquals(1, told.size());
        assertHostUnreachable(told.get(0), "10.10.0.1", CLIENT);
        assertQuotes(told.get(0), CLIENT, 40000, VIP, 80);
    }

    @Test
    void shouldTellTheClientAboutItsPacketInATunnel() {
        final List<ParsedPacket> told =
                afterSyn(PathFixture.tun(Tunnel.IPIP).server(SILENT).build());

        assertEquals(1, told.size());
        assertHostUnreachable(told.get(0), VIP, CLIENT);
        assertQuotes(told.get(0), CLIENT, 40000, VIP, 80);
    }

    @Test
    void shouldTellTheRealServerThatTheClientIsGone() {
        final PathFixture f = PathFixture.nat().build();
        f.run(fromClient().ip(NEAR, VIP).tcp(40000, 80, TcpFlags.SYN), CLIENT_SIDE);
        f.run(fromServer().ip(PathFixture.SERVER, NEAR).tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK), 1);

        final List<ParsedPacket> told = later(f);

        assertEquals(1, told.size());
        assertHostUnreachable(told.get(0), VIP, PathFixture.SERVER);
        assertQuotes(told.get(0), PathFixture.SERVER, 8080, NEAR, 40000);
    }

    @Test
    void shouldTellSixClientsAtOnceAndOneMoreEachSecond() {
        final PathFixture f = PathFixture.nat().server(SILENT).build();
        for (int i = 0; i < 20; i++) {
            f.run(fromClient().ip(CLIENT, VIP).tcp(40000 + i, 80, TcpFlags.SYN), CLIENT_SIDE);
        }

        assertEquals(6, later(f).size());
    }

    @Test
    void shouldNotTellOfTheDirectorsOwnErrors() {
        final PathFixture f = PathFixture.nat().build();
        f.run(fromClient().ip(NEAR, VIP).tcp(40000, 80, TcpFlags.SYN).ttl(1), CLIENT_SIDE);

        assertEquals(List.of(), later(f));
    }

    @Test
    void shouldAskAgainForTheNextPacket() {
        final PathFixture f = PathFixture.nat().server(SILENT).build();
        assertEquals(1, afterSyn(f).size());
        assertEquals(1, afterSyn(f).size());
    }

    @Test
    void shouldTellTheRealServerOfAnIpv6Client() {
        final PathFixture f = PathFixture.nat().build();
        f.run(fromClient().ip(NEAR6, VIP6).tcp(40000, 80, TcpFlags.SYN), CLIENT_SIDE);
        f.run(fromServer().ip(PathFixture.SERVER6, NEAR6).tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK), 1);

        final List<ParsedPacket> told = later(f);

        assertEquals(1, told.size());
        assertEquals(1, told.get(0).icmpType);
        assertEquals(3, told.get(0).icmpCode);
        assertEquals(PathFixture.SERVER6, IpAddress.format(told.get(0).dstHi, told.get(0).dstLo));
        assertQuotes(told.get(0), PathFixture.SERVER6, 8080, NEAR6, 40000);
    }
}
