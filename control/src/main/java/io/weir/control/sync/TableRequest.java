package io.weir.control.sync;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.weir.dataplane.sync.SyncWire;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/**
 * Weir's own messages: a backup asks for the whole table, and a master says that it was told.
 *
 * <pre>
 *   +0 0                     1    a message of version 0 without entries, to who does not know more
 *   +1 syncid                1
 *   +2 16                    2    bytes of the message
 *   +4 0                     1
 *   +5 0x57                  1    the version, which is no version of the kernel's
 *   +6 0                     2
 *   +8 1 ask, 2 end          1
 *   +9 0                     3
 *  +12 entries told          4    of an end
 * </pre>
 *
 * <p>A kernel director takes the version for an old one, finds no entries, and does nothing.
 */
final class TableRequest {

    private TableRequest() {}

    /** A request. */
    static ByteBuffer ask(int syncId) {
        return ByteBuffer.allocate(SyncWire.OWN_BYTES)
                .put(SyncWire.SYNCID, (byte) syncId)
                .putShort(SyncWire.SIZE, (short) SyncWire.OWN_BYTES)
                .put(SyncWire.VERSION_AT, (byte) SyncWire.OWN_VERSION)
                .put(SyncWire.OWN_KIND, (byte) SyncWire.OWN_ASK);
    }

    private static boolean isOwn(DirectBuffer b, int length) {
        return length == SyncWire.OWN_BYTES
                && b.getByte(0) == 0
                && b.getByte(SyncWire.VERSION_AT) == SyncWire.OWN_VERSION
                && (b.getShort(SyncWire.SIZE, BIG_ENDIAN) & 0xFFFF) == SyncWire.OWN_BYTES;
    }

    /** Is this a request to a master of that syncid? One of syncid 0 is to all. */
    static boolean asks(DirectBuffer b, int length, int syncId) {
        final int asked = isOwn(b, length) && b.getByte(SyncWire.OWN_KIND) == SyncWire.OWN_ASK
                ? b.getByte(SyncWire.SYNCID) & 0xFF
                : -1;
        return asked == 0 || asked == syncId;
    }

    /** The number of entries if this is the end of a table, else -1. */
    static long told(DirectBuffer b, int length) {
        return isOwn(b, length) && b.getByte(SyncWire.OWN_KIND) == SyncWire.OWN_END
                ? b.getInt(SyncWire.OWN_TOLD, BIG_ENDIAN) & 0xFFFF_FFFFL
                : -1;
    }
}
