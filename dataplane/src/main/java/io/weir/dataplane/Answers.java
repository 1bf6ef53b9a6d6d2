package io.weir.dataplane;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How real servers answer the handshakes of their clients: what passive health checks go by.
 *
 * <p>Three 8-byte counters for each destination slot, off-heap, counted only where a connection's state changes or a SYN
 * comes again. <b>Thread</b>: one worker writes, any thread reads.
 */
public final class Answers {
    /** Handshakes that were completed. */
    public static final int OPENED = 0;
    /** Handshakes the real server answered with a RST; seen only where its replies pass the director. */
    public static final int REFUSED = 8;
    /** SYNs that a client had to send again because the real server said nothing. */
    public static final int UNANSWERED = 16;

    private static final int ROW_BYTES = 32;

    private final UnsafeBuffer buffer;

    /** Of destinations with slots below {@code slots}. */
    Answers(int slots) {
        buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(slots * ROW_BYTES));
    }

    void count(int slot, int counter) {
        final int at = slot * ROW_BYTES + counter;
        buffer.putLongRelease(at, buffer.getLong(at) + 1);
    }

    /** Reads one counter; any thread. It never goes back, and another server may have the slot later. */
    public long get(int slot, int counter) {
        return buffer.getLongVolatile(slot * ROW_BYTES + counter);
    }
}
