package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads everything that the package can read of some bytes, and returns a digest of all values read.
 *
 * <p>It throws if anything does: over a buffer that ends where the frame ends, that is a read outside the frame.
 */
final class Exerciser {
    private final PacketParser parser = new PacketParser();
    private final PacketPrinter printer = new PacketPrinter(true, true);
    private final ParsedPacket packet = new ParsedPacket();
    private final EthernetView ethernet = new EthernetView();
    private final ArpView arp = new ArpView();
    private final Ipv4View ipv4 = new Ipv4View();
    private final Ipv6View ipv6 = new Ipv6View();
    private final TcpView tcp = new TcpView();
    private final UdpView udp = new UdpView();
    private final SctpView sctp = new SctpView();
    private final Icmpv4View icmp = new Icmpv4View();
    private final Icmpv6View icmp6 = new Icmpv6View();
    private long digest;

    long everything(UnsafeBuffer buffer, int offset, int length) {
        digest = 1;
        parsed(buffer, parser.parse(buffer, offset, length, true, packet), offset, length);
        withoutLink(buffer, offset, length);
        if (length > EthernetView.HEADER_LENGTH) {
            // the network layer on its own, of which a quoted packet may lack any part
            withoutLink(buffer, offset + EthernetView.HEADER_LENGTH, length - EthernetView.HEADER_LENGTH);
        }
        views(buffer, offset, offset + length);
        add(printer.line(buffer, offset, length, true).hashCode());
        add(printer.line(buffer, offset, length, false).hashCode());
        return digest;
    }

    private void withoutLink(UnsafeBuffer buffer, int offset, int length) {
        parsed(buffer, parser.parse(buffer, offset, length, false, packet), offset, length);
        parsed(buffer, parser.parseEmbedded(buffer, offset, length, packet), offset, length);
    }

    private void parsed(UnsafeBuffer buffer, int status, int offset, int length) {
        final ParsedPacket p = packet;
        add(status);
        add(p.etherType, p.vlanTci, p.linkHeaderLength, p.ipVersion, p.l3Offset - offset, p.l3HeaderLength);
        add(p.l3Length, p.protocol, p.ttl, p.tos, p.dontFragment ? 1 : 0, p.fragment, p.fragmentOffset);
        add(p.moreFragments ? 1 : 0, p.fragmentId);
        add(p.fragmentHeaderOffset < 0 ? -1 : p.fragmentHeaderOffset - offset);
        add(p.srcHi, p.srcLo, p.dstHi, p.dstLo, p.l4Offset - offset, p.l4Length, p.srcPort, p.dstPort);
        add(p.tcpFlags, p.tcpHeaderLength, p.icmpType, p.icmpCode, p.sctpChunkType);
        final int end = offset + length;
        if (p.l4Length < 0 || p.l4Offset + p.l4Length > end || p.l3Offset + p.l3Length > end) {
            throw new IllegalStateException("layers leave the frame: status=" + status);
        }
        if (status == ParseStatus.OK || status == ParseStatus.BAD_TRANSPORT) {
            add(InternetChecksum.transport(buffer, p), InternetChecksum.transportValid(buffer, p) ? 1 : 0);
            views(buffer, p.l3Offset, p.l3Offset + p.l3Length);
            views(buffer, p.l4Offset, p.l4Offset + p.l4Length);
        }
    }

    /** Tries every view, whatever the bytes are meant to be. */
    private void views(UnsafeBuffer buffer, int at, int end) {
        link(buffer, at, end);
        network(buffer, at, end);
        transport(buffer, at, end);
    }

    private void link(UnsafeBuffer buffer, int at, int end) {
        if (accepted(ethernet.wrap(buffer, at, end))) {
            add(ethernet.destinationMac(), ethernet.sourceMac(), ethernet.etherType(), ethernet.vlanTci());
            add(ethernet.headerLengthBytes());
        }
        if (accepted(arp.wrap(buffer, at, end))) {
            add(arp.operation(), arp.senderMac(), arp.senderAddr(), arp.targetMac(), arp.targetAddr());
        }
    }

    private void network(UnsafeBuffer buffer, int at, int end) {
        if (accepted(ipv4.wrap(buffer, at, end))) {
            add(ipv4.tos(), ipv4.totalLengthBytes(), ipv4.identification(), ipv4.fragmentField());
            add(ipv4.timeToLive(), ipv4.protocol(), ipv4.headerChecksum(), ipv4.isHeaderChecksumValid() ? 1 : 0);
            add(ipv4.sourceAddr(), ipv4.destinationAddr(), ipv4.payloadOffset() - at);
        }
        if (accepted(ipv6.wrap(buffer, at, end))) {
            add(ipv6.trafficClass(), ipv6.flowLabel(), ipv6.payloadLengthBytes(), ipv6.nextHeader());
            add(ipv6.hopLimit(), ipv6.sourceHi(), ipv6.sourceLo(), ipv6.destinationHi(), ipv6.destinationLo());
        }
    }

    private void transport(UnsafeBuffer buffer, int at, int end) {
        if (accepted(tcp.wrap(buffer, at, end))) {
            add(tcp.sourcePort(), tcp.destinationPort(), tcp.sequenceNumber(), tcp.acknowledgmentNumber());
            add(tcp.dataOffsetBytes(), tcp.flags(), tcp.window(), tcp.checksum(), tcp.urgentPointer());
            add(tcp.maximumSegmentSize(), tcp.timestampValue(), tcp.timestampEchoReply());
            add(tcp.payloadOffset() - at, tcp.payloadLengthBytes());
        }
        if (accepted(udp.wrap(buffer, at, end))) {
            add(udp.sourcePort(), udp.destinationPort(), udp.lengthBytes(), udp.checksum());
        }
        if (accepted(sctp.wrap(buffer, at, end))) {
            add(sctp.sourcePort(), sctp.destinationPort(), sctp.verificationTag(), sctp.checksum());
            add(sctp.firstChunkType(), sctp.isChecksumValid() ? 1 : 0);
        }
        if (accepted(icmp.wrap(buffer, at, end))) {
            add(icmp.type(), icmp.code(), icmp.checksum(), icmp.restOfHeader(), icmp.isChecksumValid() ? 1 : 0);
            add(icmp.embeddedLengthBytes());
        }
        if (accepted(icmp6.wrap(buffer, at, end))) {
            add(icmp6.type(), icmp6.code(), icmp6.checksum(), icmp6.mtu());
            add(icmp6.linkLayerAddress(1), icmp6.isChecksumValid(1, 2, 3, 4) ? 1 : 0);
            if (icmp6.isNeighbor()) {
                add(icmp6.targetHi(), icmp6.targetLo());
            }
        }
    }

    private boolean accepted(HeaderView view) {
        final int status = view.check();
        add(status);
        return status == ParseStatus.OK;
    }

    private void add(long... values) {
        for (final long value : values) {
            digest = digest * 31 + value;
        }
    }
}
