package io.weir.dataplane.sync;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * Looks at a received message before anything of it is believed.
 *
 * <p><b>Source</b>: ip_vs_process_message() of the Linux kernel.
 */
public final class SyncHeader {
    private SyncHeader() {}

    /**
     * Is the message for this backup?
     *
     * @param syncId whose messages are taken; 0: everybody's
     * @param counters tells why not
     */
    public static boolean accepts(DirectBuffer b, int offset, int length, int syncId, SyncCounters counters) {
        counters.increment(SyncCounters.RECEIVED);
        if (length < SyncWire.HEADER0_BYTES || (b.getShort(offset + SyncWire.SIZE, BIG_ENDIAN) & 0xFFFF) != length) {
            counters.increment(SyncCounters.BAD_HEADER);
            return false;
        }
        if (syncId != 0 && (b.getByte(offset + SyncWire.SYNCID) & 0xFF) != syncId) {
            counters.increment(SyncCounters.OTHER_SYNCID);
            return false;
        }
        return true;
    }
}
