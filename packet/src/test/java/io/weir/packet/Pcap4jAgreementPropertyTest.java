package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.agrona.concurrent.UnsafeBuffer;
import org.pcap4j.packet.ArpPacket;
import org.pcap4j.packet.Dot1qVlanTagPacket;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV6CommonPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.Packet;
import org.pcap4j.packet.SctpPacket;
import org.pcap4j.packet.TcpMaximumSegmentSizeOption;
import org.pcap4j.packet.TcpPacket;
import org.pcap4j.packet.TcpTimestampsOption;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.util.MacAddress;

/**
 * Every getter and checksum of the views against pcap4j's decoding of the same random frames.
 *
 * <p>Not here: the authentication header, whose length pcap4j takes for multiples of 8; RFC 4302 section 2.2 says 4.
 */
class Pcap4jAgreementPropertyTest {
    private final ParsedPacket p = new ParsedPacket();
    private byte[] frame = {};
    private UnsafeBuffer buffer = new UnsafeBuffer(frame);

    @Property(tries = 4000)
    void shouldReadWhatPcap4jReads(@ForAll long seed) throws IllegalRawDataException {
        read(new RandomPackets(seed).withoutAuthentication().next());
    }

    @Property(tries = 300)
    void shouldReadEachTransportOfEachFamily(@ForAll long seed) throws IllegalRawDataException {
        final RandomPackets packets = new RandomPackets(seed).withoutAuthentication();
        for (int transport = 0; transport < 5; transport++) {
            read(packets.ip(true, transport));
            read(packets.ip(false, transport));
        }
    }

    private void read(byte[] bytes) throws IllegalRawDataException {
        frame = bytes;
        buffer = new UnsafeBuffer(bytes);
        final int status = new PacketParser().parse(buffer, 0, bytes.length, true, p);
        final EthernetPacket expected = EthernetPacket.newPacket(bytes, 0, bytes.length);
        checkLink(expected);
        final IpV4Packet v4 = expected.get(IpV4Packet.class);
        final IpV6Packet v6 = expected.get(IpV6Packet.class);
        if (v4 != null) {
            assertEquals(ParseStatus.OK, status);
            checkV4(v4);
        } else if (v6 != null) {
            assertEquals(ParseStatus.OK, status);
            checkV6(v6);
        } else {
            assertEquals(ParseStatus.NOT_IP, status);
            checkArp(expected.get(ArpPacket.class));
        }
        if (status == ParseStatus.OK && p.fragment == ParsedPacket.FRAGMENT_NONE) {
            assertTrue(InternetChecksum.transportValid(buffer, p));
        }
    }

    private static long mac(MacAddress address) {
        long value = 0;
        for (final byte octet : address.getAddress()) {
            value = value << 8 | (octet & 0xFF);
        }
        return value;
    }

    private static byte[] address(long hi, long lo) {
        return new IpAddress(hi, lo).toBytes();
    }

    private void checkLink(EthernetPacket expected) {
        final EthernetView view = new EthernetView().wrap(buffer, 0, frame.length);
        assertEquals(ParseStatus.OK, view.check());
        assertEquals(mac(expected.getHeader().getDstAddr()), view.destinationMac());
        assertEquals(mac(expected.getHeader().getSrcAddr()), view.sourceMac());
        final Dot1qVlanTagPacket tag = expected.get(Dot1qVlanTagPacket.class);
        assertEquals(tag != null, view.isTagged());
        assertEquals(view.vlanTci(), p.vlanTci);
        assertEquals(view.etherType(), p.etherType);
        if (tag == null) {
            assertEquals(expected.getHeader().getType().value() & 0xFFFF, view.etherType());
            return;
        }
        final Dot1qVlanTagPacket.Dot1qVlanTagHeader header = tag.getHeader();
        assertEquals(header.getType().value() & 0xFFFF, view.etherType());
        final int tci = (header.getPriority() & 7) << 13 | (header.getCfi() ? 0x1000 : 0) | header.getVidAsInt();
        assertEquals(tci, view.vlanTci());
    }

    private void checkArp(ArpPacket expected) {
        final ArpView view = new ArpView().wrap(buffer, p.linkHeaderLength, frame.length);
        assertEquals(ParseStatus.OK, view.check());
        final ArpPacket.ArpHeader header = expected.getHeader();
        assertEquals(header.getOperation().value() & 0xFFFF, view.operation());
        assertEquals(mac(header.getSrcHardwareAddr()), view.senderMac());
        assertEquals(mac(header.getDstHardwareAddr()), view.targetMac());
        assertArrayEquals(
                header.getSrcProtocolAddr().getAddress(),
                IpAddress.ofV4(view.senderAddr()).toBytes());
        assertArrayEquals(
                header.getDstProtocolAddr().getAddress(),
                IpAddress.ofV4(view.targetAddr()).toBytes());
    }

    private void checkV4(IpV4Packet expected) {
        final IpV4Packet.IpV4Header header = expected.getHeader();
        final Ipv4View view = new Ipv4View().wrap(buffer, p.l3Offset, frame.length);
        assertEquals(ParseStatus.OK, view.check());
        assertTrue(header.hasValidChecksum(true) && view.isHeaderChecksumValid());
        assertEquals(4, p.ipVersion);
        assertEquals(header.length(), view.headerLengthBytes());
        assertEquals(header.getTotalLengthAsInt(), view.totalLengthBytes());
        assertEquals(header.getIdentificationAsInt(), view.identification());
        assertEquals(header.getDontFragmentFlag(), view.dontFragment());
        assertEquals(header.getMoreFragmentFlag(), view.moreFragments());
        assertEquals(header.getFragmentOffset() * 8, view.fragmentOffsetBytes());
        assertEquals(header.getTtlAsInt(), view.timeToLive());
        assertEquals(header.getTos().value() & 0xFF, view.tos());
        assertEquals(header.getProtocol().value() & 0xFF, view.protocol());
        assertEquals(header.getHeaderChecksum() & 0xFFFF, view.headerChecksum());
        assertArrayEquals(header.getSrcAddr().getAddress(), address(p.srcHi, p.srcLo));
        assertArrayEquals(header.getDstAddr().getAddress(), address(p.dstHi, p.dstLo));
        assertEquals(view.sourceAddr(), (int) p.srcLo);
        assertEquals(view.destinationAddr(), (int) p.dstLo);
        assertEquals(view.headerLengthBytes(), p.l3HeaderLength);
        assertEquals(view.totalLengthBytes(), p.l3Length);
        assertEquals(view.timeToLive(), p.ttl);
        assertEquals(view.tos(), p.tos);
        assertEquals(view.protocol(), p.protocol);
        assertEquals(view.dontFragment(), p.dontFragment);
        checkFragment(view.fragmentOffsetBytes(), view.moreFragments(), view.identification());
        checkTransport(expected);
    }

    private void checkFragment(int offset, boolean more, int id) {
        assertEquals(offset, p.fragmentOffset);
        assertEquals(more, p.moreFragments);
        assertEquals(id, p.fragmentId);
        assertEquals(offset != 0, p.fragment == ParsedPacket.FRAGMENT_LATER);
        assertEquals(offset == 0 && more, p.fragment == ParsedPacket.FRAGMENT_FIRST);
    }

    private void checkV6(IpV6Packet expected) {
        final IpV6Packet.IpV6Header header = expected.getHeader();
        final Ipv6View view = new Ipv6View().wrap(buffer, p.l3Offset, frame.length);
        assertEquals(ParseStatus.OK, view.check());
        assertEquals(6, p.ipVersion);
        assertEquals(header.getPayloadLengthAsInt(), view.payloadLengthBytes());
        assertEquals(header.getTrafficClass().value() & 0xFF, view.trafficClass());
        assertEquals(header.getFlowLabel().value(), view.flowLabel());
        assertEquals(header.getHopLimitAsInt(), view.hopLimit());
        assertEquals(header.getNextHeader().value() & 0xFF, view.nextHeader());
        assertArrayEquals(header.getSrcAddr().getAddress(), address(view.sourceHi(), view.sourceLo()));
        assertArrayEquals(header.getDstAddr().getAddress(), address(view.destinationHi(), view.destinationLo()));
        assertArrayEquals(header.getSrcAddr().getAddress(), address(p.srcHi, p.srcLo));
        assertArrayEquals(header.getDstAddr().getAddress(), address(p.dstHi, p.dstLo));
        assertEquals(view.payloadLengthBytes() + Ipv6View.HEADER_LENGTH, p.l3Length);
        assertEquals(view.trafficClass(), p.tos);
        assertEquals(view.hopLimit(), p.ttl);
        checkTransport(expected);
    }

    private void checkTransport(Packet network) {
        assertEquals(p.l3Offset + p.l3HeaderLength, p.l4Offset);
        assertEquals(p.l3Length - p.l3HeaderLength, p.l4Length);
        if (p.fragment != ParsedPacket.FRAGMENT_NONE || p.fragmentHeaderOffset >= 0) {
            // pcap4j does not look into fragments, not even into those that are whole
            return;
        }
        final int end = p.l4Offset + p.l4Length;
        // by protocol: an ICMP error may quote, by chance, a packet of any other
        switch (p.protocol) {
            case ProtocolNumbers.TCP -> checkTcp(
                    network.get(TcpPacket.class), new TcpView().wrap(buffer, p.l4Offset, end));
            case ProtocolNumbers.UDP -> checkUdp(
                    network.get(UdpPacket.class), new UdpView().wrap(buffer, p.l4Offset, end));
            case ProtocolNumbers.SCTP -> checkSctp(
                    network.get(SctpPacket.class), new SctpView().wrap(buffer, p.l4Offset, end));
            case ProtocolNumbers.ICMP -> checkIcmp(
                    network.get(IcmpV4CommonPacket.class), new Icmpv4View().wrap(buffer, p.l4Offset, end));
            case ProtocolNumbers.ICMPV6 -> checkIcmp6(
                    network.get(IcmpV6CommonPacket.class), new Icmpv6View().wrap(buffer, p.l4Offset, end));
            default -> assertEquals(ProtocolNumbers.GRE, p.protocol);
        }
    }

    private void checkTcp(TcpPacket expected, TcpView view) {
        final TcpPacket.TcpHeader header = expected.getHeader();
        assertEquals(ParseStatus.OK, view.check());
        assertEquals(header.getSrcPort().valueAsInt(), view.sourcePort());
        assertEquals(header.getDstPort().valueAsInt(), view.destinationPort());
        assertEquals(header.getSequenceNumber(), view.sequenceNumber());
        assertEquals(header.getAcknowledgmentNumber(), view.acknowledgmentNumber());
        assertEquals(header.length(), view.dataOffsetBytes());
        assertEquals(header.getWindowAsInt(), view.window());
        assertEquals(header.getChecksum() & 0xFFFF, view.checksum());
        assertEquals(header.getUrgentPointerAsInt(), view.urgentPointer());
        assertEquals(header.getFin(), (view.flags() & TcpFlags.FIN) != 0);
        assertEquals(header.getSyn(), (view.flags() & TcpFlags.SYN) != 0);
        assertEquals(header.getRst(), (view.flags() & TcpFlags.RST) != 0);
        assertEquals(header.getPsh(), (view.flags() & TcpFlags.PSH) != 0);
        assertEquals(header.getAck(), (view.flags() & TcpFlags.ACK) != 0);
        assertEquals(header.getUrg(), (view.flags() & TcpFlags.URG) != 0);
        assertEquals(expected.getPayload() == null ? 0 : expected.getPayload().length(), view.payloadLengthBytes());
        int mss = -1;
        long value = -1;
        long echo = -1;
        for (final TcpPacket.TcpOption option : header.getOptions()) {
            if (option instanceof TcpMaximumSegmentSizeOption size) {
                mss = size.getMaxSegSizeAsInt();
            } else if (option instanceof TcpTimestampsOption stamps) {
                value = stamps.getTsValueAsLong();
                echo = stamps.getTsEchoReplyAsLong();
            }
        }
        assertEquals(mss, view.maximumSegmentSize());
        assertEquals(value, view.timestampValue());
        assertEquals(echo, view.timestampEchoReply());
        assertEquals(view.flags(), p.tcpFlags);
        assertEquals(view.dataOffsetBytes(), p.tcpHeaderLength);
        checkPorts(view.sourcePort(), view.destinationPort());
    }

    private void checkUdp(UdpPacket expected, UdpView view) {
        final UdpPacket.UdpHeader header = expected.getHeader();
        assertEquals(ParseStatus.OK, view.check());
        assertEquals(header.getSrcPort().valueAsInt(), view.sourcePort());
        assertEquals(header.getDstPort().valueAsInt(), view.destinationPort());
        assertEquals(header.getLengthAsInt(), view.lengthBytes());
        assertEquals(header.getChecksum() & 0xFFFF, view.checksum());
        checkPorts(view.sourcePort(), view.destinationPort());
    }

    private void checkSctp(SctpPacket expected, SctpView view) {
        final SctpPacket.SctpHeader header = expected.getHeader();
        assertEquals(ParseStatus.OK, view.check());
        assertEquals(header.getSrcPort().valueAsInt(), view.sourcePort());
        assertEquals(header.getDstPort().valueAsInt(), view.destinationPort());
        assertEquals(header.getVerificationTag(), view.verificationTag());
        assertEquals(header.getChecksum(), view.checksum());
        assertTrue(view.isChecksumValid());
        final int type = header.getChunks().get(0).getType().value() & 0xFF;
        assertEquals(type, view.firstChunkType());
        assertEquals(type, p.sctpChunkType);
        checkPorts(view.sourcePort(), view.destinationPort());
    }

    private void checkIcmp(IcmpV4CommonPacket expected, Icmpv4View view) {
        assertEquals(ParseStatus.OK, view.check());
        assertEquals(expected.getHeader().getType().value() & 0xFF, view.type());
        assertEquals(expected.getHeader().getCode().value() & 0xFF, view.code());
        assertEquals(expected.getHeader().getChecksum() & 0xFFFF, view.checksum());
        assertTrue(view.isChecksumValid());
        assertEquals(view.type(), p.icmpType);
        assertEquals(view.code(), p.icmpCode);
    }

    private void checkIcmp6(IcmpV6CommonPacket expected, Icmpv6View view) {
        assertEquals(expected.getHeader().getType().value() & 0xFF, view.type());
        assertEquals(expected.getHeader().getCode().value() & 0xFF, view.code());
        assertEquals(expected.getHeader().getChecksum() & 0xFFFF, view.checksum());
        assertTrue(view.isChecksumValid(p.srcHi, p.srcLo, p.dstHi, p.dstLo));
        assertEquals(view.type(), p.icmpType);
        assertEquals(view.code(), p.icmpCode);
    }

    private void checkPorts(int source, int destination) {
        assertEquals(source, p.srcPort);
        assertEquals(destination, p.dstPort);
    }
}
