package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The ones' complement sum of the Internet protocols: whole, and patched where a few bytes change.
 *
 * <p>An <i>accumulator</i> is an unfolded sum of 16-bit words in network order; add pieces of even length in any order,
 * then {@link #finish}. <b>Thread</b>: stateless. <b>Source</b>: RFC 1071, RFC 1624 equation 3, RFC 8200 section 8.1.
 */
public final class InternetChecksum {
    private static final long LOW_32 = 0xFFFF_FFFFL;

    private InternetChecksum() {}

    /** Adds {@code length} bytes at {@code offset} to an accumulator; an odd last byte is padded with zero. */
    public static long sum(UnsafeBuffer buffer, int offset, int length, long initial) {
        long sum = 0;
        int at = offset;
        final int end = offset + length;
        // Eight bytes a step, split in halves so that no carry is lost.
        for (; at + 8 <= end; at += 8) {
            final long word = buffer.getLong(at);
            sum += (word & LOW_32) + (word >>> 32);
        }
        if (at + 4 <= end) {
            sum += buffer.getInt(at) & LOW_32;
            at += 4;
        }
        if (at + 2 <= end) {
            sum += buffer.getShort(at) & 0xFFFF;
            at += 2;
        }
        if (at < end) {
            final int last = buffer.getByte(at) & 0xFF;
            sum += NATIVE_IS_BIG ? last << 8 : last;
        }
        final int folded = fold(sum);
        return initial + (NATIVE_IS_BIG ? folded : Short.reverseBytes((short) folded) & 0xFFFF);
    }

    private static final boolean NATIVE_IS_BIG = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

    /** Folds an accumulator to 16 bits, not inverted. */
    public static int fold(long accumulator) {
        long sum = (accumulator & LOW_32) + (accumulator >>> 32);
        sum = (sum & LOW_32) + (sum >>> 32);
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = (sum & 0xFFFF) + (sum >>> 16);
        return (int) sum;
    }

    /** Folds and inverts: what goes into a header. */
    public static int finish(long accumulator) {
        return ~fold(accumulator) & 0xFFFF;
    }

    /** The accumulator of a pseudo header; the family follows from the source address. */
    public static long pseudoHeader(long srcHi, long srcLo, long dstHi, long dstLo, int protocol, int length) {
        return addressSum(srcHi, srcLo) + addressSum(dstHi, dstLo) + protocol + (length >>> 16) + (length & 0xFFFF);
    }

    private static long addressSum(long hi, long lo) {
        final long low = (lo >>> 16 & 0xFFFF) + (lo & 0xFFFF);
        return IpAddress.isV4(hi, lo)
                ? low
                : low + (lo >>> 48) + (lo >>> 32 & 0xFFFF) + (hi >>> 48) + (hi >>> 32 & 0xFFFF) + (hi >>> 16 & 0xFFFF)
                        + (hi & 0xFFFF);
    }

    /** The checksum after a 16-bit word changed (RFC 1624 equation 3). */
    public static int update16(int checksum, int oldValue, int newValue) {
        return finish((~checksum & 0xFFFFL) + (~oldValue & 0xFFFFL) + (newValue & 0xFFFFL));
    }

    /** The checksum after two aligned 16-bit words changed. */
    public static int update32(int checksum, int oldValue, int newValue) {
        return finish((~checksum & 0xFFFFL)
                + (~(oldValue >>> 16) & 0xFFFFL)
                + (~oldValue & 0xFFFFL)
                + (newValue >>> 16)
                + (newValue & 0xFFFFL));
    }

    /** The checksum after an address of its pseudo header changed; old and new may be of different families. */
    public static int updateAddress(int checksum, long oldHi, long oldLo, long newHi, long newLo) {
        return finish((~checksum & 0xFFFFL)
                + (~fold(addressSum(oldHi, oldLo)) & 0xFFFFL)
                + addressSum(newHi, newLo));
    }

    /**
     * What the packet's TCP, UDP, ICMP or ICMPv6 checksum field should hold, computed over the bytes with the field itself
     * left out. A UDP result of 0 is given as 0xFFFF (RFC 768).
     */
    public static int transport(UnsafeBuffer buffer, ParsedPacket p) {
        final int field =
                switch (p.protocol) {
                    case ProtocolNumbers.TCP -> 16;
                    case ProtocolNumbers.UDP -> 6;
                    default -> 2;
                };
        final long pseudo = p.protocol == ProtocolNumbers.ICMP
                ? 0
                : pseudoHeader(p.srcHi, p.srcLo, p.dstHi, p.dstLo, p.protocol, p.l4Length);
        long sum = sum(buffer, p.l4Offset, field, pseudo);
        sum = sum(buffer, p.l4Offset + field + 2, p.l4Length - field - 2, sum);
        final int checksum = finish(sum);
        return checksum == 0 && p.protocol == ProtocolNumbers.UDP ? 0xFFFF : checksum;
    }
}
