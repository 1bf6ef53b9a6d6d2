package io.weir.dataplane.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourState;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class NeighbourMessagesTest {
    private static final long MAC = 0x020000000101L;
    private static final long PEER_MAC = 0x0200000001FEL;
    private static final IpAddress VIP = IpAddress.parse("203.0.113.1");
    private static final IpAddress PEER = IpAddress.parse("10.10.0.254");
    private static final IpAddress VIP6 = IpAddress.parse("2001:db8:f::1");
    private static final IpAddress PEER6 = IpAddress.parse("fd00:10::fe");

    private final LocalAddresses local = LocalAddresses.of(List.of(VIP, VIP6), List.<InterfaceInfo.Prefix>of());
    private final NeighbourTable neighbours = new NeighbourTable();
    private final ArpResponder arp = new ArpResponder();
    private final NeighbourDiscovery discovery = new NeighbourDiscovery();
    private final UnsafeBuffer in = new UnsafeBuffer(new byte[128]);
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[128]);

    private int arp(boolean unicast) {
        return arp.receive(in, 0, 46, unicast, 0, MAC, local, neighbours, out, 0, 0);
    }

    private String hex(int length) {
        final byte[] bytes = new byte[length];
        out.getBytes(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void shouldAnswerAnArpRequestForAVipAndLearnItsSender() {
        ArpResponder.writeRequest(in, 0, PEER_MAC, PEER.lo(), VIP.lo());
        assertEquals("0001080006040002020000000101cb0071010200000001fe0a0a00fe", hex(arp(false)));
        assertEquals(PEER_MAC, arp.destinationMac());
        assertEquals(PEER_MAC, neighbours.resolve(0, 0, PEER.lo(), 1));
    }

    @Test
    void shouldAnswerAnArpProbeWithoutLearning() {
        ArpResponder.writeRequest(in, 0, PEER_MAC, IpAddress.ANY4.lo(), VIP.lo());
        assertEquals(ArpResponder.ARP_BYTES, arp(false));
        assertEquals(0, neighbours.size());
    }

    @Test
    void shouldNotAnswerForOthersNorToOneWhoClaimsOurAddress() {
        ArpResponder.writeRequest(
                in, 0, PEER_MAC, PEER.lo(), IpAddress.parse("10.10.0.9").lo());
        assertEquals(0, arp(false));
        ArpResponder.writeAnnouncement(in, 0, PEER_MAC, VIP.lo());
        assertEquals(0, arp(false));
        assertEquals(0, neighbours.size());
        in.putByte(1, (byte) 6);
        assertEquals(0, arp(false));
    }

    @Test
    void shouldTakeAnArpReplyAsAnAnswer() {
        neighbours.resolve(0, 0, PEER.lo(), 0);
        ArpResponder.writeRequest(
                in, 0, PEER_MAC, PEER.lo(), IpAddress.parse("10.10.0.1").lo());
        in.putByte(7, (byte) 2);
        assertEquals(0, arp(true));
        assertEquals(NeighbourState.REACHABLE, neighbours.stateOf(0, 0, PEER.lo()));
    }

    private ParsedPacket parsed(int length) {
        final ParsedPacket packet = new ParsedPacket();
        assertEquals(ParseStatus.OK, new PacketParser().parse(in, 0, length, false, packet));
        return packet;
    }

    private int solicit(boolean unicast, IpAddress from, IpAddress target) {
        final int length = NeighbourDiscovery.writeSolicitation(
                in, 0, PEER_MAC, from.hi(), from.lo(), target.hi(), target.lo(), unicast);
        assertEquals(72, length);
        return discovery.receive(parsed(length), 0, MAC, local, neighbours, out, 0, 0);
    }

    @Test
    void shouldAnswerAMulticastSolicitationWithOverrideAndOurMac() {
        assertEquals(72, solicit(false, PEER6, VIP6));
        // Router, Solicited, Override; then target address and target link-layer address option.
        assertEquals("e0000000" + "20010db8000f00000000000000000001" + "0201020000000101", hex(72).substring(88));
        assertEquals(
                "6000000000203aff" + "20010db8000f00000000000000000001" + "fd0000100000000000000000000000fe", hex(40));
        assertEquals(PEER_MAC, discovery.destinationMac());
        assertEquals(NeighbourState.STALE, neighbours.stateOf(0, PEER6.hi(), PEER6.lo()));
    }

    @Test
    void shouldAnswerAUnicastSolicitationWithoutOverride() {
        assertEquals(64, solicit(true, PEER6, VIP6));
        assertEquals("c0000000", hex(64).substring(88, 96));
    }

    @Test
    void shouldIgnoreSolicitationsForOthersDuplicateDetectionAndRoutedOnes() {
        assertEquals(0, solicit(false, PEER6, PEER6));
        assertEquals(0, solicit(false, new IpAddress(0, 0), VIP6));
        NeighbourDiscovery.writeSolicitation(in, 0, PEER_MAC, PEER6.hi(), PEER6.lo(), VIP6.hi(), VIP6.lo(), false);
        in.putByte(7, (byte) 254);
        assertEquals(0, discovery.receive(parsed(72), 0, MAC, local, neighbours, out, 0, 0));
        in.putByte(7, (byte) 255);
        in.putByte(42, (byte) 0x55);
        assertEquals(0, discovery.receive(parsed(72), 0, MAC, local, neighbours, out, 0, 0));
    }

    @Test
    void shouldTakeAnAdvertisementAsAnAnswer() {
        neighbours.resolve(0, PEER6.hi(), PEER6.lo(), 0);
        // The peer answers our solicitation: its advertisement is what we would write in its place.
        final LocalAddresses peer = LocalAddresses.of(List.of(PEER6), List.<InterfaceInfo.Prefix>of());
        NeighbourDiscovery.writeSolicitation(in, 0, MAC, VIP6.hi(), VIP6.lo(), PEER6.hi(), PEER6.lo(), false);
        final int length = discovery.receive(parsed(72), 0, PEER_MAC, peer, new NeighbourTable(8), out, 0, 0);
        in.putBytes(0, out, 0, length);
        assertEquals(0, discovery.receive(parsed(length), 0, MAC, local, neighbours, out, 0, 5));
        assertEquals(PEER_MAC, neighbours.resolve(0, PEER6.hi(), PEER6.lo(), 6));
        assertEquals(NeighbourState.REACHABLE, neighbours.stateOf(0, PEER6.hi(), PEER6.lo()));
    }

    @Test
    void shouldAskAtTheSolicitedNodeAddress() {
        final IpAddress target = IpAddress.parse("fd00:20::1:23:4567");
        NeighbourDiscovery.writeSolicitation(out, 0, MAC, PEER6.hi(), PEER6.lo(), target.hi(), target.lo(), false);
        assertEquals("ff0200000000000000000001ff234567", hex(40).substring(48));
        assertEquals(0x3333FF234567L, NeighbourDiscovery.solicitedNodeMac(target.lo()));
    }
}
