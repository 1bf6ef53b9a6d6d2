package io.weir.dataplane.io;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Off-heap places for the frames of one batch, for devices whose frames come by a copy.
 *
 * <p><b>Layout</b> of a place: {@link #HEADROOM} free bytes, then the frame. Headroom is ≡ 2 (mod 4) with a link header and
 * ≡ 0 (mod 4) without, so that the IP header is 4-byte aligned.
 */
final class FrameArena {
    /** Room for outer headers. */
    private static final int HEADROOM = 128;

    private final UnsafeBuffer memory;
    private final int placeBytes;
    private final int headroom;
    private int used;

    FrameArena(int longestFrame, boolean linkLayer) {
        this.headroom = headroom(linkLayer);
        this.placeBytes = (headroom + longestFrame + 63) & ~63;
        this.memory = new UnsafeBuffer(ByteBuffer.allocateDirect(placeBytes * PacketBatch.CAPACITY));
    }

    /** Free bytes in front of a frame, such that its IP header is aligned. */
    static int headroom(boolean linkLayer) {
        return HEADROOM + (linkLayer ? 2 : 0);
    }

    UnsafeBuffer memory() {
        return memory;
    }

    boolean isFull() {
        return used == PacketBatch.CAPACITY;
    }

    /** Where the next frame is to be written. */
    int next() {
        return used * placeBytes + headroom;
    }

    /** Takes the place that {@link #next} told and adds its frame to the batch. */
    int add(PacketBatch batch, int length, int interfaceIndex) {
        final int at = next();
        used++;
        return batch.add(memory, at, length, headroom, interfaceIndex);
    }

    /** Frees all places. */
    void release() {
        used = 0;
    }
}
