package io.weir.dataplane.io;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Puts an 802.1Q tag back into a frame: the kernel takes the outer one out before a tap sees the frame.
 *
 * <p><b>Source</b>: IEEE 802.1Q §9.3
 */
final class EthernetTag {
    static final int BYTES = 4;
    static final int TPID_8021Q = 0x8100;
    /** Both addresses. */
    private static final int ADDRESSES_BYTES = 12;

    private EthernetTag() {}

    /** Copies a frame with a tag behind its addresses. */
    static void copyWithTag(UnsafeBuffer to, int at, UnsafeBuffer from, int offset, int length, int tci) {
        to.putBytes(at, from, offset, ADDRESSES_BYTES);
        put(to, at + ADDRESSES_BYTES, TPID_8021Q, tci);
        to.putBytes(at + ADDRESSES_BYTES + BYTES, from, offset + ADDRESSES_BYTES, length - ADDRESSES_BYTES);
    }

    /** Moves the addresses four bytes to the front and puts a tag behind them; the frame begins at {@code offset - 4}. */
    static void insert(UnsafeBuffer buffer, int offset, int tpid, int tci) {
        buffer.putBytes(offset - BYTES, buffer, offset, ADDRESSES_BYTES);
        put(buffer, offset - BYTES + ADDRESSES_BYTES, tpid, tci);
    }

    private static void put(UnsafeBuffer buffer, int at, int tpid, int tci) {
        buffer.putShort(at, (short) tpid, ByteOrder.BIG_ENDIAN);
        buffer.putShort(at + 2, (short) tci, ByteOrder.BIG_ENDIAN);
    }
}
