package io.weir.control.golden;

import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the classifier needs to know of an IP packet.
 *
 * <p><b>Fails</b>: a packet that is too short for its headers is {@link #UNREADABLE}.
 *
 * @param source address as text
 * @param sourcePort as text, empty where there is none
 * @param icmpType -1 where there is none
 * @param reset is it a TCP segment with RST?
 * @param payload where the transport header begins
 * @param laterFragment is it a fragment other than the first?
 */
record IpSummary(
        String source,
        String destination,
        int protocol,
        String sourcePort,
        String destinationPort,
        int icmpType,
        boolean reset,
        int payload,
        boolean laterFragment) {
    static final IpSummary UNREADABLE = new IpSummary("?", "?", -1, "", "", -1, false, 0, false);
    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int GRE = 47;
    static final int ICMPV6 = 58;
    private static final int SCTP = 132;
    private static final int IPV4_IN_IP = 4;
    private static final int IPV6_IN_IP = 41;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int RST = 4;

    static IpSummary of(ByteBuffer packet) {
        try {
            return packet.get(0) >> 4 == 4 ? ofIpv4(packet) : ofIpv6(packet);
        } catch (IndexOutOfBoundsException e) {
            return UNREADABLE;
        }
    }

    private static IpSummary ofIpv4(ByteBuffer p) {
        final boolean later = (p.getShort(6) & 0x1FFF) != 0;
        return transport(p, address(p, 12, 4), address(p, 16, 4), u8(p, 9), (p.get(0) & 15) * 4, later);
    }

    private static IpSummary ofIpv6(ByteBuffer p) {
        int payload = 40;
        int protocol = u8(p, 6);
        boolean later = false;
        while (!later && isExtension(protocol)) {
            final int next = u8(p, payload);
            if (protocol == FRAGMENT) {
                later = (p.getShort(payload + 2) & 0xFFF8) != 0;
                payload += 8;
            } else {
                payload += 8 + u8(p, payload + 1) * 8;
            }
            protocol = next;
        }
        return transport(p, address(p, 8, 16), address(p, 24, 16), protocol, payload, later);
    }

    private static IpSummary transport(
            ByteBuffer p, String source, String destination, int protocol, int payload, boolean later) {
        String sourcePort = "";
        String destinationPort = "";
        int icmpType = -1;
        boolean reset = false;
        if (!later) {
            if (protocol == TCP || protocol == UDP || protocol == SCTP) {
                sourcePort = String.valueOf(p.getShort(payload) & 0xFFFF);
                destinationPort = String.valueOf(p.getShort(payload + 2) & 0xFFFF);
            }
            if (protocol == TCP) {
                reset = (p.get(payload + 13) & RST) != 0;
            } else if (protocol == ICMP || protocol == ICMPV6) {
                icmpType = p.getShort(payload) >> 8 & 0xFF;
            }
        }
        return new IpSummary(
                source, destination, protocol, sourcePort, destinationPort, icmpType, reset, payload, later);
    }

    private static boolean isExtension(int protocol) {
        return protocol == HOP_BY_HOP || protocol == ROUTING || protocol == FRAGMENT || protocol == DESTINATION_OPTIONS;
    }

    private static String address(ByteBuffer p, int at, int length) {
        final byte[] bytes = new byte[length];
        p.get(at, bytes);
        return IpAddress.ofBytes(bytes).toString();
    }

    private static int u8(ByteBuffer p, int at) {
        return p.get(at) & 0xFF;
    }

    boolean isIcmp() {
        return protocol == ICMP || protocol == ICMPV6;
    }

    /** Which tunnel the packet belongs to, or null: {@code ipip}, {@code gre}, {@code gue}. */
    @Nullable
    String tunnel(ByteBuffer packet) {
        if (laterFragment) {
            return null;
        }
        if (protocol == IPV4_IN_IP || protocol == IPV6_IN_IP) {
            return "ipip";
        }
        final byte[] inside = new byte[Math.max(0, packet.limit() - payload)];
        packet.get(Math.min(payload, packet.limit()), inside);
        if (protocol == GRE) {
            return isGreOfIp(inside) ? "gre" : null;
        }
        return protocol == UDP && isGueOfIp(inside) ? "gue" : null;
    }

    private static boolean isGreOfIp(byte[] gre) {
        if (gre.length < 4) {
            return false;
        }
        final int etherType = ByteBuffer.wrap(gre).getShort(2) & 0xFFFF;
        return etherType == 0x0800 || etherType == 0x86DD;
    }

    private static boolean isGueOfIp(byte[] udp) {
        if (udp.length <= 12 || (udp[8] & 0xC0) != 0 || udp[9] != IPV4_IN_IP && udp[9] != IPV6_IN_IP) {
            return false;
        }
        final int inner = 12 + (udp[8] & 31) * 4;
        if (udp.length <= inner) {
            return false;
        }
        final int version = udp[inner] >> 4 & 15;
        return version == 4 || version == 6;
    }
}
