package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Describes a frame in one line, in the manner of tcpdump: for people, never for the packet path.
 *
 * <pre>
 * IP 10.0.0.1.40000 &gt; 10.0.0.100.80: Flags [S], seq 1, win 64240, options [mss 1460], length 0
 * IP6 fd00::1.53 &gt; fd00::2.53: UDP, length 5
 * </pre>
 *
 * <p>On request the MAC addresses stand in front, and the packet in an IPIP, GRE or GUE tunnel follows its outer
 * header. The packet quoted in an ICMP error always follows in brackets.
 *
 * <p><b>Fails</b>: never; bytes that are no packet are described as such.
 */
public final class PacketPrinter {
    /** The port that IANA gave to Generic UDP Encapsulation. */
    public static final int GUE_PORT = 6080;

    private static final int MOST_NESTED = 4;

    private final boolean showMacs;
    private final boolean showTunnels;

    private final PacketParser parser = new PacketParser();
    private final EthernetView ethernetView = new EthernetView();
    private final ArpView arpView = new ArpView();
    private final Icmpv4View icmpView = new Icmpv4View();
    private final Icmpv6View icmp6View = new Icmpv6View();

    public PacketPrinter(boolean showMacs, boolean showTunnels) {
        this.showMacs = showMacs;
        this.showTunnels = showTunnels;
    }

    /** The line for a frame that starts with an Ethernet header, without MAC addresses, tunnels shown. */
    public static String describe(byte[] frame) {
        return new PacketPrinter(false, true).line(new UnsafeBuffer(frame), 0, frame.length, true);
    }

    /** The line for a frame that starts with an Ethernet header, or with the IP header. */
    public String line(UnsafeBuffer buffer, int offset, int length, boolean ethernet) {
        final StringBuilder out = new StringBuilder(120);
        final ParsedPacket packet = new ParsedPacket();
        final int status = parser.parse(buffer, offset, length, ethernet, packet);
        if (ethernet && packet.linkHeaderLength > 0) {
            appendLink(buffer, packet, out);
        }
        if (status == ParseStatus.NOT_IP) {
            appendNotIp(buffer, packet, out);
        } else if (packet.ipVersion == 0) {
            out.append("malformed (")
                    .append(ParseStatus.name(status))
                    .append("), length ")
                    .append(length);
        } else {
            appendIp(buffer, packet, status, 0, out);
        }
        return out.toString();
    }

    /** A MAC address, the low 48 bits, as six pairs of digits. */
    public static String mac(long address) {
        final StringBuilder out = new StringBuilder(17);
        for (int shift = 40; shift >= 0; shift -= 8) {
            final int octet = (int) (address >>> shift) & 0xFF;
            out.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 0xF, 16));
            if (shift > 0) {
                out.append(':');
            }
        }
        return out.toString();
    }

    private void appendLink(UnsafeBuffer buffer, ParsedPacket packet, StringBuilder out) {
        ethernetView.wrap(buffer, packet.frameOffset, packet.frameOffset + packet.frameLength);
        if (showMacs) {
            out.append(mac(ethernetView.sourceMac())).append(" > ");
            out.append(mac(ethernetView.destinationMac())).append(", ");
        }
        if (packet.vlanTci >= 0) {
            out.append("vlan ").append(packet.vlanTci & 0xFFF).append(", ");
        }
    }

    private void appendNotIp(UnsafeBuffer buffer, ParsedPacket packet, StringBuilder out) {
        final int end = packet.frameOffset + packet.frameLength;
        arpView.wrap(buffer, packet.frameOffset + packet.linkHeaderLength, end);
        if (packet.etherType != ProtocolNumbers.ETHERTYPE_ARP || arpView.check() != ParseStatus.OK) {
            out.append("ethertype 0x").append(String.format("%04x", packet.etherType));
            out.append(", length ").append(packet.frameLength);
            return;
        }
        final String sender = IpAddress.ofV4(arpView.senderAddr()).toString();
        final String target = IpAddress.ofV4(arpView.targetAddr()).toString();
        if (arpView.isReply()) {
            out.append("ARP, Reply ").append(sender).append(" is-at ").append(mac(arpView.senderMac()));
        } else {
            out.append("ARP, Request who-has ").append(target).append(" tell ").append(sender);
        }
    }

    private void appendIp(UnsafeBuffer buffer, ParsedPacket p, int status, int depth, StringBuilder out) {
        out.append(p.isV4() ? "IP " : "IP6 ");
        final boolean ports = ProtocolNumbers.hasPorts(p.protocol) && p.l4Length >= 4;
        final boolean later = p.fragment == ParsedPacket.FRAGMENT_LATER;
        appendEnd(p.srcHi, p.srcLo, ports && !later ? p.srcPort : -1, out);
        out.append(" > ");
        appendEnd(p.dstHi, p.dstLo, ports && !later ? p.dstPort : -1, out);
        out.append(": ");
        if (p.fragment != ParsedPacket.FRAGMENT_NONE) {
            out.append("frag (id ").append(Integer.toUnsignedString(p.fragmentId));
            out.append(", offset ").append(p.fragmentOffset);
            out.append(p.moreFragments ? ", more), " : ", last), ");
        }
        if (later || status != ParseStatus.OK) {
            out.append(ProtocolNumbers.protocolName(p.protocol)).append(later ? "" : " (cut)");
            out.append(", length ").append(p.l4Length);
            return;
        }
        switch (p.protocol) {
            case ProtocolNumbers.TCP -> TcpText.append(buffer, p, out);
            case ProtocolNumbers.UDP -> appendUdp(buffer, p, depth, out);
            case ProtocolNumbers.ICMP, ProtocolNumbers.ICMPV6 -> appendIcmp(buffer, p, depth, out);
            case ProtocolNumbers.SCTP -> appendSctp(p, out);
            default -> appendOther(buffer, p, depth, out);
        }
    }

    private static void appendEnd(long hi, long lo, int port, StringBuilder out) {
        IpAddressText.append(hi, lo, out);
        if (port >= 0) {
            out.append('.').append(port);
        }
    }

    private void appendUdp(UnsafeBuffer buffer, ParsedPacket p, int depth, StringBuilder out) {
        out.append("UDP, length ").append(Math.max(0, p.l4Length - UdpView.HEADER_LENGTH));
        final int at = p.l4Offset + UdpView.HEADER_LENGTH;
        if (p.dstPort != GUE_PORT || p.l4Length < UdpView.HEADER_LENGTH + 4) {
            return;
        }
        final int first = buffer.getByte(at) & 0xFF;
        final int inner = at + 4 + (first & 0x1F) * 4;
        // version 0 and the C bit clear: a data message
        if (showTunnels && first >>> 5 == 0) {
            out.append(", GUE");
            appendNested(buffer, p, inner, depth, ": ", "", out);
        }
    }

    private static void appendSctp(ParsedPacket p, StringBuilder out) {
        out.append("SCTP");
        if (p.sctpChunkType >= 0) {
            out.append(" [")
                    .append(ProtocolNumbers.sctpChunkName(p.sctpChunkType))
                    .append(']');
        }
        out.append(", length ").append(p.l4Length);
    }

    private void appendIcmp(UnsafeBuffer buffer, ParsedPacket p, int depth, StringBuilder out) {
        final boolean v4 = p.protocol == ProtocolNumbers.ICMP;
        final int end = p.l4Offset + p.l4Length;
        out.append(v4 ? "ICMP " : "ICMP6 ");
        out.append(v4 ? IcmpText.name(p.icmpType, p.icmpCode) : IcmpText.nameV6(p.icmpType, p.icmpCode));
        if (p.l4Length < Icmpv4View.HEADER_LENGTH) {
            return;
        }
        icmpView.wrap(buffer, p.l4Offset, end);
        icmp6View.wrap(buffer, p.l4Offset, end);
        if (IcmpText.isEcho(v4, p.icmpType)) {
            out.append(", id ").append(icmpView.identifier()).append(", seq ").append(icmpView.sequenceNumber());
        } else if (IcmpText.hasMtu(v4, p.icmpType, p.icmpCode)) {
            out.append(", mtu ").append(v4 ? icmpView.nextHopMtu() : icmp6View.mtu());
        } else if (!v4 && icmp6View.isNeighbor() && icmp6View.check() == ParseStatus.OK) {
            out.append(' ').append(IpAddress.format(icmp6View.targetHi(), icmp6View.targetLo()));
        }
        out.append(", length ").append(p.l4Length);
        if (v4 ? Icmpv4View.isErrorType(p.icmpType) : Icmpv6View.isErrorType(p.icmpType)) {
            appendNested(buffer, p, icmpView.embeddedOffset(), depth, " [", "]", out);
        }
    }

    private void appendOther(UnsafeBuffer buffer, ParsedPacket p, int depth, StringBuilder out) {
        final boolean ipInIp = p.protocol == ProtocolNumbers.IPIP || p.protocol == ProtocolNumbers.IPV6;
        out.append(ProtocolNumbers.protocolName(p.protocol)).append(", length ").append(p.l4Length);
        if (!showTunnels) {
            return;
        }
        if (ipInIp) {
            appendNested(buffer, p, p.l4Offset, depth, ": ", "", out);
        } else if (p.protocol == ProtocolNumbers.GRE && p.l4Length >= 4) {
            // C, K and S bits (RFC 2784, RFC 2890) each add one word
            final int flags = buffer.getByte(p.l4Offset) & 0xB0;
            appendNested(buffer, p, p.l4Offset + 4 + 4 * Integer.bitCount(flags), depth, ": ", "", out);
        }
    }

    /** A packet in a packet may be cut, so it is read as leniently as a quoted one. */
    private void appendNested(
            UnsafeBuffer buffer, ParsedPacket p, int at, int depth, String before, String after, StringBuilder out) {
        final int length = p.l4Offset + p.l4Length - at;
        if (depth >= MOST_NESTED || length <= 0) {
            return;
        }
        final ParsedPacket inner = new ParsedPacket();
        final int status = parser.parseEmbedded(buffer, at, length, inner);
        if (inner.ipVersion != 0) {
            out.append(before);
            appendIp(buffer, inner, status, depth + 1, out);
            out.append(after);
        }
    }
}
