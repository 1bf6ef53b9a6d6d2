package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends single frames of any length by send(2), for those that do not fit a ring slot.
 *
 * <p>The virtio_net_hdr, and a tag, are written into the frame's headroom, so that header and frame are one piece.
 */
final class FrameSender {
    private static final int LONGEST = (1 << 16) + 64;

    private final UnsafeBuffer scratch;
    private final int fd;
    private final int headerBytes;

    FrameSender(int fd, int headerBytes) {
        this.fd = fd;
        this.headerBytes = headerBytes;
        this.scratch = new UnsafeBuffer(ByteBuffer.allocateDirect(headerBytes + EthernetTag.BYTES + LONGEST));
    }

    /** Sends frame {@code i}; false if the kernel does not take it. */
    boolean send(PacketBatch batch, int i) {
        final int tci = batch.vlanTci[i];
        final int grown = tci >= 0 ? EthernetTag.BYTES : 0;
        UnsafeBuffer memory = batch.buffer[i];
        int frame = batch.offset[i];
        final int length = batch.length[i];
        if (batch.headroom[i] < grown + headerBytes || memory.byteArray() != null) {
            if (length > LONGEST) {
                return false;
            }
            frame = headerBytes + EthernetTag.BYTES;
            scratch.putBytes(frame, memory, batch.offset[i], length);
            memory = scratch;
        }
        if (headerBytes > 0) {
            VirtioNetHeader.write(memory, frame - grown - headerBytes, batch, i, grown);
        }
        if (tci >= 0) {
            // After the header: that is computed from the frame's old place.
            EthernetTag.insert(memory, frame, EthernetTag.TPID_8021Q, tci);
        }
        final int bytes = headerBytes + grown + length;
        final long address = memory.addressOffset() + frame - grown - headerBytes;
        return LibC.send(fd, address, bytes, LinuxConstants.MSG_DONTWAIT) == bytes;
    }
}
