package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BitUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The way of a frame from the worker that received it to the one that owns it: a bounded ring for each worker, written by
 * all the others without a lock. Frames are copied. A full ring loses the frame, which the sender counts.
 *
 * <pre>
 *  a record: +0 ingress  +4 vlan TCI  +8 checksum start  +12 checksum offset  +16 segment type  +20 segment size
 *            +24 largest fragment  +28 unused  +32 the frame
 * </pre>
 */
final class HandOver {
    /** The frame is the receiver's to decide. */
    static final int FRAME = 1;
    /** Another worker decides it; only what it tells of neighbours matters here. */
    static final int NEIGHBOUR = 2;

    private static final int INGRESS = 0;
    private static final int VLAN = 4;
    private static final int CHECKSUM_START = 8;
    private static final int CHECKSUM_OFFSET = 12;
    private static final int SEGMENT_TYPE = 16;
    private static final int SEGMENT_SIZE = 20;
    private static final int LARGEST_FRAGMENT = 24;
    private static final int FRAME_AT = 32;

    /** Some 2,000 small frames, or 32 of the largest. */
    private static final int RING_BYTES = 1 << 21;

    private final ManyToOneRingBuffer[] rings;

    HandOver(int workers) {
        rings = new ManyToOneRingBuffer[workers];
        for (int i = 0; i < workers; i++) {
            final int bytes = RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH;
            final ByteBuffer memory = ByteBuffer.allocateDirect(bytes + BitUtil.CACHE_LINE_LENGTH);
            rings[i] = new ManyToOneRingBuffer(new UnsafeBuffer(
                    memory.alignedSlice(BitUtil.CACHE_LINE_LENGTH).slice(0, bytes)));
        }
    }

    /** Copies frame {@code i} to a worker; false if its ring is full. */
    boolean offer(int to, int kind, PacketBatch batch, int i) {
        final int length = batch.length[i];
        final ManyToOneRingBuffer ring = rings[to];
        final int at = ring.tryClaim(kind, FRAME_AT + length);
        if (at < 0) {
            return false;
        }
        final MutableDirectBuffer b = ring.buffer();
        b.putInt(at + INGRESS, batch.ingress[i]);
        b.putInt(at + VLAN, batch.vlanTci[i]);
        b.putInt(at + CHECKSUM_START, batch.checksumStart[i]);
        b.putInt(at + CHECKSUM_OFFSET, batch.checksumOffset[i]);
        b.putInt(at + SEGMENT_TYPE, batch.segmentType[i]);
        b.putInt(at + SEGMENT_SIZE, batch.segmentSize[i]);
        b.putInt(at + LARGEST_FRAGMENT, 0);
        b.putBytes(at + FRAME_AT, batch.buffer[i], batch.offset[i], length);
        ring.commit(at);
        return true;
    }

    /** Copies a packet that was put together of fragments, with a link header, to a worker; false if its ring is full. */
    boolean offerWhole(int to, PacketContext c, boolean linkLayer) {
        final int link = linkLayer ? LinkHeader.BYTES : 0;
        final ManyToOneRingBuffer ring = rings[to];
        final int at = ring.tryClaim(FRAME, FRAME_AT + link + c.l3Length);
        if (at < 0) {
            return false;
        }
        final MutableDirectBuffer b = ring.buffer();
        b.putInt(at + INGRESS, c.batch.ingress[c.index]);
        b.putInt(at + VLAN, c.batch.vlanTci[c.index] >= 0 ? c.batch.vlanTci[c.index] : c.packet.vlanTci);
        b.putInt(at + CHECKSUM_START, -1);
        b.putInt(at + CHECKSUM_OFFSET, 0);
        b.putInt(at + SEGMENT_TYPE, PacketBatch.SEGMENT_NONE);
        b.putInt(at + SEGMENT_SIZE, 0);
        b.putInt(at + LARGEST_FRAGMENT, c.largestFragment);
        if (linkLayer) {
            b.putBytes(at + FRAME_AT, c.batch.buffer[c.index], c.batch.offset[c.index], LinkHeader.BYTES - 2);
            b.putShort(at + FRAME_AT + LinkHeader.BYTES - 2, (short) c.etherType, ByteOrder.BIG_ENDIAN);
        }
        b.putBytes(at + FRAME_AT + link, c.buffer, c.l3Offset, c.l3Length);
        ring.commit(at);
        return true;
    }

    /** The end of a worker's ring: takes frames out, into memory of its own. */
    Inlet inlet(int worker) {
        return new Inlet(rings[worker]);
    }

    /** Takes the frames of one ring. <b>Owner</b>: its worker. */
    static final class Inlet implements MessageHandler {
        /** As devices align frames: the IP header behind an Ethernet header is 4-byte aligned. */
        private static final int HEADROOM = 130;

        private static final int LONGEST = (1 << 16) + 64;
        private static final int MEMORY_BYTES = 1 << 20;

        private final ManyToOneRingBuffer ring;
        private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(MEMORY_BYTES));
        private final PacketBatch frames = new PacketBatch();
        private final PacketBatch last = new PacketBatch();
        private int used;
        private int lastKind;

        private Inlet(ManyToOneRingBuffer ring) {
            this.ring = ring;
        }

        /**
         * Takes at most a batch of ordinary frames, and of the others the first.
         *
         * @return how many
         */
        int receive() {
            frames.clear();
            last.clear();
            used = 0;
            boolean more = true;
            while (more && !frames.isFull() && last.size == 0 && used + HEADROOM + LONGEST <= MEMORY_BYTES) {
                more = ring.read(this, 1) > 0;
            }
            return frames.size + last.size;
        }

        @Override
        public void onMessage(int kind, MutableDirectBuffer buffer, int offset, int length) {
            final int largestFragment = buffer.getInt(offset + LARGEST_FRAGMENT);
            lastKind = kind;
            final int bytes = length - FRAME_AT;
            final PacketBatch batch = kind == FRAME && largestFragment == 0 ? frames : last;
            memory.putBytes(used + HEADROOM, buffer, offset + FRAME_AT, bytes);
            final int i = batch.add(memory, used + HEADROOM, bytes, HEADROOM, buffer.getInt(offset + INGRESS));
            batch.vlanTci[i] = buffer.getInt(offset + VLAN);
            batch.checksumStart[i] = buffer.getInt(offset + CHECKSUM_START);
            batch.checksumOffset[i] = buffer.getInt(offset + CHECKSUM_OFFSET);
            batch.segmentType[i] = buffer.getInt(offset + SEGMENT_TYPE);
            batch.segmentSize[i] = buffer.getInt(offset + SEGMENT_SIZE);
            batch.largestFragment = largestFragment;
            used += BitUtil.align(HEADROOM + bytes, BitUtil.CACHE_LINE_LENGTH);
        }

        /** Ordinary frames, in order. */
        PacketBatch frames() {
            return frames;
        }

        /** The one behind them that is none, if any. */
        PacketBatch last() {
            return last;
        }

        /** Does the last one only tell of a neighbour? Else it was put together of fragments. */
        boolean isOfNeighbour() {
            return lastKind == NEIGHBOUR;
        }
    }
}
