package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketParserTest {
    private static final int ETHERNET = 14;

    private final PacketParser parser = new PacketParser();
    private final ParsedPacket p = new ParsedPacket();

    private int parse(UnsafeBuffer frame) {
        return parser.parse(frame, 0, frame.capacity(), true, p);
    }

    private static PacketBuilder v4() {
        return PacketBuilder.ethernet().ip("10.0.0.1", "10.0.0.2");
    }

    private static PacketBuilder v6() {
        return PacketBuilder.ethernet().ip("fd00::1", "fd00::2");
    }

    private static UnsafeBuffer changed(PacketBuilder builder, int at, int value) {
        final UnsafeBuffer frame = builder.buffer();
        frame.putByte(at, (byte) value);
        final Ipv4View ip = new Ipv4View().wrap(frame, ETHERNET, frame.capacity());
        if (ETHERNET + ip.headerLengthBytes() <= frame.capacity()) {
            ip.fillHeaderChecksum();
        }
        return frame;
    }

    @Test
    void shouldFillEveryFieldOfATcpPacket() {
        final UnsafeBuffer frame = v4().vlan(0x2005)
                .ttl(9)
                .tos(0x2E)
                .id(77)
                .dontFragment()
                .ipv4Options(1, 1, 1, 1)
                .tcp(40000, 80, TcpFlags.SYN)
                .mss(1460)
                .payload(3)
                .padding(4)
                .buffer();
        assertEquals(ParseStatus.OK, parse(frame));
        assertEquals(18, p.linkHeaderLength);
        assertEquals(0x2005, p.vlanTci);
        assertEquals(ProtocolNumbers.ETHERTYPE_IPV4, p.etherType);
        assertEquals(4, p.ipVersion);
        assertEquals(18, p.l3Offset);
        assertEquals(24, p.l3HeaderLength);
        assertEquals(24 + 24 + 3, p.l3Length);
        assertEquals(42, p.l4Offset);
        assertEquals(27, p.l4Length);
        assertEquals(frame.capacity(), p.frameLength);
        assertEquals(9, p.ttl);
        assertEquals(0x2E, p.tos);
        assertEquals(77, p.fragmentId);
        assertTrue(p.dontFragment);
        assertEquals(40000, p.srcPort);
        assertEquals(80, p.dstPort);
        assertEquals(TcpFlags.SYN, p.tcpFlags);
        assertEquals(24, p.tcpHeaderLength);
        assertEquals("10.0.0.1", IpAddress.format(p.srcHi, p.srcLo));
        assertEquals("10.0.0.2", IpAddress.format(p.dstHi, p.dstLo));
        assertEquals(-1, p.icmpType);
        assertEquals(-1, p.sctpChunkType);
        assertEquals(-1, p.fragmentHeaderOffset);
    }

    @Test
    void shouldTakeTheFamilyFromTheVersionWithoutALinkLayer() {
        final byte[] bare =
                PacketBuilder.bare().ip("fd00::1", "fd00::2").udp(1, 2).build();
        assertEquals(ParseStatus.OK, parser.parse(new UnsafeBuffer(bare), 0, bare.length, false, p));
        assertEquals(ProtocolNumbers.ETHERTYPE_IPV6, p.etherType);
        assertEquals(0, p.linkHeaderLength);
        bare[0] = 0x50;
        assertEquals(ParseStatus.BAD_VERSION, parser.parse(new UnsafeBuffer(bare), 0, bare.length, false, p));
        assertEquals(ParseStatus.TRUNCATED, parser.parse(new UnsafeBuffer(bare), 0, 0, false, p));
    }

    @Test
    void shouldRefuseWhatTheKernelRefuses() {
        assertEquals(ParseStatus.BAD_VERSION, parse(changed(v4().udp(1, 2), ETHERNET, 0x55)));
        assertEquals(ParseStatus.BAD_HEADER_LENGTH, parse(changed(v4().udp(1, 2), ETHERNET, 0x44)));
        assertEquals(ParseStatus.TRUNCATED, parse(changed(v4().udp(1, 2), ETHERNET, 0x4F)));
        assertEquals(ParseStatus.BAD_LENGTH, parse(changed(v4().udp(1, 2), ETHERNET + 3, 19)));
        assertEquals(ParseStatus.TRUNCATED, parse(changed(v4().udp(1, 2), ETHERNET + 3, 29)));
        assertEquals(ParseStatus.TRUNCATED, parse(changed(v6().udp(1, 2), ETHERNET + 5, 9)));
        final UnsafeBuffer checksum = v4().udp(1, 2).buffer();
        checksum.putByte(ETHERNET + 8, (byte) 1);
        assertEquals(ParseStatus.BAD_IP_CHECKSUM, parse(checksum));
        assertEquals(0, p.ipVersion);
        assertEquals(-1, p.protocol);
        assertEquals(ETHERNET, p.linkHeaderLength);
    }

    @Test
    void shouldSayNotIpForArpAndShowTheLinkLayer() {
        final UnsafeBuffer arp =
                PacketBuilder.ethernet().arp(1, 1, "10.0.0.1", 0, "10.0.0.2").buffer();
        assertEquals(ParseStatus.NOT_IP, parse(arp));
        assertEquals(ProtocolNumbers.ETHERTYPE_ARP, p.etherType);
        assertEquals(0, p.ipVersion);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 7})
    void shouldCallAShortUdpHeaderBadTransport(int bytes) {
        final PacketBuilder builder = v4().protocol(ProtocolNumbers.UDP).payload(bytes);
        assertEquals(ParseStatus.BAD_TRANSPORT, parse(builder.buffer()));
        assertEquals(bytes, p.l4Length);
        assertEquals(4, p.ipVersion);
        assertEquals(bytes >= 4 ? 0x0001 : 0, p.srcPort);
    }

    @Test
    void shouldCallOtherShortHeadersBadTransport() {
        final int[][] protocolsAndBytes = {
            {ProtocolNumbers.TCP, 19}, {ProtocolNumbers.SCTP, 11}, {ProtocolNumbers.ICMP, 7}
        };
        for (final int[] one : protocolsAndBytes) {
            assertEquals(
                    ParseStatus.BAD_TRANSPORT,
                    parse(v4().protocol(one[0]).payload(one[1]).buffer()));
            assertEquals(
                    ParseStatus.OK,
                    parse(v4().protocol(one[0]).payload(one[1] + 1).buffer()));
        }
    }

    @Test
    void shouldAcceptAShortFirstFragmentForReassembly() {
        final PacketBuilder builder =
                v4().fragment(0, true, 7).protocol(ProtocolNumbers.TCP).payload(8);
        assertEquals(ParseStatus.OK, parse(builder.buffer()));
        assertEquals(ParsedPacket.FRAGMENT_FIRST, p.fragment);
        assertEquals(0x0001, p.srcPort);
        assertEquals(0, p.tcpHeaderLength);
    }

    @Test
    void shouldReadNoPortsFromALaterFragment() {
        final PacketBuilder builder =
                v4().fragment(8, true, 7).protocol(ProtocolNumbers.TCP).payload(40);
        assertEquals(ParseStatus.OK, parse(builder.buffer()));
        assertEquals(ParsedPacket.FRAGMENT_LATER, p.fragment);
        assertEquals(8, p.fragmentOffset);
        assertTrue(p.moreFragments);
        assertEquals(0, p.srcPort);
        assertEquals(0, p.tcpFlags);
    }

    @Test
    void shouldForwardAnImpossibleDataOffsetAsIpvsDoes() {
        for (final int offset : new int[] {0, 4, 15}) {
            final UnsafeBuffer frame = v4().tcp(1, 2, TcpFlags.ACK).buffer();
            frame.putByte(ETHERNET + 20 + 12, (byte) (offset << 4));
            assertEquals(ParseStatus.OK, parse(frame));
            assertEquals(20, p.tcpHeaderLength);
            assertEquals(TcpFlags.ACK, p.tcpFlags);
            final TcpView view = new TcpView().wrap(frame, p.l4Offset, frame.capacity());
            assertEquals(ParseStatus.BAD_HEADER_LENGTH, view.check());
        }
    }

    @Test
    void shouldWalkEveryExtensionHeader() {
        final UnsafeBuffer frame = v6().extension(ProtocolNumbers.HOP_BY_HOP, 16)
                .extension(ProtocolNumbers.DESTINATION_OPTIONS, 8)
                .extension(ProtocolNumbers.ROUTING, 24)
                .fragment(0, true, 0x8000_0001)
                .extension(ProtocolNumbers.AH, 24)
                .udp(53, 54)
                .payload(8)
                .buffer();
        assertEquals(ParseStatus.OK, parse(frame));
        assertEquals(ProtocolNumbers.UDP, p.protocol);
        assertEquals(40 + 16 + 8 + 24 + 8 + 24, p.l3HeaderLength);
        assertEquals(ETHERNET + 40 + 16 + 8 + 24, p.fragmentHeaderOffset);
        assertEquals(0x8000_0001, p.fragmentId);
        assertEquals(ParsedPacket.FRAGMENT_FIRST, p.fragment);
        assertEquals(53, p.srcPort);
        assertEquals(16, p.l4Length);
    }

    @Test
    void shouldStopBehindTheFragmentHeaderOfALaterFragment() {
        // the bytes behind are data, although they are named as an extension header
        final UnsafeBuffer frame = v6().fragment(8, false, 7)
                .protocol(ProtocolNumbers.DESTINATION_OPTIONS)
                .payload(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1})
                .buffer();
        assertEquals(ParseStatus.OK, parse(frame));
        assertEquals(ProtocolNumbers.DESTINATION_OPTIONS, p.protocol);
        assertEquals(8, p.l4Length);
        assertEquals(ParsedPacket.FRAGMENT_LATER, p.fragment);
    }

    @Test
    void shouldTakeAnAtomicFragmentForAWholePacket() {
        assertEquals(ParseStatus.OK, parse(v6().fragment(0, false, 7).udp(5, 6).buffer()));
        assertEquals(ParsedPacket.FRAGMENT_NONE, p.fragment);
        assertEquals(ETHERNET + 40, p.fragmentHeaderOffset);
        assertEquals(5, p.srcPort);
    }

    @Test
    void shouldEndTheWalkAtNoNextHeaderAndEsp() {
        for (final int last : new int[] {ProtocolNumbers.NO_NEXT_HEADER, ProtocolNumbers.ESP}) {
            final PacketBuilder builder = v6().extension(ProtocolNumbers.HOP_BY_HOP, 8);
            assertEquals(ParseStatus.OK, parse(builder.protocol(last).payload(4).buffer()));
            assertEquals(last, p.protocol);
        }
    }

    @Test
    void shouldRefuseAnExtensionThatLeavesThePacket() {
        final UnsafeBuffer frame =
                v6().extension(ProtocolNumbers.HOP_BY_HOP, 8).udp(1, 2).buffer();
        frame.putByte(ETHERNET + 41, (byte) 200);
        assertEquals(ParseStatus.BAD_EXTENSION, parse(frame));
        final UnsafeBuffer cut =
                v6().protocol(ProtocolNumbers.ROUTING).payload(7).buffer();
        assertEquals(ParseStatus.BAD_EXTENSION, parse(cut));
    }

    @Test
    void shouldReadWhatAnIcmpErrorQuotes() {
        final byte[] whole = PacketBuilder.bare()
                .ip("10.0.0.2", "10.0.0.1")
                .tcp(80, 40000, TcpFlags.ACK)
                .payload(100)
                .build();
        // as a router on the way would have left it, but for the checksum
        whole[8] = 1;
        final byte[] quoted = Arrays.copyOf(whole, 28);
        assertEquals(ParseStatus.OK, parser.parseEmbedded(new UnsafeBuffer(quoted), 0, 28, p));
        assertEquals(80, p.srcPort);
        assertEquals(40000, p.dstPort);
        assertEquals(8, p.l4Length);
        assertEquals(28, p.l3Length);
        assertEquals(0, p.tcpFlags);
        final byte[] nearlyNothing = Arrays.copyOf(whole, 23);
        assertEquals(ParseStatus.OK, parser.parseEmbedded(new UnsafeBuffer(nearlyNothing), 0, 23, p));
        assertEquals(3, p.l4Length);
        assertEquals(0, p.srcPort);
        assertEquals(ParseStatus.TRUNCATED, parser.parseEmbedded(new UnsafeBuffer(whole), 0, 19, p));
    }

    @Test
    void shouldForgetThePreviousFrame() {
        assertEquals(
                ParseStatus.OK, parse(v6().fragment(0, true, 7).icmp(128, 0, 0).buffer()));
        assertEquals(ParseStatus.OK, parse(v4().udp(1, 2).buffer()));
        assertEquals(-1, p.icmpType);
        assertEquals(ParsedPacket.FRAGMENT_NONE, p.fragment);
        assertFalse(p.moreFragments);
        assertEquals(-1, p.fragmentHeaderOffset);
    }
}
