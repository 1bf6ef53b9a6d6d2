package io.weir.dataplane.io;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Up to 64 frames on their way through a worker, as a struct of arrays.
 *
 * <p><b>Owner</b>: the worker. A received frame's bytes belong to the device that delivered it, and may be rewritten in
 * place, until {@link PacketDevice#release()}. They lie outside the heap. {@link #headroom} bytes in front of {@link #offset} may be overwritten
 * too (that is where an outer header goes).
 *
 * <p><b>Offloads</b>: the fields of virtio_net_hdr (virtio 1.2 section 5.1.6), here relative to the frame's first byte.
 * {@link #checksumStart} {@code >= 0} says that the 16 bits at {@code checksumStart + checksumOffset} hold only the
 * folded, not inverted sum of the pseudo header. {@link #segmentSize} {@code > 0} says that this is a super-frame whose
 * TCP payload must leave in segments of that many bytes.
 */
public final class PacketBatch {
    /** Frames in a batch. */
    public static final int CAPACITY = 64;

    /** Nothing decided yet, or left to the host's stack. */
    public static final int PASS = 0;
    /** Send through {@link #egress}. */
    public static final int TRANSMIT = 1;
    /** Dropped and counted. */
    public static final int DROP = 2;
    /** Taken: answered, held for reassembly, or replaced by generated frames. */
    public static final int CONSUMED = 3;

    public static final int SEGMENT_NONE = 0;
    public static final int SEGMENT_TCPV4 = 1;
    public static final int SEGMENT_TCPV6 = 4;

    public final UnsafeBuffer[] buffer = new UnsafeBuffer[CAPACITY];
    public final int[] offset = new int[CAPACITY];
    public final int[] length = new int[CAPACITY];
    public final int[] headroom = new int[CAPACITY];
    /** Index of the interface a frame came in by. */
    public final int[] ingress = new int[CAPACITY];
    /** Index of the interface it leaves by; valid with {@link #TRANSMIT}. */
    public final int[] egress = new int[CAPACITY];

    public final int[] verdict = new int[CAPACITY];
    /** The 802.1Q TCI the kernel stripped, or -1. */
    public final int[] vlanTci = new int[CAPACITY];

    public final int[] checksumStart = new int[CAPACITY];
    public final int[] checksumOffset = new int[CAPACITY];
    /** {@link #SEGMENT_NONE}, {@link #SEGMENT_TCPV4} or {@link #SEGMENT_TCPV6} (virtio gso_type, ECN bit 0x80 kept). */
    public final int[] segmentType = new int[CAPACITY];

    public final int[] segmentSize = new int[CAPACITY];

    /** Record id of the frame's connection after the path ran, or -1. */
    public final int[] connection = new int[CAPACITY];
    /** With {@link #DROP}: the ordinal of the DropReason. */
    public final int[] reason = new int[CAPACITY];

    /** Frames held: 0 to {@link #CAPACITY}. */
    public int size;

    /**
     * The batch's only frame was put together of fragments by another worker: the largest of them, in bytes of layer 3. Else
     * 0.
     */
    public int largestFragment;

    public PacketBatch() {
        Arrays.fill(buffer, new UnsafeBuffer(0, 0));
        Arrays.fill(vlanTci, -1);
        Arrays.fill(checksumStart, -1);
    }

    /** Is there no room left? */
    public boolean isFull() {
        return size == CAPACITY;
    }

    /**
     * Adds a frame without offloads, with verdict {@link #PASS}.
     *
     * @return its index
     */
    public int add(UnsafeBuffer memory, int frameOffset, int frameLength, int frameHeadroom, int interfaceIndex) {
        final int i = size++;
        buffer[i] = memory;
        offset[i] = frameOffset;
        length[i] = frameLength;
        headroom[i] = frameHeadroom;
        ingress[i] = interfaceIndex;
        egress[i] = -1;
        verdict[i] = PASS;
        vlanTci[i] = -1;
        checksumStart[i] = -1;
        checksumOffset[i] = 0;
        segmentType[i] = SEGMENT_NONE;
        segmentSize[i] = 0;
        connection[i] = -1;
        reason[i] = 0;
        return i;
    }

    /** Puts frame {@code from} in the place of frame {@code to}. */
    public void move(int from, int to) {
        buffer[to] = buffer[from];
        offset[to] = offset[from];
        length[to] = length[from];
        headroom[to] = headroom[from];
        ingress[to] = ingress[from];
        egress[to] = egress[from];
        verdict[to] = verdict[from];
        vlanTci[to] = vlanTci[from];
        checksumStart[to] = checksumStart[from];
        checksumOffset[to] = checksumOffset[from];
        segmentType[to] = segmentType[from];
        segmentSize[to] = segmentSize[from];
        connection[to] = connection[from];
        reason[to] = reason[from];
    }

    /** Forgets all frames. */
    public void clear() {
        size = 0;
        largestFragment = 0;
    }
}
