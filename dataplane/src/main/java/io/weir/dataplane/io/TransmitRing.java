package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.TpacketRing;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * TPACKET_V2 ring of frames to send: frames are copied into slots, one system call starts the sending of all of them.
 *
 * <p>The socket has PACKET_LOSS set: without it, one frame that the kernel refuses stops the ring for ever.
 */
final class TransmitRing {
    private static final int BUSY = TpacketRing.STATUS_SEND_REQUEST | TpacketRing.STATUS_SENDING;
    private static final int KICKS = 4;

    private final UnsafeBuffer ring;
    private final int slots;
    private final int slotBytes;
    private final int headerBytes;
    private final int fd;
    private int next;
    /** The slot written last and not yet known to be sent, or -1. */
    private int pending = -1;

    TransmitRing(UnsafeBuffer ring, int slotBytes, int fd, int headerBytes) {
        this.ring = ring;
        this.slots = ring.capacity() / slotBytes;
        this.slotBytes = slotBytes;
        this.headerBytes = headerBytes;
        this.fd = fd;
    }

    /** Does a frame of that length, tag included, fit a slot? */
    boolean fits(int length) {
        return TpacketRing.V2_TRANSMIT_DATA + headerBytes + length <= slotBytes;
    }

    /** Copies frame {@code i} into the next slot; false if all slots are busy. */
    boolean add(PacketBatch batch, int i) {
        final int slot = next * slotBytes;
        if ((ring.getIntAcquire(slot + TpacketRing.V2_STATUS) & BUSY) != 0) {
            return false;
        }
        final int tci = batch.vlanTci[i];
        final int grown = tci >= 0 ? EthernetTag.BYTES : 0;
        final int header = slot + TpacketRing.V2_TRANSMIT_DATA;
        if (headerBytes > 0) {
            VirtioNetHeader.write(ring, header, batch, i, grown);
        }
        final int frame = header + headerBytes;
        final int length = batch.length[i];
        if (tci >= 0) {
            EthernetTag.copyWithTag(ring, frame, batch.buffer[i], batch.offset[i], length, tci);
        } else {
            ring.putBytes(frame, batch.buffer[i], batch.offset[i], length);
        }
        ring.putInt(slot + TpacketRing.V2_LENGTH, headerBytes + length + grown);
        ring.putIntRelease(slot + TpacketRing.V2_STATUS, TpacketRing.STATUS_SEND_REQUEST);
        pending = slot;
        next = next + 1 == slots ? 0 : next + 1;
        return true;
    }

    /** Has the kernel frames that it was not told to send, or did not take yet? */
    boolean isPending() {
        return pending >= 0;
    }

    /**
     * Tells the kernel to send. It works off the whole ring, unless its socket buffer is full or the interface is down;
     * the frames then stay for the next call.
     */
    void kick() {
        for (int n = 0; n < KICKS && pending >= 0; n++) {
            LibC.send(fd, 0, 0, LinuxConstants.MSG_DONTWAIT);
            if ((ring.getIntAcquire(pending + TpacketRing.V2_STATUS) & TpacketRing.STATUS_SEND_REQUEST) == 0) {
                pending = -1;
            }
        }
    }
}
