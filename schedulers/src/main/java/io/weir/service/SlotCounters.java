package io.weir.service;

import java.util.ArrayList;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Off-heap rows of eight longs, one cache line each, indexed by slot: one instance counts destinations, another virtual
 * services.
 *
 * <pre>
 *  +0 active   +8 inactive  +16 persistent  +24 conns  +32 inPkts  +40 outPkts  +48 inBytes  +56 outBytes
 * </pre>
 *
 * <p>With several workers each has rows of its own to write ({@link #split}); what is read is the sum of all.
 *
 * <p><b>Thread</b>: one worker writes (plain adds, ordered stores); any thread may read with {@link #get}.
 */
public final class SlotCounters {
    public static final int ACTIVE = 0;
    public static final int INACTIVE = 8;
    public static final int PERSISTENT = 16;
    public static final int CONNS = 24;
    public static final int IN_PKTS = 32;
    public static final int OUT_PKTS = 40;
    public static final int IN_BYTES = 48;
    public static final int OUT_BYTES = 56;
    /** Bytes of one row. */
    public static final int ROW_BYTES = 64;

    private final UnsafeBuffer buffer;
    private final long address;
    /** The other workers' rows; set before any of them runs. */
    private SlotCounters[] others = {};

    /** Wraps rows in direct memory that the caller owns: a multiple of {@link #ROW_BYTES}, 8-byte aligned. */
    public SlotCounters(UnsafeBuffer buffer) {
        if (buffer.byteArray() != null) {
            throw new IllegalArgumentException("counters must lie outside the heap");
        }
        this.buffer = buffer;
        this.address = buffer.addressOffset();
    }

    /**
     * Makes as many as there are workers, this one the first; each has rows of its own, and reads the sum of all. Before any
     * worker runs.
     */
    public List<SlotCounters> split(int workers) {
        final List<SlotCounters> all = new ArrayList<>(List.of(this));
        while (all.size() < workers) {
            all.add(new SlotCounters(new UnsafeBuffer(BufferUtil.allocateDirectAligned(buffer.capacity(), ROW_BYTES))));
        }
        for (final SlotCounters each : all) {
            each.others = all.stream().filter(other -> other != each).toArray(SlotCounters[]::new);
        }
        return List.copyOf(all);
    }

    /** How many slots there are. */
    public int capacity() {
        return buffer.capacity() / ROW_BYTES;
    }

    /** Reads one counter, of all workers together; any thread. */
    public long get(int slot, int counter) {
        long sum = buffer.getLongVolatile(slot * ROW_BYTES + counter);
        for (final SlotCounters other : others) {
            sum += other.buffer.getLongVolatile(slot * ROW_BYTES + counter);
        }
        return sum;
    }

    /** Adds to one counter; the owning worker only. */
    public void add(int slot, int counter, long delta) {
        final int at = slot * ROW_BYTES + counter;
        buffer.putLongRelease(at, buffer.getLong(at) + delta);
    }

    /**
     * Counts one packet; the owning worker only.
     *
     * <p>Plain stores: a reader may see the packet before its bytes. {@link #add}'s order would cost more than the rest.
     */
    public void count(int slot, int packetCounter, int byteCounter, int bytes) {
        if (UnsafeBuffer.SHOULD_BOUNDS_CHECK) {
            buffer.boundsCheck(slot * ROW_BYTES, ROW_BYTES);
        }
        final long row = address + (long) slot * ROW_BYTES;
        UnsafeApi.putLong(row + packetCounter, UnsafeApi.getLong(row + packetCounter) + 1);
        UnsafeApi.putLong(row + byteCounter, UnsafeApi.getLong(row + byteCounter) + bytes);
    }

    /** Clears a row before its slot is used again; only while no worker uses it. */
    public void clear(int slot) {
        buffer.setMemory(slot * ROW_BYTES, ROW_BYTES, (byte) 0);
        for (final SlotCounters other : others) {
            other.buffer.setMemory(slot * ROW_BYTES, ROW_BYTES, (byte) 0);
        }
    }
}
