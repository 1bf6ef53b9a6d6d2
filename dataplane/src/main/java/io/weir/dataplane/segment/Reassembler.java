package io.weir.dataplane.segment;

import io.weir.packet.ParsedPacket;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Puts fragments together, both families, in memory of its own.
 *
 * <p>Rules are the Linux kernel's: a fragment that brings nothing new is ignored, one that overlaps in part ends the whole
 * packet (RFC 5722), an IPv4 packet has 30 s and an IPv6 packet 60 s from its first fragment to arrive; the ECN marks of
 * all fragments join as RFC 3168 section 5.3 says. The result has the first fragment's header.
 *
 * <p><b>Layout</b> of an entry's memory: {@code | free headroom, >= 128 | IP header | payload |}, where the starts at
 * a fixed place, so that fragments go to their final place whatever their order. Which units of eight bytes are there is
 * a bitmap.
 *
 * <p><b>Owner</b>: one worker; {@link #add} does not allocate. Memory is bounded: a fixed number of packets, and when all
 * are in use the oldest gives way. A finished packet stays until the next {@link #offer}.
 */
public final class Reassembler {
    /** Kept: the packet is not complete. Or no entry. */
    public static final int HELD = -1;
    /** Refused, with its packet or without: overlapping, inconsistent, too large. */
    public static final int DROPPED = -2;
    /** Brought nothing new. */
    public static final int DUPLICATE = -3;

    /** At least this many bytes before a finished packet are free. */
    public static final int HEADROOM = 128;

    static final long TIMEOUT_V4_NS = 30_000_000_000L;
    static final long TIMEOUT_V6_NS = 60_000_000_000L;

    private static final int DEFAULT_ENTRIES = 64;
    private static final int PAYLOAD_AT = 512;
    private static final int MAX_PAYLOAD = 65536;
    private static final int ENTRY_BYTES = PAYLOAD_AT + MAX_PAYLOAD;
    private static final int MAX_PACKET = 65535;

    private final int entries;
    private final UnsafeBuffer memory;
    private final FragmentQueue[] queues;
    private int held;
    /** The entry of the finished packet the caller works on, or HELD. */
    private int ready = HELD;

    private long fragments;
    private long reassembled;
    private long duplicates;
    private long failures;
    private long timeouts;
    private long evictions;

    public Reassembler() {
        this(DEFAULT_ENTRIES);
    }

    /** Makes room for so many packets at a time, 65 KiB each. */
    public Reassembler(int entries) {
        this.entries = entries;
        this.memory = new UnsafeBuffer(ByteBuffer.allocateDirect(entries * ENTRY_BYTES));
        this.queues = new FragmentQueue[entries];
        for (int i = 0; i < entries; i++) {
            queues[i] = new FragmentQueue();
        }
    }

    /**
     * Takes a fragment in.
     *
     * @return the length of the packet it completed, in bytes of layer 3: it lies at {@link #offset} until the next call;
     *     else {@link #HELD} (also for a duplicate) or {@link #DROPPED}
     */
    public int offer(ParsedPacket p, long nowNs) {
        if (ready >= 0) {
            release(ready);
            ready = HELD;
        }
        final int result = add(p, nowNs);
        if (result < 0) {
            return result == DUPLICATE ? HELD : result;
        }
        ready = result;
        return l3Length(result);
    }

    /** Where the finished packet's IP header begins. */
    public int offset() {
        return l3Offset(ready);
    }

    /** Free bytes before the finished packet. */
    public int headroom() {
        return offset() - ready * ENTRY_BYTES;
    }

    /** The largest fragment the finished packet came in, in bytes of layer 3. */
    public int largestFragment() {
        return queues[ready].largestFragment;
    }

    /** Payload bytes of the finished packet. */
    int payloadBytes() {
        return queues[ready].totalBytes;
    }

    /** Payload bytes of the fragment of the finished packet that began at an offset. */
    int pieceBytes(int offset) {
        return queues[ready].pieceBytes(offset);
    }

    /** IPv4: had the largest of its fragments the DF bit? Then it is set in the finished packet. */
    public boolean dontFragment() {
        return queues[ready].dontFragment();
    }

    private int add(ParsedPacket p, long nowNs) {
        final UnsafeBuffer buffer = p.buffer;
        if (buffer == null) {
            return DROPPED;
        }
        fragments++;
        int e = find(p, nowNs);
        if (e < 0) {
            e = open(p, nowNs);
        }
        final int result = insert(e, p, buffer);
        if (result == DROPPED) {
            failures++;
            release(e);
        } else if (result == DUPLICATE) {
            duplicates++;
        } else if (queues[e].isComplete()) {
            return finish(e);
        }
        return result;
    }

    private int find(ParsedPacket p, long nowNs) {
        if (held == 0) {
            return HELD;
        }
        for (int i = 0; i < entries; i++) {
            if (queues[i].isFor(p)) {
                if (nowNs - queues[i].deadlineNs < 0) {
                    return i;
                }
                timeouts++;
                release(i);
            }
        }
        return HELD;
    }

    private int open(ParsedPacket p, long nowNs) {
        int oldest = 0;
        for (int i = 0; i < entries; i++) {
            if (!queues[i].open) {
                oldest = i;
                break;
            }
            if (queues[i].openedNs - queues[oldest].openedNs < 0) {
                oldest = i;
            }
        }
        if (queues[oldest].open) {
            evictions++;
            release(oldest);
        }
        held++;
        queues[oldest].open(p, nowNs, nowNs + (p.isV4() ? TIMEOUT_V4_NS : TIMEOUT_V6_NS));
        return oldest;
    }

    private int insert(int e, ParsedPacket p, UnsafeBuffer buffer) {
        final FragmentQueue q = queues[e];
        final int headerBytes = p.isV4() ? p.l3HeaderLength : p.fragmentHeaderOffset - p.l3Offset;
        final int data = p.isV4() ? p.l3Offset + headerBytes : p.fragmentHeaderOffset + IpHeader.FRAGMENT_BYTES;
        final int bytes = p.l3Offset + p.l3Length - data;
        final int end = p.fragmentOffset + bytes;
        if (bytes <= 0 || headerBytes + end > MAX_PACKET || p.moreFragments && (bytes & 7) != 0) {
            // A length that is no multiple of 8 can only be the last one's; the kernel shortens it for IPv4. Nobody
            // sends it.
            return DROPPED;
        }
        final int result = q.insert(p, end);
        if (result != HELD) {
            return result;
        }
        memory.putBytes(payloadAt(e) + p.fragmentOffset, buffer, data, bytes);
        q.largestFragment = Math.max(q.largestFragment, p.l3Length);
        if (p.dontFragment) {
            q.largestDontFragment = Math.max(q.largestDontFragment, p.l3Length);
        }
        if (p.fragmentOffset == 0) {
            return keepHeader(e, p, buffer, data - p.l3Offset);
        }
        return HELD;
    }

    private int keepHeader(int e, ParsedPacket p, UnsafeBuffer buffer, int headerBytes) {
        if (headerBytes > PAYLOAD_AT - HEADROOM) {
            return DROPPED;
        }
        queues[e].headerBytes = headerBytes;
        queues[e].firstBytes = p.l3Length;
        memory.putBytes(payloadAt(e) - headerBytes, buffer, p.l3Offset, headerBytes);
        return HELD;
    }

    private int finish(int e) {
        final FragmentQueue q = queues[e];
        if (q.ecn() == FragmentQueue.ECN_INVALID) {
            failures++;
            release(e);
            return DROPPED;
        }
        if (q.v4) {
            finishV4(e, q);
        } else {
            finishV6(e, q);
        }
        q.finished = true;
        reassembled++;
        return e;
    }

    private void finishV4(int e, FragmentQueue q) {
        final int l3 = l3Offset(e);
        memory.putByte(l3 + 1, (byte) (memory.getByte(l3 + 1) | q.ecn()));
        IpHeader.putU16(memory, l3 + IpHeader.V4_TOTAL_LENGTH, l3Length(e));
        // As the kernel: DF stays if the largest fragment had it, for then its size is what the path takes.
        IpHeader.putU16(memory, l3 + IpHeader.V4_FRAGMENT, q.dontFragment() ? IpHeader.V4_DF : 0);
        IpHeader.computeChecksumV4(memory, l3, q.headerBytes);
    }

    /** Takes the fragment header out: what is before it moves up by eight bytes. */
    private void finishV6(int e, FragmentQueue q) {
        final int l3 = l3Offset(e);
        final byte type = memory.getByte(payloadAt(e) - IpHeader.FRAGMENT_BYTES);
        final int unfragmentable = q.headerBytes - IpHeader.FRAGMENT_BYTES;
        int nextHeaderAt = IpHeader.V6_NEXT_HEADER;
        for (int at = IpHeader.V6_BYTES; at + 8 <= unfragmentable; at += IpHeader.extensionBytes(memory, l3 + at)) {
            nextHeaderAt = at;
        }
        memory.putByte(l3 + nextHeaderAt, type);
        for (int i = unfragmentable - 1; i >= 0; i--) {
            memory.putByte(l3 + IpHeader.FRAGMENT_BYTES + i, memory.getByte(l3 + i));
        }
        q.headerBytes = unfragmentable;
        final int moved = l3Offset(e);
        IpHeader.putU16(memory, moved + IpHeader.V6_PAYLOAD_LENGTH, l3Length(e) - IpHeader.V6_BYTES);
        memory.putByte(moved + 1, (byte) (memory.getByte(moved + 1) | q.ecn() << 4));
    }

    /**
     * The next packet whose time is up and whose first fragment is here, so that its sender can be told (ICMP time
     * exceeded, code 1); call until {@link #HELD}, and release each. Those without a first fragment are let go.
     */
    public int expire(long nowNs) {
        if (held == 0) {
            return HELD;
        }
        for (int i = 0; i < entries; i++) {
            final FragmentQueue q = queues[i];
            if (q.open && !q.finished && nowNs - q.deadlineNs >= 0) {
                timeouts++;
                if (q.firstBytes > 0) {
                    q.finished = true;
                    return i;
                }
                release(i);
            }
        }
        return HELD;
    }

    private static int payloadAt(int e) {
        return e * ENTRY_BYTES + PAYLOAD_AT;
    }

    /** The memory that the offsets of this class point into. */
    public UnsafeBuffer buffer() {
        return memory;
    }

    /** Where the IP header of an entry's packet begins. */
    public int l3Offset(int e) {
        return payloadAt(e) - queues[e].headerBytes;
    }

    private int l3Length(int e) {
        return queues[e].headerBytes + queues[e].totalBytes;
    }

    /** Bytes of the first fragment's IP packet, which lies at {@link #l3Offset}: for a packet that {@link #expire}d. */
    public int firstFragmentLength(int e) {
        return queues[e].firstBytes;
    }

    /** Gives the memory of an expired packet back. */
    public void release(int e) {
        if (queues[e].open) {
            queues[e].close();
            held--;
        }
    }

    /** Packets in the making, or finished and not released. */
    public int held() {
        return held;
    }

    public long fragments() {
        return fragments;
    }

    public long reassembled() {
        return reassembled;
    }

    public long duplicates() {
        return duplicates;
    }

    /** Packets given up because of overlapping or inconsistent fragments. */
    public long failures() {
        return failures;
    }

    public long timeouts() {
        return timeouts;
    }

    /** Packets that gave way to newer ones. */
    public long evictions() {
        return evictions;
    }
}
