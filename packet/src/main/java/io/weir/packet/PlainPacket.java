package io.weir.packet;

import org.agrona.UnsafeApi;

/**
 * A plain packet by the address in memory of its IP header, without a parser: a whole TCP segment or UDP datagram, over IPv4
 * without options or IPv6 without extensions ({@link ParsedPacket#isPlain}). Nearly every packet is one, and all that is asked of
 * it lies in one or two cache lines, so reading it again costs less than keeping what was read.
 *
 * <p><b>Units/order</b>: as in {@link ParsedPacket}. <b>Fails</b>: not at all; but for {@link #isWholeIpv4} nothing is checked. <b>Thread</b>:
 * any.
 *
 * <p><b>Source</b>: RFC 791 section 3.1, RFC 8200 section 3, RFC 9293 section 3.1.
 */
public final class PlainPacket {
    private static final int HEADER4 = Ipv4View.MIN_HEADER_LENGTH;
    private static final int HEADER6 = Ipv6View.HEADER_LENGTH;
    /** With a TCP header; a shorter datagram of UDP is left to the parser. */
    private static final int SHORTEST = HEADER4 + TcpView.MIN_HEADER_LENGTH;

    private static final int VERSION_6 = 0x20;
    private static final int TCP_FLAGS = 13;
    private static final long VERSION_AND_LENGTH = 0x45;
    private static final long FRAGMENT = Ipv4View.FLAG_MF | 0x1FFF;
    private static final long LOW_32 = 0xFFFF_FFFFL;

    private PlainPacket() {}

    /**
     * Is this IPv4, plain, and such that {@link PacketParser} accepts it? No does not mean that it is not: a few plain packets are
     * left to the parser.
     *
     * @param available bytes that may be read; there are no others behind the packet but padding
     */
    public static boolean isWholeIpv4(long ip, int available) {
        if (available < SHORTEST) {
            return false;
        }
        final long first = DirectBytes.getLong(ip);
        final long second = DirectBytes.getLong(ip + 8);
        final int total = (int) (first >>> 32) & 0xFFFF;
        final int protocol = (int) (second >>> 48) & 0xFF;
        final long sum = (first >>> 32) + (first & LOW_32) + (second >>> 32) + (second & LOW_32);
        return first >>> 56 == VERSION_AND_LENGTH
                && (first & FRAGMENT) == 0
                && total >= SHORTEST
                && total <= available
                && (protocol == ProtocolNumbers.TCP || protocol == ProtocolNumbers.UDP)
                && InternetChecksum.fold(sum + (DirectBytes.getInt(ip + 16) & LOW_32)) == 0xFFFF;
    }

    /** Is it IPv4 (else IPv6)? */
    public static boolean isV4(long ip) {
        return (UnsafeApi.getByte(ip) & VERSION_6) == 0;
    }

    /** Bytes of the IP header. */
    public static int headerBytes(boolean v4) {
        return v4 ? HEADER4 : HEADER6;
    }

    /** TCP or UDP. */
    public static int protocol(long ip, boolean v4) {
        return DirectBytes.getByte(v4 ? ip + 9 : ip + 6);
    }

    /** Bytes of the packet. */
    public static int length(long ip, boolean v4) {
        return v4 ? DirectBytes.getShort(ip + 2) : HEADER6 + DirectBytes.getShort(ip + 4);
    }

    /** TTL or hop limit. */
    public static int ttl(long ip, boolean v4) {
        return DirectBytes.getByte(v4 ? ip + 8 : ip + 7);
    }

    /** Of IPv4, the source address as the low long. */
    public static long source4(long ip) {
        return IpAddress.v4(DirectBytes.getInt(ip + 12));
    }

    /** Of IPv4, the destination address as the low long. */
    public static long destination4(long ip) {
        return IpAddress.v4(DirectBytes.getInt(ip + 16));
    }

    /** Source port (upper half) and destination port. */
    public static int ports(long ip, boolean v4) {
        return DirectBytes.getInt(ip + headerBytes(v4));
    }

    /** The flags of a TCP segment. */
    public static int tcpFlags(long ip, boolean v4) {
        return DirectBytes.getByte(ip + headerBytes(v4) + TCP_FLAGS);
    }
}
