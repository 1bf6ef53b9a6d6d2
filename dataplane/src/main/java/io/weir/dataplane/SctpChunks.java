package io.weir.dataplane;

import io.weir.packet.ParsedPacket;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** SCTP chunk types the path asks about; RFC 9260 section 3.2. */
final class SctpChunks {
    static final int INIT = 1;
    static final int ABORT = 6;

    private static final int COMMON_HEADER = 12;
    private static final int CHUNK_HEADER = 4;

    private SctpChunks() {}

    /** The type of the packet's second chunk, or -1 if it has none. */
    static int second(ParsedPacket p) {
        final UnsafeBuffer b = p.buffer;
        final int first = COMMON_HEADER + CHUNK_HEADER;
        if (b == null || p.l4Length < first) {
            return -1;
        }
        final int length = b.getShort(p.l4Offset + COMMON_HEADER + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final int at = COMMON_HEADER + (length + 3 & ~3);
        return length >= CHUNK_HEADER && at + CHUNK_HEADER <= p.l4Length ? b.getByte(p.l4Offset + at) & 0xFF : -1;
    }
}
