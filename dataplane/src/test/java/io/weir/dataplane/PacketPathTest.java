package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.CLIENT6;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.SERVER6;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.VIP6;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.StateTimeouts;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.conntrack.Timeouts;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination.Tunnel;
import io.weir.service.Destination.TunnelChecksum;
import io.weir.service.Destination.TunnelType;
import io.weir.service.SlotCounters;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketPathTest {
    private static String text(long hi, long lo) {
        return IpAddress.format(hi, lo);
    }

    @ParameterizedTest
    @CsvSource({CLIENT + "," + VIP + "," + SERVER, CLIENT6 + "," + VIP6 + "," + SERVER6})
    void shouldTranslateDestinationAndReplyUnderNat(String client, String vip, String server) {
        final PathFixture f = PathFixture.nat().build();
        final List<byte[]> there =
                f.run(fromClient().ip(client, vip).tcp(40000, 80, TcpFlags.SYN).mss(1460), 0);
        assertEquals(1, there.size());
        final ParsedPacket request = parsed(there.get(0));
        assertEquals(server, text(request.dstHi, request.dstLo));
        assertEquals(8080, request.dstPort);
        assertEquals(63, request.ttl);
        assertTrue(PathFixture.checksumHolds(there.get(0)));

        final byte[] back = f.run(fromServer().ip(server, client).tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK), 1)
                .get(0);
        final ParsedPacket reply = parsed(back);
        assertEquals(vip, text(reply.srcHi, reply.srcLo));
        assertEquals(80, reply.srcPort);
        assertTrue(PathFixture.checksumHolds(back));
        assertEquals(TcpState.SYN_RECV, f.table.state(f.batch.connection[0]));
    }

    @Test
    void shouldChangeOnlyMacAndTtlUnderDirectRouting() {
        final PathFixture f = PathFixture.dr().build();
        final byte[] in =
                fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN).build();
        final byte[] out = f.run(in, 0, -1, 0).get(0);
        final ParsedPacket p = parsed(out);
        assertEquals(VIP, text(p.dstHi, p.dstLo));
        assertEquals(63, p.ttl);
        assertEquals(0x0A, out[5]);
        for (int i = 34; i < in.length; i++) {
            assertEquals(in[i], out[i], "byte " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"IPIP,NONE,20,4", "GRE,NONE,24,47", "GRE,CSUM,28,47", "GUE,NONE,32,17", "GUE,CSUM,32,17"})
    void shouldPutAnOuterHeaderInFrontUnderTunnelling(
            TunnelType type, TunnelChecksum checksum, int overhead, int protocol) {
        final int port = type == TunnelType.GUE ? 6080 : 0;
        final PathFixture f = PathFixture.tun(new Tunnel(type, port, checksum)).build();
        final byte[] in = fromClient()
                .ip(CLIENT, VIP)
                .dontFragment()
                .tcp(40000, 80, TcpFlags.SYN)
                .build();
        final byte[] out = f.run(in, 0, -1, 0).get(0);
        assertEquals(in.length + overhead, out.length);
        final ParsedPacket outer = parsed(out);
        assertEquals(SERVER, text(outer.dstHi, outer.dstLo));
        assertEquals("10.20.0.1", text(outer.srcHi, outer.srcLo));
        assertEquals(protocol, outer.protocol);
        assertTrue(outer.dontFragment);
        assertEquals(63, outer.ttl);
        assertEquals(63, out[14 + overhead + 8], "the inner TTL");
    }

    @Test
    void shouldTranslateBothEndsUnderFullNatAndBringTheReplyBack() {
        final PathFixture f = PathFixture.fullNat().build();
        final byte[] there = f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN), 0)
                .get(0);
        final ParsedPacket request = parsed(there);
        assertEquals(PathFixture.LIP, text(request.srcHi, request.srcLo));
        assertEquals(SERVER, text(request.dstHi, request.dstLo));
        assertTrue(PathFixture.checksumHolds(there));
        final byte[] back = f.run(
                        fromServer()
                                .ip(SERVER, PathFixture.LIP)
                                .tcp(8080, request.srcPort, TcpFlags.SYN | TcpFlags.ACK),
                        1)
                .get(0);
        final ParsedPacket reply = parsed(back);
        assertEquals(VIP, text(reply.srcHi, reply.srcLo));
        assertEquals(CLIENT, text(reply.dstHi, reply.dstLo));
        assertEquals(40000, reply.dstPort);
        assertTrue(PathFixture.checksumHolds(back));
    }

    @ParameterizedTest
    @CsvSource({
        CLIENT + "," + VIP + "," + SERVER + "," + PathFixture.LIP + ",8",
        CLIENT6 + "," + VIP6 + "," + SERVER6 + "," + PathFixture.LIP6 + ",20"
    })
    void shouldAnnounceTheClientInTheFirstPacketsOnly(String client, String vip, String server, String lip, int bytes) {
        final PathFixture f = PathFixture.fullNat().toa().build();
        final int port = parsed(f.run(
                                fromClient()
                                        .ip(client, vip)
                                        .tcp(40000, 80, TcpFlags.SYN)
                                        .seq(1),
                                0)
                        .get(0))
                .srcPort;
        final byte[] synAck = f.run(
                        fromServer()
                                .ip(server, lip)
                                .tcp(8080, port, TcpFlags.SYN | TcpFlags.ACK)
                                .seq(1000)
                                .mss(1460),
                        1)
                .get(0);
        assertTrue(PathFixture.checksumHolds(synAck));
        final ParsedPacket s = parsed(synAck);
        final int mssAt = s.l4Offset + 22;
        assertEquals(1460 - bytes, (synAck[mssAt] & 0xFF) << 8 | synAck[mssAt + 1] & 0xFF);

        final byte[] plain = fromClient()
                .ip(client, vip)
                .tcp(40000, 80, TcpFlags.ACK)
                .ack(1001)
                .build();
        final byte[] first = f.run(plain, 0, -1, 0).get(0);
        final ParsedPacket p = parsed(first);
        assertEquals(plain.length + bytes, first.length);
        assertEquals(254, first[p.l4Offset + 20] & 0xFF);
        assertEquals(bytes, first[p.l4Offset + 21]);
        assertEquals(40000, (first[p.l4Offset + 22] & 0xFF) << 8 | first[p.l4Offset + 23] & 0xFF);
        assertTrue(PathFixture.checksumHolds(first));

        final byte[] later = f.run(
                        fromClient()
                                .ip(client, vip)
                                .tcp(40000, 80, TcpFlags.ACK)
                                .ack(2000),
                        0)
                .get(0);
        assertEquals(plain.length, later.length);
    }

    @Test
    void shouldAnswerForTheVipAsItsHostWould() {
        final PathFixture f = PathFixture.nat().build();
        final ParsedPacket echo = parsed(
                f.run(fromClient().ip(CLIENT, VIP).icmp(8, 0, 0x1234_0001).payload(56), 0)
                        .get(0));
        assertEquals(0, echo.icmpType);
        final ParsedPacket reset = parsed(f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 81, TcpFlags.SYN), 0)
                .get(0));
        assertEquals(TcpFlags.RST | TcpFlags.ACK, reset.tcpFlags);
        final ParsedPacket unreachable = parsed(
                f.run(fromClient().ip(CLIENT, VIP).udp(40000, 81).payload(8), 0).get(0));
        assertEquals(3, unreachable.icmpType);
        assertEquals(3, unreachable.icmpCode);
        final byte[] arp = f.run(
                        PathFixture.fromClient()
                                .macs(PathFixture.ROUTER, 0xFFFF_FFFF_FFFFL)
                                .arp(1, PathFixture.ROUTER, "10.10.0.254", 0, VIP),
                        0)
                .get(0);
        assertEquals(2, arp[21]);
        assertEquals(PacketBatch.CONSUMED, f.verdict());
    }

    @Test
    void shouldLeaveTheDirectorsOwnAddressesToItsKernel() {
        final PathFixture f = PathFixture.nat().build();
        assertEquals(List.of(), f.run(fromClient().ip(CLIENT, "10.10.0.1").tcp(40000, 22, TcpFlags.SYN), 0));
        assertEquals(PacketBatch.PASS, f.verdict());
    }

    @Test
    void shouldTellTheClientWhenItsPacketIsTooBigForTheTunnel() {
        final PathFixture f = PathFixture.tun(Tunnel.IPIP).build();
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        final byte[] error = f.run(
                        fromClient()
                                .ip(CLIENT, VIP)
                                .dontFragment()
                                .tcp(40000, 80, TcpFlags.ACK)
                                .payload(1460),
                        0)
                .get(0);
        final ParsedPacket p = parsed(error);
        assertEquals(ProtocolNumbers.ICMP, p.protocol);
        assertEquals(4, p.icmpCode);
        assertEquals(1480, (error[p.l4Offset + 6] & 0xFF) << 8 | error[p.l4Offset + 7] & 0xFF);
        assertEquals(1, f.parts.counters().dropped(DropReason.TOO_BIG));
    }

    @Test
    void shouldCountConnectionsAndTraffic() {
        final PathFixture f = PathFixture.nat().build();
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        assertEquals(1, f.load.active(0));
        f.run(fromServer().ip(SERVER, CLIENT).tcp(8080, 40000, TcpFlags.RST | TcpFlags.ACK), 1);
        assertEquals(0, f.load.active(0));
        assertEquals(1, f.load.inactive(0));
        assertEquals(1, f.services.get(0, SlotCounters.CONNS));
        assertEquals(40, f.services.get(0, SlotCounters.IN_BYTES));
        assertEquals(40, f.services.get(0, SlotCounters.OUT_BYTES));
        f.table.expire(1100 + f.batch.size, 1000, (t, id, tick) -> f.parts
                .connections()
                .onExpiry(id, tick));
    }

    @Test
    void shouldUseTheTimeoutsOfTheServersSlot() {
        final Timeouts own = Timeouts.DEFAULTS.with(StateTimeouts.parse("syn_recv=5,established=50"));
        final Timeouts all = Timeouts.DEFAULTS.withSlots(new Timeouts[] {own});
        final PathFixture f = PathFixture.nat().timeouts(all).build();
        for (String client : List.of(CLIENT, CLIENT6)) {
            final String vip = client.equals(CLIENT) ? VIP : VIP6;
            f.run(fromClient().ip(client, vip).tcp(40000, 80, TcpFlags.SYN), 0);
            final int id = f.batch.connection[0];
            final boolean first = f.table.destinationSlot(id) == 0;
            assertEquals(first ? 500 : 6000, f.table.expiresAt(id) - Ticks.ofNanos(f.nowNs));
            f.run(fromClient().ip(client, vip).tcp(40000, 80, TcpFlags.ACK), 0);
            assertEquals(first ? 5000 : 90_000, f.table.expiresAt(id) - Ticks.ofNanos(f.nowNs));
        }
    }

    @ParameterizedTest
    @CsvSource({CLIENT + "," + VIP + ",11,30", CLIENT6 + "," + VIP6 + ",3,60"})
    void shouldTellTheSenderOfAPacketWhoseRestDoesNotCome(String client, String vip, int type, int seconds) {
        final PathFixture f = PathFixture.nat().udp().build();
        final byte[] first = fromClient()
                .ip(client, vip)
                .fragment(0, true, 7)
                .udp(40000, 80)
                .payload("the first of two")
                .build();
        f.run(first, 0, -1, 0);
        f.nowNs += (seconds - 1) * 1_000_000_000L;
        f.parts.fragmentPath().expire(f.nowNs);
        assertEquals(0, f.parts.output().batch().size);
        f.nowNs += 1_000_000_000L;
        f.parts.fragmentPath().expire(f.nowNs);
        final PacketBatch told = f.parts.output().batch();
        assertEquals(1, told.size);
        final byte[] frame = new byte[told.length[0]];
        told.buffer[0].getBytes(told.offset[0], frame);
        final ParsedPacket error = parsed(frame);
        assertEquals(client, text(error.dstHi, error.dstLo));
        assertEquals(type, error.icmpType);
        assertEquals(1, error.icmpCode);
    }
}
