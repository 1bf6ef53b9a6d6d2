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

    /** One of each worker that is counted together; a worker's own has one. */
    private final UnsafeBuffer[] buffers;

    /** Of destinations with slots below {@code slots}. */
    Answers(int slots) {
        this(new UnsafeBuffer(ByteBuffer.allocateDirect(slots * ROW_BYTES)));
    }

    private Answers(UnsafeBuffer... buffers) {
        this.buffers = buffers;
    }

    /** The sums over several workers, to read. */
    static Answers together(Answers... workers) {
        final UnsafeBuffer[] buffers = new UnsafeBuffer[workers.length];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = workers[i].buffers[0];
        }
        return new Answers(buffers);
    }

    void count(int slot, int counter) {
        final int at = slot * ROW_BYTES + counter;
        buffers[0].putLongRelease(at, buffers[0].getLong(at) + 1);
    }

    /** Reads one counter; any thread. It never goes back, and another server may have the slot later. */
    public long get(int slot, int counter) {
        long sum = 0;
        for (final UnsafeBuffer buffer : buffers) {
            sum += buffer.getLongVolatile(slot * ROW_BYTES + counter);
        }
        return sum;
    }
}
