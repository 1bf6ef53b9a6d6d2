package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * SCTP's checksum: CRC-32C, reflected, over the whole packet with its checksum field zero.
 *
 * <p>The result goes into the header least significant byte first. <b>Thread</b>: stateless. <b>Source</b>: RFC 9260
 * appendix A.
 */
public final class Crc32c {
    private static final int POLYNOMIAL = 0x82F6_3B78;
    private static final int[] TABLE = table();

    private Crc32c() {}

    private static int[] table() {
        final int[] table = new int[256];
        for (int n = 0; n < table.length; n++) {
            int crc = n;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
            }
            table[n] = crc;
        }
        return table;
    }

    /** The CRC of {@code length} bytes. */
    public static int checksum(UnsafeBuffer buffer, int offset, int length) {
        int crc = -1;
        for (int i = offset; i < offset + length; i++) {
            crc = crc >>> 8 ^ TABLE[(crc ^ buffer.getByte(i)) & 0xFF];
        }
        return ~crc;
    }
}
