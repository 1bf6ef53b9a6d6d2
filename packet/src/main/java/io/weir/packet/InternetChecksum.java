package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Computes and patches the 16-bit one's complement checksum of IP, TCP, UDP and ICMP.
 *
 * <p><b>Units/order</b>: checksums are 16-bit values in host order; an accumulator is a non-negative long that holds a
 * sum of big-endian 16-bit words, not yet folded. Accumulators of pieces may be added as long as every piece but the
 * last has an even number of bytes.
 *
 * <p><b>Thread</b>: any.
 *
 * <p><b>Source</b>: RFC 1071 (the sum may be taken in any byte order and word size), RFC 1624 equation 3 (patching).
 */
public final class InternetChecksum {
    // One's complement arithmetic is arithmetic modulo 65535 with two zeros, 0x0000 and 0xFFFF. Three things follow,
    // and this class leans on all of them:
    //  1. 2^16 = 1 (mod 65535), so words of 32 and 64 bits can be added and folded at the end.
    //  2. The order of bytes only rotates the result, so memory is read in the machine's order and swapped once.
    //  3. Adding 0xFFFF changes nothing but a sum of +0. The prefix 0000:FFFF of a mapped IPv4 address therefore
    //     drops out of pseudo-header and updates, and one code serves both families, also from one to the other.
    //     A sum that is not +0 stays so when anything is added; headers are never all zero, so +0 does not occur
    //     and a patched checksum is bit for bit what a new computation gives.

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW_32 = 0xFFFF_FFFFL;

    private InternetChecksum() {}

    /** Adds {@code length} bytes to the accumulator {@code initial}; an odd last byte counts as if a zero followed. */
    public static long sum(UnsafeBuffer buffer, int offset, int length, long initial) {
        final int end = offset + length;
        int at = offset;
        long even = 0;
        long odd = 0;
        for (; end - at >= 16; at += 16) {
            final long first = buffer.getLong(at);
            final long second = buffer.getLong(at + 8);
            even += (first & LOW_32) + (first >>> 32);
            odd += (second & LOW_32) + (second >>> 32);
        }
        if (end - at >= 8) {
            final long word = buffer.getLong(at);
            even += (word & LOW_32) + (word >>> 32);
            at += 8;
        }
        if (end - at >= 4) {
            odd += buffer.getInt(at) & LOW_32;
            at += 4;
        }
        if (end - at >= 2) {
            even += buffer.getShort(at) & 0xFFFF;
            at += 2;
        }
        if (at < end) {
            final int last = buffer.getByte(at) & 0xFF;
            odd += LITTLE_ENDIAN ? last : last << 8;
        }
        final int folded = fold(even + odd);
        return initial + (LITTLE_ENDIAN ? swap16(folded) : folded);
    }

    /** Folds an accumulator to 16 bits. */
    public static int fold(long accumulator) {
        // a number plus itself with its halves swapped: the upper half is the sum of the halves, carry included
        final int half = (int) (accumulator + Long.rotateLeft(accumulator, 32) >>> 32);
        return half + Integer.rotateLeft(half, 16) >>> 16;
    }

    /** Folds and inverts an accumulator: the value for the checksum field. */
    public static int finish(long accumulator) {
        return ~fold(accumulator) & 0xFFFF;
    }

    /** The accumulator of the TCP/UDP/ICMPv6 pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1). */
    public static long pseudoHeader(long srcHi, long srcLo, long dstHi, long dstLo, int protocol, int length) {
        return words(srcHi) + words(srcLo) + words(dstHi) + words(dstLo) + protocol + length;
    }

    private static long words(long value) {
        return (value & LOW_32) + (value >>> 32);
    }

    /** The checksum after the aligned 16-bit field {@code oldValue} became {@code newValue}. */
    public static int update16(int checksum, int oldValue, int newValue) {
        return finish((~checksum & 0xFFFFL) + (~oldValue & 0xFFFFL) + (newValue & 0xFFFFL));
    }

    /** The checksum after an aligned 32-bit field changed. */
    public static int update32(int checksum, int oldValue, int newValue) {
        return finish((~checksum & 0xFFFFL) + (~oldValue & LOW_32) + (newValue & LOW_32));
    }

    /** The checksum after an address it covers changed, within one family or from one to the other. */
    public static int updateAddress(int checksum, long oldHi, long oldLo, long newHi, long newLo) {
        return finish((~checksum & 0xFFFFL) + words(~oldHi) + words(~oldLo) + words(newHi) + words(newLo));
    }

    /** The checksum after an address and a port it covers changed: {@link #updateAddress} and {@link #update16} in one. */
    public static int updateEndpoint(
            int checksum, long oldHi, long oldLo, int oldPort, long newHi, long newLo, int newPort) {
        final long ports = (~oldPort & 0xFFFFL) + (newPort & 0xFFFFL);
        return finish((~checksum & 0xFFFFL) + ports + words(~oldHi) + words(~oldLo) + words(newHi) + words(newLo));
    }

    /** {@link #update16} for a field at an odd distance from the start of the data, such as some TCP options. */
    public static int update16Odd(int checksum, int oldValue, int newValue) {
        return update16(checksum, swap16(oldValue & 0xFFFF), swap16(newValue & 0xFFFF));
    }

    private static int swap16(int value) {
        return value >>> 8 | (value & 0xFF) << 8;
    }

    /** Where the checksum field is within the header of {@code protocol}, or -1 if it has no Internet checksum. */
    public static int fieldOffset(int protocol) {
        switch (protocol) {
            case ProtocolNumbers.TCP:
                return 16;
            case ProtocolNumbers.UDP:
                return 6;
            case ProtocolNumbers.ICMP:
            case ProtocolNumbers.ICMPV6:
                return 2;
            default:
                return -1;
        }
    }

    /**
     * The right transport checksum of a whole packet whatever its field holds now, or -1 if its protocol has none.
     *
     * <p>UDP: never 0, as RFC 768 wants (see {@link #udp}), and over the UDP length if that fits in the packet. SCTP
     * has a CRC of 32 bits instead, see {@link Crc32c#sctp}.
     */
    public static int transport(UnsafeBuffer buffer, ParsedPacket packet) {
        final int protocol = packet.protocol;
        final int field = fieldOffset(protocol);
        final int length = transportLength(buffer, packet);
        if (field < 0 || length < field + 2) {
            return -1;
        }
        final long initial = protocol == ProtocolNumbers.ICMP
                ? 0
                : pseudoHeader(packet.srcHi, packet.srcLo, packet.dstHi, packet.dstLo, protocol, length);
        final int computed = finish(sumWithout(buffer, packet.l4Offset, length, field, initial));
        return protocol == ProtocolNumbers.UDP ? udp(computed) : computed;
    }

    /** Is the transport checksum right, or absent (UDP 0, or a protocol without one)? Whole packets only. */
    public static boolean transportValid(UnsafeBuffer buffer, ParsedPacket packet) {
        final int computed = transport(buffer, packet);
        if (computed < 0) {
            return true;
        }
        final int at = packet.l4Offset + fieldOffset(packet.protocol);
        final int found = buffer.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        // 0x0000 and 0xFFFF are the same number; a receiver sums up and cannot tell them apart
        return found == computed
                || (packet.protocol == ProtocolNumbers.UDP && found == 0)
                || (found + computed == 0xFFFF && (found == 0 || computed == 0));
    }

    /** The one place of the UDP rule: a computed 0 is sent as 0xFFFF, since 0 means "none" (RFC 768). */
    public static int udp(int computed) {
        return computed == 0 ? 0xFFFF : computed;
    }

    /** Adds {@code length} bytes as if the 16-bit checksum field at {@code field} (even) were zero. */
    static long sumWithout(UnsafeBuffer buffer, int offset, int length, int field, long initial) {
        final long before = sum(buffer, offset, field, initial);
        final int after = field + 2;
        return sum(buffer, offset + after, length - after, before);
    }

    private static int transportLength(UnsafeBuffer buffer, ParsedPacket packet) {
        if (packet.protocol != ProtocolNumbers.UDP || packet.l4Length < 8) {
            return packet.l4Length;
        }
        final int declared = buffer.getShort(packet.l4Offset + 4, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        return declared >= 8 && declared <= packet.l4Length ? declared : packet.l4Length;
    }
}
