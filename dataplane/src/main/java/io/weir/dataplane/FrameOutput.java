package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Room for the frames that a worker makes itself, in the order in which they are to leave.
 *
 * <p>A user asks {@link #begin} for space, writes a layer-3 packet there (or an Ethernet payload), and calls
 * {@link #commit} with the number of bytes and the link header's fields. There are {@link #HEADROOM} free bytes in front.
 *
 * <p><b>Owner</b>: one worker. <b>Fails</b>: {@code begin} flushes through the {@link Flusher} when the room is used up,
 * so that it succeeds always.
 */
public final class FrameOutput {
    /** Free bytes in front of what begin() returns: link header, outer IPv6, UDP and GUE headers, and some to spare. */
    public static final int HEADROOM = 128;

    private static final int JUMBO_BYTES = 1 << 16;
    private static final int ARENA_BYTES = (PacketBatch.CAPACITY << 11) + JUMBO_BYTES + HEADROOM;

    /** Sends what has gathered, after the frames that came before it. */
    @FunctionalInterface
    public interface Flusher {
        /** Sends and clears the output's batch. */
        void flush();
    }

    private final UnsafeBuffer arena = new UnsafeBuffer(ByteBuffer.allocateDirect(ARENA_BYTES));
    private final PacketBatch batch = new PacketBatch();
    private Flusher flusher = batch::clear;
    private int used;

    /** Sets who sends when the room is full; once, before the worker starts. */
    public void flusher(Flusher newFlusher) {
        this.flusher = newFlusher;
    }

    /** The frames gathered so far. */
    public PacketBatch batch() {
        return batch;
    }

    /** The memory begin() points into. */
    public UnsafeBuffer buffer() {
        return arena;
    }

    /**
     * Makes room for a packet.
     *
     * @param bytes an upper bound of its layer-3 length, at most 65535
     * @return its offset in {@link #buffer}, ≡ 0 (mod 4)
     */
    public int begin(int bytes) {
        if (batch.isFull() || used + HEADROOM + bytes > ARENA_BYTES) {
            flusher.flush();
            clear();
        }
        return used + HEADROOM;
    }

    /**
     * Finishes the packet at {@code offset}: prepends the Ethernet header if the interface has one.
     *
     * @param length bytes written at {@code offset}
     * @param egress interface index
     * @param vlanTci the tag to send with, or -1
     * @return its index in {@link #batch}
     */
    public int commit(
            int offset,
            int length,
            int egress,
            boolean ethernet,
            long destination,
            long source,
            int etherType,
            int vlanTci) {
        int start = offset;
        if (ethernet) {
            start -= LinkHeader.BYTES;
            LinkHeader.write(arena, start, destination, source, etherType);
        }
        final int i = batch.add(arena, start, offset + length - start, start - used, -1);
        batch.egress[i] = egress;
        batch.vlanTci[i] = vlanTci;
        batch.verdict[i] = PacketBatch.TRANSMIT;
        used = (offset + length + 7) & ~7;
        return i;
    }

    /** Forgets all frames; after they were sent. */
    public void clear() {
        batch.clear();
        used = 0;
    }
}
