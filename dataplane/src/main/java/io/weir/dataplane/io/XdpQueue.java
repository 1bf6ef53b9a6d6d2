package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.XdpRing;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The receiving half of one AF_XDP socket: frames come by the receive ring and go back by the fill ring.
 *
 * <p><b>Owner</b>: its frames are its own; an address that came returns here and nowhere else, be it after another device has
 * sent the frame. <b>Thread</b>: its device's.
 */
final class XdpQueue {
    private static final int ETHERTYPE_AT = 12;
    private static final int TAGGED = 0x8100;
    private static final int SHORTEST_TAGGED = 18;

    private final XdpMemory shared;
    private final UnsafeBuffer memory;
    private final XdpRing received;
    private final XdpRing fill;
    private final boolean findUnfinished;
    /** Addresses of frames that the worker has. */
    private final long[] held;

    private int holding;
    /** Frames that are being sent, here or by another device. */
    private int lent;
    /** Has something come back that the kernel was not shown yet? */
    private boolean unpublished;

    /**
     * @param first address of its first frame
     * @param frames how many there are; both rings have as many entries
     * @param findUnfinished look for checksums that local senders left unfinished
     */
    XdpQueue(XdpMemory shared, XdpRing received, XdpRing fill, int first, int frames, boolean findUnfinished) {
        this.findUnfinished = findUnfinished;
        this.shared = shared;
        this.memory = shared.buffer();
        this.received = received;
        this.fill = fill;
        this.held = new long[frames];
        for (int i = 0; i < frames; i++) {
            fill.put(first + (long) i * shared.chunkBytes());
        }
        fill.publish();
        shared.filledBy(this, first, frames);
    }

    /** Adds what waits, as long as there is room; gives how many. */
    int receive(PacketBatch batch, int interfaceIndex) {
        if (unpublished) {
            unpublished = false;
            fill.publish();
        }
        final int count = Math.min(received.waiting(), PacketBatch.CAPACITY - batch.size);
        for (int n = 0; n < count; n++) {
            final int frame = (int) received.address(n);
            final int chunk = shared.received(frame);
            held[holding++] = chunk;
            final int i = batch.add(memory, frame, received.length(n), frame - chunk, interfaceIndex);
            if (batch.length[i] >= SHORTEST_TAGGED
                    && (memory.getShort(frame + ETHERTYPE_AT, ByteOrder.BIG_ENDIAN) & 0xFFFF) == TAGGED) {
                takeTagOut(batch, i);
            }
            if (findUnfinished) {
                UnfinishedChecksumFinder.find(batch, i);
            }
        }
        if (count > 0) {
            received.consume(count);
        }
        return count;
    }

    /** The tag goes where the path expects it, as the kernel does before a tap. */
    private void takeTagOut(PacketBatch batch, int i) {
        final int frame = batch.offset[i];
        batch.vlanTci[i] = memory.getShort(frame + ETHERTYPE_AT + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final long first = memory.getLong(frame);
        final int rest = memory.getInt(frame + Long.BYTES);
        memory.putLong(frame + EthernetTag.BYTES, first);
        memory.putInt(frame + EthernetTag.BYTES + Long.BYTES, rest);
        batch.offset[i] += EthernetTag.BYTES;
        batch.length[i] -= EthernetTag.BYTES;
        batch.headroom[i] += EthernetTag.BYTES;
    }

    /** Frames that the worker has. */
    int holding() {
        return holding;
    }

    /** Gives the kernel back what the worker had. */
    void release() {
        for (int i = 0; i < holding; i++) {
            if (shared.released((int) held[i])) {
                fill.put(held[i]);
            }
        }
        if (holding > 0) {
            holding = 0;
            fill.publish();
        }
    }

    /** May one more of its frames be sent as it is? At most half of them, so that a slow receiver does not stop this queue. */
    boolean lend() {
        if (lent >= held.length / 2) {
            return false;
        }
        lent++;
        return true;
    }

    /** The kernel has sent a chunk; {@code ours} if the worker has released it before. */
    void returned(int chunk, boolean ours) {
        lent--;
        if (ours) {
            fill.put(chunk);
            unpublished = true;
        }
    }

    /** Must the kernel be told that there are frames to fill? */
    boolean needsWakeup() {
        return fill.needsWakeup();
    }
}
