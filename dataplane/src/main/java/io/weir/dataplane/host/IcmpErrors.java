package io.weir.dataplane.host;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds ICMP and ICMPv6 errors about a packet.
 *
 * <p>Nothing is built about an ICMP error, a later fragment (IPv4), a packet to or from a group address, or one without a
 * usable source. As much of the packet is quoted as fits: IPv4 errors have at most 576 bytes, IPv6 errors 1280.
 *
 * <p><b>Source</b>: RFC 1812 section 4.3.2, RFC 4443 section 2.4, icmp_send() and icmp6_send() of the Linux kernel.
 * <b>Thread</b>: stateless.
 */
public final class IcmpErrors {
    /** The longest error, in bytes of layer 3. */
    public static final int MAX_BYTES = 1280;

    public static final int UNREACHABLE = 3;
    public static final int HOST = 1;
    public static final int PROTOCOL = 2;
    public static final int PORT = 3;
    public static final int FRAGMENTATION_NEEDED = 4;
    public static final int TIME_EXCEEDED = 11;
    /** Code of TIME_EXCEEDED, both families: fragments were missing. */
    public static final int REASSEMBLY_TIME = 1;

    public static final int V6_UNREACHABLE = 1;
    public static final int V6_ADDRESS = 3;
    public static final int V6_PORT = 4;
    public static final int V6_TOO_BIG = 2;
    public static final int V6_TIME_EXCEEDED = 3;
    public static final int V6_PARAMETER_PROBLEM = 4;
    public static final int V6_UNKNOWN_NEXT_HEADER = 1;

    private static final int MAX_BYTES_V4 = 576;
    private static final int ICMP_BYTES = 8;
    /** Precedence "internetwork control" (RFC 1812 section 4.3.2.5). */
    private static final int TOS_PRECEDENCE = 0xC0;

    private static final int TOS_KEPT = 0x1E;
    private static final int LARGEST_TYPE_V4 = 18;
    private static final int FIRST_INFORMATIONAL_V6 = 128;
    /** Types 3, 4, 5, 11 and 12. */
    private static final int ERROR_TYPES_V4 = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 11 | 1 << 12;

    private IcmpErrors() {}

    /**
     * Builds an ICMP error about an IPv4 packet.
     *
     * @param source the address it comes from, as 32 bits
     * @param rest the second word of the ICMP header: for "fragmentation needed" the MTU
     * @return its length in bytes of layer 3, or 0 if none may be sent
     */
    public static int buildV4(UnsafeBuffer out, int at, ParsedPacket about, int source, int type, int code, int rest) {
        final UnsafeBuffer in = about.buffer;
        if (in == null || !mayAnswerV4(about)) {
            return 0;
        }
        final int quoted = Math.min(about.l3Length, MAX_BYTES_V4 - HostPackets.V4_BYTES - ICMP_BYTES);
        final int length = HostPackets.V4_BYTES + ICMP_BYTES + quoted;
        final int icmp = at + HostPackets.V4_BYTES;
        out.putByte(icmp, (byte) type);
        out.putByte(icmp + 1, (byte) code);
        HostPackets.putU16(out, icmp + 2, 0);
        out.putInt(icmp + 4, rest, ByteOrder.BIG_ENDIAN);
        out.putBytes(icmp + ICMP_BYTES, in, about.l3Offset, quoted);
        HostPackets.putU16(
                out, icmp + 2, InternetChecksum.finish(InternetChecksum.sum(out, icmp, ICMP_BYTES + quoted, 0)));
        HostPackets.putV4(
                out,
                at,
                length,
                TOS_PRECEDENCE | about.tos & TOS_KEPT,
                HostPackets.identification(about),
                0,
                ProtocolNumbers.ICMP,
                source,
                about.srcLo);
        return length;
    }

    private static boolean mayAnswerV4(ParsedPacket about) {
        if (about.fragmentOffset != 0
                || HostPackets.isGroup(true, 0, about.dstLo)
                || !HostPackets.isUnicast(true, 0, about.srcLo)) {
            return false;
        }
        final int type = about.icmpType;
        return about.protocol != ProtocolNumbers.ICMP
                || type >= 0 && type <= LARGEST_TYPE_V4 && (ERROR_TYPES_V4 >> type & 1) == 0;
    }

    /**
     * Builds an ICMPv6 error about an IPv6 packet.
     *
     * @param rest the second word of the ICMPv6 header: the MTU, or the pointer of a parameter problem
     * @return its length in bytes of layer 3, or 0 if none may be sent
     */
    public static int buildV6(
            UnsafeBuffer out, int at, ParsedPacket about, long srcHi, long srcLo, int type, int code, int rest) {
        final UnsafeBuffer in = about.buffer;
        if (in == null || !mayAnswerV6(about, type)) {
            return 0;
        }
        final int quoted = Math.min(about.l3Length, MAX_BYTES - HostPackets.V6_BYTES - ICMP_BYTES);
        final int icmp = at + HostPackets.V6_BYTES;
        out.putByte(icmp, (byte) type);
        out.putByte(icmp + 1, (byte) code);
        out.putInt(icmp + 4, rest, ByteOrder.BIG_ENDIAN);
        out.putBytes(icmp + ICMP_BYTES, in, about.l3Offset, quoted);
        final int payload = ICMP_BYTES + quoted;
        HostPackets.putIcmpv6Checksum(out, icmp, payload, srcHi, srcLo, about.srcHi, about.srcLo);
        HostPackets.putV6(
                out, at, payload, 0, ProtocolNumbers.ICMPV6, HostPackets.TTL, srcHi, srcLo, about.srcHi, about.srcLo);
        return HostPackets.V6_BYTES + payload;
    }

    private static boolean mayAnswerV6(ParsedPacket about, int type) {
        if (HostPackets.isGroup(false, about.dstHi, about.dstLo) && type != V6_TOO_BIG
                || !HostPackets.isUnicast(false, about.srcHi, about.srcLo)) {
            return false;
        }
        return about.protocol != ProtocolNumbers.ICMPV6 || about.icmpType >= FIRST_INFORMATIONAL_V6;
    }
}
