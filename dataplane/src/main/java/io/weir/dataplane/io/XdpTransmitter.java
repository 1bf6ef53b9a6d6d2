package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.XdpRing;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The sending half of an AF_XDP socket: a frame that lies in the devices' memory is sent from there, any other is copied into
 * frames of our own; both come back by the completion ring.
 *
 * <p><b>Thread</b>: its device's.
 */
final class XdpTransmitter {
    /** One call sends 32 frames on kernels before 6.17. */
    private static final int KICKS = 8;

    private final XdpMemory shared;
    private final UnsafeBuffer memory;
    private final XdpRing ring;
    private final XdpRing completed;
    private final int fd;
    private final long[] free;
    private int freeCount;
    private boolean pending;
    private long sentInPlace;

    /**
     * @param first address of the first frame of our own
     * @param frames how many there are; the rings have as many entries
     */
    XdpTransmitter(XdpMemory shared, XdpRing ring, XdpRing completed, int fd, int first, int frames) {
        this.shared = shared;
        this.memory = shared.buffer();
        this.ring = ring;
        this.completed = completed;
        this.fd = fd;
        this.free = new long[frames];
        while (freeCount < frames) {
            free[freeCount] = first + (long) freeCount * shared.chunkBytes();
            freeCount++;
        }
    }

    /** Frame {@code i}, with its tag, is to be sent; false if no memory or no room is free. */
    boolean add(PacketBatch batch, int i) {
        if (batch.vlanTci[i] < 0 && ring.hasRoom() && shared.sends(batch.buffer[i], batch.offset[i], batch.length[i])) {
            ring.put(batch.offset[i], batch.length[i]);
            sentInPlace++;
            pending = true;
            return true;
        }
        return copy(batch, i);
    }

    private boolean copy(PacketBatch batch, int i) {
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

    /** Frames sent from where they lay. */
    long sentInPlace() {
        return sentInPlace;
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
            final long address = completed.address(n);
            if (!shared.sent((int) address)) {
                free[freeCount++] = address;
            }
        }
        if (count > 0) {
            completed.consume(count);
        }
    }
}
