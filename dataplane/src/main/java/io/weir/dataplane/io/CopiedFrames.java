package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory for the frames that do not fit a ring slot; the kernel queues the whole of each on the ring's own socket.
 *
 * <p>The queue has the order of the slots marked TP_STATUS_COPY (both are appended under one lock of the kernel), so one
 * read belongs to one such slot. Should a read ever fail, the queue would run ahead of the ring for good: therefore each
 * copy is compared with the first bytes in its slot, and copies that belong to earlier slots are thrown away.
 *
 * <p><b>Layout</b> of a place: headroom, virtio_net_hdr, frame; the IP header is 4-byte aligned.
 */
final class CopiedFrames {
    /** Offset of a frame in its place, ≡ 2 (mod 4). */
    private static final int FRAME_AT = 130;

    private static final int LONGEST = (1 << 16) + 64;
    private static final int PLACE_BYTES = 65_792;
    private static final int COMPARED_BYTES = 64;
    private static final int ATTEMPTS = 4;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(PLACE_BYTES * PacketBatch.CAPACITY));
    private final int fd;
    private final int headerBytes;
    private int used;

    CopiedFrames(int fd, int headerBytes) {
        this.fd = fd;
        this.headerBytes = headerBytes;
    }

    boolean isFull() {
        return used == PacketBatch.CAPACITY;
    }

    UnsafeBuffer memory() {
        return memory;
    }

    /**
     * Reads the copy that belongs to a slot.
     *
     * @param length of the frame, as its slot says
     * @return the frame's offset in {@link #memory}, or -1 if there is no such copy
     */
    int take(UnsafeBuffer slots, int slotFrame, int length) {
        final int frame = used * PLACE_BYTES + FRAME_AT;
        final long address = memory.addressOffset() + frame - headerBytes;
        for (int n = 0; n < ATTEMPTS; n++) {
            final long got = LibC.recv(
                    fd, address, LONGEST + headerBytes, LinuxConstants.MSG_DONTWAIT | LinuxConstants.MSG_TRUNC);
            if (got == length + headerBytes && got <= LONGEST && begins(frame, slots, slotFrame, length)) {
                used++;
                return frame;
            }
        }
        return -1;
    }

    private boolean begins(int frame, UnsafeBuffer slots, int slotFrame, int length) {
        final int compared = Math.min(COMPARED_BYTES, length) & -Long.BYTES;
        for (int i = 0; i < compared; i += Long.BYTES) {
            if (memory.getLong(frame + i) != slots.getLong(slotFrame + i)) {
                return false;
            }
        }
        return true;
    }

    /** Free bytes in front of a frame. */
    int headroom() {
        return FRAME_AT;
    }

    void release() {
        used = 0;
    }
}
