package io.weir.dataplane.io;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A ring of frames in memory, with all that a batch says of them.
 *
 * <p><b>Thread</b>: one at a time; nothing here is shared between running threads.
 */
final class MemoryRing {
    private final int headroom;
    private final UnsafeBuffer memory;
    private final int slots;
    private final int slotBytes;
    private final int[] length;
    private final int[] vlanTci;
    private final int[] checksumStart;
    private final int[] checksumOffset;
    private final int[] segmentType;
    private final int[] segmentSize;
    private int first;
    private int size;
    /** Of the frames in the ring, those given to a batch and not released. */
    private int lent;

    MemoryRing(int slots, int longestFrame, boolean linkLayer) {
        this.headroom = FrameArena.headroom(linkLayer);
        this.slots = slots;
        this.slotBytes = (headroom + longestFrame + 63) & ~63;
        this.memory = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.multiplyExact(slots, slotBytes)));
        this.length = new int[slots];
        this.vlanTci = new int[slots];
        this.checksumStart = new int[slots];
        this.checksumOffset = new int[slots];
        this.segmentType = new int[slots];
        this.segmentSize = new int[slots];
    }

    int size() {
        return size;
    }

    private int slot(int number) {
        final int slot = first + number;
        return slot >= slots ? slot - slots : slot;
    }

    /** Copies a frame without offloads to the end; false if the ring is full or the frame too long. */
    boolean append(UnsafeBuffer from, int offset, int bytes) {
        if (size == slots || bytes > slotBytes - headroom) {
            return false;
        }
        final int slot = slot(size);
        memory.putBytes(slot * slotBytes + headroom, from, offset, bytes);
        length[slot] = bytes;
        vlanTci[slot] = -1;
        checksumStart[slot] = -1;
        checksumOffset[slot] = 0;
        segmentType[slot] = PacketBatch.SEGMENT_NONE;
        segmentSize[slot] = 0;
        size++;
        return true;
    }

    /** The same with the batch's description. */
    boolean append(PacketBatch batch, int i) {
        if (!append(batch.buffer[i], batch.offset[i], batch.length[i])) {
            return false;
        }
        final int slot = slot(size - 1);
        vlanTci[slot] = batch.vlanTci[i];
        checksumStart[slot] = batch.checksumStart[i];
        checksumOffset[slot] = batch.checksumOffset[i];
        segmentType[slot] = batch.segmentType[i];
        segmentSize[slot] = batch.segmentSize[i];
        return true;
    }

    /** Lends frames to a batch until {@link #release}. */
    int lend(PacketBatch batch, int interfaceIndex) {
        final int before = batch.size;
        while (!batch.isFull() && lent < size) {
            final int slot = slot(lent++);
            final int i = batch.add(memory, slot * slotBytes + headroom, length[slot], headroom, interfaceIndex);
            batch.vlanTci[i] = vlanTci[slot];
            batch.checksumStart[i] = checksumStart[slot];
            batch.checksumOffset[i] = checksumOffset[slot];
            batch.segmentType[i] = segmentType[slot];
            batch.segmentSize[i] = segmentSize[slot];
        }
        return batch.size - before;
    }

    /** Takes out the frames that were lent. */
    void release() {
        first = slot(lent);
        size -= lent;
        lent = 0;
    }

    /** Forgets all frames. */
    void clear() {
        lent = size;
        release();
    }
}
