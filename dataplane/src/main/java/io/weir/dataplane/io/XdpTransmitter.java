package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.XdpRing;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The sending half of an AF_XDP socket: a frame is copied into memory of ours, which comes back by the completion ring.
 *
 * <p><b>Thread</b>: its device's.
 */
final class XdpTransmitter {
    /** One call sends 32 frames on kernels before 6.17. */
    private static final int KICKS = 8;

    private final UnsafeBuffer memory;
    private final XdpRing ring;
    private final XdpRing completed;
    private final int fd;
    private final long[] free;
    private int freeCount;
    private boolean pending;

    /**
     * @param first address of its first frame
     * @param frames how many there are; the completion ring has as many entries
     */
    XdpTransmitter(
            UnsafeBuffer memory, XdpRing ring, XdpRing completed, int fd, int first, int frames, int chunkBytes) {
        this.memory = memory;
        this.ring = ring;
        this.completed = completed;
        this.fd = fd;
        this.free = new long[frames];
        while (freeCount < frames) {
            free[freeCount] = first + (long) freeCount * chunkBytes;
            freeCount++;
        }
    }

    /** Copies frame {@code i}, with its tag, for sending; false if no memory or no room is free. */
    boolean add(PacketBatch batch, int i) {
        if (freeCount == 0) {
            reap();
        }
        if (freeCount == 0 || !ring.hasRoom()) {
            return false;
        }
        final int frame = (int) free[--freeCount];
        final int length = batch.length[i];
        final int tci = batch.vlanTci[i];
        if (tci >= 0) {
            EthernetTag.copyWithTag(memory, frame, batch.buffer[i], batch.offset[i], length, tci);
            ring.put(frame, length + EthernetTag.BYTES);
        } else {
            memory.putBytes(frame, batch.buffer[i], batch.offset[i], length);
            ring.put(frame, length);
        }
        pending = true;
        return true;
    }

    /** Are there frames that the kernel has not taken yet? */
    boolean isPending() {
        return pending;
    }

    /** Hands over what was added and has it sent, as far as the interface takes it. */
    void kick() {
        ring.publish();
        for (int n = 0; n < KICKS && pending; n++) {
            if (ring.needsWakeup()) {
                LibC.send(fd, 0, 0, LinuxConstants.MSG_DONTWAIT);
            }
            // The kernel sends no more than completions have room.
            reap();
            pending = ring.pending() > 0;
        }
    }

    private void reap() {
        final int count = completed.waiting();
        for (int n = 0; n < count; n++) {
            free[freeCount++] = completed.address(n);
        }
        if (count > 0) {
            completed.consume(count);
        }
    }
}
