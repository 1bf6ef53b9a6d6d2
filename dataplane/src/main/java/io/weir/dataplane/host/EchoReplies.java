package io.weir.dataplane.host;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds the replies to ICMP echo and timestamp requests and to ICMPv6 echo requests.
 *
 * <p>The caller has checked the request's checksum. <b>Source</b>: RFC 792, RFC 4443 section 4.2; icmp_echo(),
 * icmp_timestamp(), icmpv6_echo_reply() of the Linux kernel. <b>Thread</b>: stateless.
 */
public final class EchoReplies {
    public static final int ECHO_REQUEST = 8;
    public static final int TIMESTAMP_REQUEST = 13;
    public static final int V6_ECHO_REQUEST = 128;

    private static final int ECHO_REPLY = 0;
    private static final int TIMESTAMP_REPLY = 14;
    private static final int V6_ECHO_REPLY = 129;
    private static final int ICMP_BYTES = 8;
    private static final int TIMESTAMP_BYTES = 20;

    private EchoReplies() {}

    /** Writes the echo reply to {@code in}; returns its length in bytes of layer 3. */
    public static int echo(UnsafeBuffer out, int at, ParsedPacket in) {
        final UnsafeBuffer b = in.buffer;
        if (b == null || in.l4Length < ICMP_BYTES) {
            return 0;
        }
        final int icmp = at + HostPackets.headerBytes(in);
        out.putBytes(icmp, b, in.l4Offset, in.l4Length);
        out.putByte(icmp, (byte) (in.isV4() ? ECHO_REPLY : V6_ECHO_REPLY));
        if (in.isV4()) {
            putChecksumV4(out, icmp, in.l4Length);
        } else {
            HostPackets.putIcmpv6Checksum(out, icmp, in.l4Length, in.dstHi, in.dstLo, in.srcHi, in.srcLo);
        }
        HostPackets.putReply(out, at, in, in.l4Length, in.tos, HostPackets.identification(in), 0);
        return HostPackets.headerBytes(in) + in.l4Length;
    }

    /**
     * Writes the timestamp reply to {@code in}.
     *
     * @param sinceMidnightMs milliseconds since midnight UTC
     * @return its length in bytes of layer 3
     */
    public static int timestamp(UnsafeBuffer out, int at, ParsedPacket in, int sinceMidnightMs) {
        final UnsafeBuffer b = in.buffer;
        if (b == null || in.l4Length < TIMESTAMP_BYTES - 8) {
            return 0;
        }
        final int icmp = at + HostPackets.V4_BYTES;
        out.putBytes(icmp, b, in.l4Offset, ICMP_BYTES + 4);
        out.putByte(icmp, (byte) TIMESTAMP_REPLY);
        out.putByte(icmp + 1, (byte) 0);
        out.putInt(icmp + 12, sinceMidnightMs, ByteOrder.BIG_ENDIAN);
        out.putInt(icmp + 16, sinceMidnightMs, ByteOrder.BIG_ENDIAN);
        putChecksumV4(out, icmp, TIMESTAMP_BYTES);
        HostPackets.putReply(out, at, in, TIMESTAMP_BYTES, in.tos, HostPackets.identification(in), 0);
        return HostPackets.V4_BYTES + TIMESTAMP_BYTES;
    }

    private static void putChecksumV4(UnsafeBuffer out, int icmp, int length) {
        HostPackets.putU16(out, icmp + 2, 0);
        HostPackets.putU16(out, icmp + 2, InternetChecksum.finish(InternetChecksum.sum(out, icmp, length, 0)));
    }
}
