package io.weir.dataplane.sync;

import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * What a worker and the thread of the sync daemons share.
 *
 * <p><b>Thread</b>: the outbox has the worker as its only writer and the daemons' thread as its only reader, the inbox the
 * other way round. A full ring loses what does not fit, and counts it; neither side ever waits for the other.
 */
public final class SyncLink {
    /** Kind of an outbox record: an entry of version 1; the port's number is above {@link #KIND_BITS}. */
    public static final int ENTRY = 1;
    /** An entry of version 0. */
    public static final int ENTRY0 = 2;
    /** The whole table was told; four bytes in the machine's order: the number of entries. */
    public static final int TABLE_END = 3;

    /** Bits of a record's type that are its kind. */
    public static final int KIND_BITS = 2;
    /** A record's type with these bits is its kind. */
    public static final int KIND_MASK = (1 << KIND_BITS) - 1;

    /** Kind of an inbox record: a message whose header was found good. */
    public static final int MESSAGE = 1;

    /** Room for some 20,000 entries, or 700 full messages. */
    private static final int RING_BYTES = 1 << 20;

    private final OneToOneRingBuffer outbox = ring();
    private final OneToOneRingBuffer inbox = ring();
    private final SyncCounters counters = new SyncCounters();
    private volatile boolean tableAsked;

    private static OneToOneRingBuffer ring() {
        final ByteBuffer memory =
                ByteBuffer.allocateDirect(RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH + BitUtil.CACHE_LINE_LENGTH);
        return new OneToOneRingBuffer(new UnsafeBuffer(memory.alignedSlice(BitUtil.CACHE_LINE_LENGTH)
                .slice(0, RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH)));
    }

    /** Entries from the worker. */
    public OneToOneRingBuffer outbox() {
        return outbox;
    }

    /** Messages for the worker. */
    public OneToOneRingBuffer inbox() {
        return inbox;
    }

    /** What became of entries and messages; any thread may read. */
    public SyncCounters counters() {
        return counters;
    }

    /** Hands a message to the worker; the daemons' thread only. */
    public void offer(UnsafeBuffer buffer, int offset, int length) {
        if (!inbox.write(MESSAGE, buffer, offset, length)) {
            counters.increment(SyncCounters.INBOX_FULL);
        }
    }

    /** Asks the worker to tell its whole table. */
    public void askTable() {
        tableAsked = true;
    }

    /** Was the table asked for since the last call? The worker only. */
    boolean takeTableAsked() {
        if (!tableAsked) {
            return false;
        }
        tableAsked = false;
        return true;
    }
}
