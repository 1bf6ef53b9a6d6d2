package io.weir.control.golden;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Clears what no two directors can have in common, so that the rest of a frame can be compared byte for byte.
 *
 * <p>That is: the IPv4 identification (and with it the header checksum) of packets that the director makes itself, the
 * time in ICMP timestamp replies, the source port of GUE (a hash with a secret) and of sync messages with the UDP
 * checksum that covers it, IPv6 flow labels and fragment identifications of the director's own packets. Of a UDP checksum
 * it is kept whether there is one.
 */
final class FrameMask {
    private static final int IP = 14;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_PAYLOAD = IP + 40;
    private static final int FRAGMENT_PAYLOAD = IPV6_PAYLOAD + 8;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86DD;
    private static final int ICMP = 1;
    private static final int UDP = 17;
    private static final int FRAGMENT = 44;
    private static final int ICMPV6 = 58;
    private static final int TIMESTAMP_REPLY = 14;
    private static final int INTERNETWORK_CONTROL = 0xC0;
    private static final int PRECEDENCE = 0xE0;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int FRAGMENT_OFFSET = 0x1FFF;
    private static final int FRAGMENT_OFFSET6 = 0xFFF8;
    private static final int FIRST_MULTICAST = 224;
    /** The recorded director's addresses, 10.10.0.1 and 10.20.0.1. */
    private static final int OWN_CLIENT_SIDE = 0x0A0A0001;

    private static final int OWN_SERVER_SIDE = 0x0A140001;

    private final byte[] bytes;
    private final ByteBuffer frame;

    private FrameMask(byte[] bytes) {
        this.bytes = bytes;
        this.frame = ByteBuffer.wrap(bytes);
    }

    /** A copy of the frame without what cannot be compared. */
    static byte[] masked(byte[] frame) {
        final FrameMask mask = new FrameMask(frame.clone());
        final int etherType = mask.u16(12);
        if (etherType == ETHERTYPE_IPV4 && frame.length >= IP + IPV4_HEADER) {
            mask.ipv4();
        } else if (etherType == ETHERTYPE_IPV6 && frame.length >= IPV6_PAYLOAD) {
            mask.ipv6();
        }
        return mask.bytes;
    }

    private void ipv4() {
        final int payload = IP + (u8(IP) & 15) * 4;
        final int protocol = u8(IP + 9);
        final int fragment = u16(IP + 6);
        final int source = frame.getInt(IP + 12);
        final boolean own = source == OWN_CLIENT_SIDE || source == OWN_SERVER_SIDE;
        final boolean multicast = u8(IP + 16) >= FIRST_MULTICAST;
        final boolean there = payload < bytes.length;
        final int icmpType = protocol == ICMP && there ? u8(payload) : -1;
        final boolean ownIcmp = protocol == ICMP
                && ((u8(IP + 1) & PRECEDENCE) == INTERNETWORK_CONTROL || icmpType == 0 || icmpType == TIMESTAMP_REPLY);
        if (ownIcmp || multicast || own && (fragment & DONT_FRAGMENT) == 0) {
            clear(IP + 4, 2);
            clear(IP + 10, 2);
        }
        if (icmpType == TIMESTAMP_REPLY) {
            clear(payload + 2, bytes.length);
        }
        if (own
                && protocol == UDP
                && (fragment & FRAGMENT_OFFSET) == 0
                && bytes.length >= payload + 8
                && (multicast || isGue(u16(payload + 2)))) {
            udpSource(payload);
        }
    }

    private void ipv6() {
        final int next = u8(IP + 6);
        final boolean own = isOwn6();
        final boolean vip = frame.getLong(IP + 8) == 0x2001_0DB8_000F_0000L;
        if (own || vip || next == ICMPV6) {
            bytes[IP + 1] &= (byte) 0xF0;
            clear(IP + 2, 2);
        }
        if (next == FRAGMENT) {
            clear(IPV6_PAYLOAD + 4, 4);
            if (own
                    && u8(IPV6_PAYLOAD) == UDP
                    && (u16(IPV6_PAYLOAD + 2) & FRAGMENT_OFFSET6) == 0
                    && isGue(u16(FRAGMENT_PAYLOAD + 2))) {
                udpSource(FRAGMENT_PAYLOAD);
            }
        } else if (own && next == UDP && isGue(u16(IPV6_PAYLOAD + 2))) {
            udpSource(IPV6_PAYLOAD);
        }
    }

    /** Does the packet come from fd00:x::1? */
    private boolean isOwn6() {
        return u16(IP + 8) == 0xFD00 && frame.getInt(IP + 12) == 0 && frame.getLong(IP + 16) == 1;
    }

    private static boolean isGue(int port) {
        return port == 6080 || port == 5555;
    }

    private void udpSource(int udp) {
        clear(udp, 2);
        if (u16(udp + 6) != 0 && udp + 8 <= bytes.length) {
            frame.putShort(udp + 6, (short) 0xFFFF);
        }
    }

    private void clear(int from, int length) {
        final int end = Math.min(from + length, bytes.length);
        if (from < end) {
            Arrays.fill(bytes, from, end, (byte) 0);
        }
    }

    private int u8(int at) {
        return at < bytes.length ? bytes[at] & 0xFF : 0;
    }

    private int u16(int at) {
        return u8(at) << 8 | u8(at + 1);
    }
}
