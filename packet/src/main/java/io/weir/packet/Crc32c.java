package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Computes CRC-32C, the checksum of SCTP, over bytes in place.
 *
 * <p>{@code java.util.zip.CRC32C} is faster but takes arrays and ByteBuffers, whose position would have to be moved for
 * every packet; eight bytes at a time from tables allocates nothing and copies nothing.
 *
 * <p><b>Units/order</b>: {@link #of} gives the customary value ("123456789" is 0xE3069283). SCTP transmits its lowest
 * byte first; {@link #sctp} gives the field as the big-endian int that stands in the packet.
 *
 * <p><b>Source</b>: RFC 9260 section 6.8 and appendix A; slicing-by-8 after Kounavis and Berry, 2005.
 */
public final class Crc32c {
    /** Where the checksum is in the SCTP common header. */
    private static final int SCTP_FIELD = 8;

    private static final int POLYNOMIAL = 0x82F6_3B78;
    private static final int SLICES = 8;
    private static final int[] TABLE = tables();

    private Crc32c() {}

    private static int[] tables() {
        final int[] table = new int[SLICES * 256];
        for (int octet = 0; octet < 256; octet++) {
            int crc = octet;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
            }
            table[octet] = crc;
        }
        for (int i = 256; i < table.length; i++) {
            final int previous = table[i - 256];
            table[i] = previous >>> 8 ^ table[previous & 0xFF];
        }
        return table;
    }

    /** The CRC-32C of {@code length} bytes. */
    public static int of(UnsafeBuffer buffer, int offset, int length) {
        return ~update(~0, buffer, offset, length);
    }

    /** The checksum field of the SCTP packet at {@code offset}, which is taken as zero in the computation. */
    public static int sctp(UnsafeBuffer buffer, int offset, int length) {
        int crc = update(~0, buffer, offset, SCTP_FIELD);
        for (int i = 0; i < 4; i++) {
            crc = crc >>> 8 ^ TABLE[crc & 0xFF];
        }
        final int after = SCTP_FIELD + 4;
        return Integer.reverseBytes(~update(crc, buffer, offset + after, length - after));
    }

    /** Computes and writes the checksum field of the SCTP packet at {@code offset}. */
    public static void fillSctp(UnsafeBuffer buffer, int offset, int length) {
        buffer.putInt(offset + SCTP_FIELD, sctp(buffer, offset, length), ByteOrder.BIG_ENDIAN);
    }

    private static int update(int initial, UnsafeBuffer buffer, int offset, int length) {
        final int[] table = TABLE;
        final int end = offset + length;
        int crc = initial;
        int at = offset;
        for (; end - at >= 8; at += 8) {
            final long word = buffer.getLong(at, ByteOrder.LITTLE_ENDIAN) ^ (crc & 0xFFFF_FFFFL);
            crc = table[0x700 | (int) word & 0xFF]
                    ^ table[0x600 | (int) (word >>> 8) & 0xFF]
                    ^ table[0x500 | (int) (word >>> 16) & 0xFF]
                    ^ table[0x400 | (int) (word >>> 24) & 0xFF]
                    ^ table[0x300 | (int) (word >>> 32) & 0xFF]
                    ^ table[0x200 | (int) (word >>> 40) & 0xFF]
                    ^ table[0x100 | (int) (word >>> 48) & 0xFF]
                    ^ table[(int) (word >>> 56) & 0xFF];
        }
        for (; at < end; at++) {
            crc = crc >>> 8 ^ table[(crc ^ buffer.getByte(at)) & 0xFF];
        }
        return crc;
    }
}
