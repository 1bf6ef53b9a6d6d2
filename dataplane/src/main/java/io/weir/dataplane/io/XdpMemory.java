package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.FrameMemory;
import io.weir.dataplane.io.linux.XdpSocket;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The frames of AF_XDP devices, one memory for all that one worker has (a UMEM), so that a frame which one received is sent by
 * another without a copy.
 *
 * <p>It is cut into chunks. A device takes a range of them for each of its queues, which fills them, and one for frames of
 * our own to send. A received frame that is being sent belongs to both sides: it returns to its queue when the worker has
 * released it <i>and</i> the kernel has sent it, whichever comes last.
 *
 * <p><b>Thread</b>: the worker's. <b>Owner</b>: its devices; it goes with the last.
 */
final class XdpMemory implements AutoCloseable {
    /** The worker has it. */
    private static final int HELD = 1;
    /** The kernel is to send it. */
    private static final int SENDING = 2;

    private final FrameMemory frames;
    private final UnsafeBuffer buffer;
    private final int chunkBytes;
    private final int chunkShift;
    private final byte[] state;
    /** By chunk: where it is filled; null for those of our own frames. */
    private final XdpQueue[] queueOf;

    private final int headroom;
    private int used;
    private int devices;
    /** The socket that the kernel knows the memory by; -1 before the first. */
    private int fd = -1;

    /**
     * @param chunks for all devices together
     * @param chunkBytes 2048 or 4096
     * @param headroom bytes that the kernel leaves free in front of a frame beside its own
     */
    XdpMemory(long chunks, int chunkBytes, int headroom, String subject) {
        final long bytes = chunks * chunkBytes;
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    subject + ": devices have less than 2 GiB of frames together: frames=" + chunks);
        }
        this.frames = new FrameMemory((int) bytes, subject);
        this.buffer = frames.buffer();
        this.chunkBytes = chunkBytes;
        this.chunkShift = Integer.numberOfTrailingZeros(chunkBytes);
        this.headroom = headroom;
        this.state = new byte[(int) chunks];
        this.queueOf = new XdpQueue[(int) chunks];
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int chunkBytes() {
        return chunkBytes;
    }

    /** One more uses it. */
    void join() {
        devices++;
    }

    /** Makes it known to the kernel by a socket, if none did before; gives the socket that others name to share it. */
    int register(XdpSocket socket) {
        if (fd < 0) {
            socket.frames(frames, chunkBytes, headroom);
            fd = socket.fd();
        }
        return fd;
    }

    /** So many chunks for frames of our own; gives the address of the first. */
    int take(int chunks) {
        final int first = used << chunkShift;
        used += chunks;
        return first;
    }

    /** Whose frames these chunks are from now on. */
    void filledBy(XdpQueue queue, int first, int chunks) {
        for (int i = 0; i < chunks; i++) {
            queueOf[(first >> chunkShift) + i] = queue;
        }
    }

    /** A frame has come; gives its chunk. */
    int received(int address) {
        final int chunk = address >> chunkShift;
        state[chunk] = HELD;
        return chunk << chunkShift;
    }

    /** The worker is done with a chunk; true if its queue has it back now. */
    boolean released(int address) {
        final int chunk = address >> chunkShift;
        state[chunk] &= ~HELD;
        return state[chunk] == 0;
    }

    /**
     * Can a frame of a batch be sent as it lies there? Then it counts as being sent.
     *
     * @return false if it must be copied: it is not of this memory, runs over its chunk's end, is being sent already, or too
     *     many of its queue are
     */
    @SuppressWarnings("ReferenceEquality") // is it this memory, not: does it hold the same
    boolean sends(UnsafeBuffer memory, int offset, int length) {
        if (memory != buffer || offset >> chunkShift != offset + length - 1 >> chunkShift) {
            return false;
        }
        final int chunk = offset >> chunkShift;
        if (state[chunk] != HELD || !queueOf[chunk].lend()) {
            return false;
        }
        state[chunk] = HELD | SENDING;
        return true;
    }

    /** The kernel has sent a chunk; false if it is not a queue's but one of our own. */
    boolean sent(int address) {
        final int chunk = address >> chunkShift;
        final XdpQueue queue = queueOf[chunk];
        if (queue == null) {
            return false;
        }
        state[chunk] &= ~SENDING;
        queue.returned(chunk << chunkShift, state[chunk] == 0);
        return true;
    }

    /** One has gone. */
    @Override
    public void close() {
        if (--devices == 0) {
            frames.close();
        }
    }
}
