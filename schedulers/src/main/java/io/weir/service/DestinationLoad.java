package io.weir.service;

import java.util.ArrayList;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What schedulers read of a destination: its connection counts and the overload mark.
 *
 * <p><b>Thread</b>: the counts and marks are written by the worker; any thread reads. Of several workers each has its own
 * ({@link #split}).
 */
public final class DestinationLoad {
    private final SlotCounters counters;
    private final UnsafeBuffer overloaded;

    /**
     * Wraps memory that the caller owns.
     *
     * @param overloaded one byte per slot, 0 or 1
     */
    public DestinationLoad(SlotCounters counters, UnsafeBuffer overloaded) {
        this.counters = counters;
        this.overloaded = overloaded;
    }

    /** All zero, in memory of its own outside the heap. */
    public static DestinationLoad allocate(int slots) {
        final int rows = slots * SlotCounters.ROW_BYTES;
        return new DestinationLoad(
                new SlotCounters(new UnsafeBuffer(BufferUtil.allocateDirectAligned(rows, SlotCounters.ROW_BYTES))),
                new UnsafeBuffer(BufferUtil.allocateDirectAligned(slots, SlotCounters.ROW_BYTES)));
    }

    /** One for each worker, this one the first: each counts for itself and reads the sum; the marks are shared. */
    public List<DestinationLoad> split(int workers) {
        final List<DestinationLoad> all = new ArrayList<>(List.of(this));
        final List<SlotCounters> each = counters.split(workers);
        each.stream().skip(1).forEach(rows -> all.add(new DestinationLoad(rows, overloaded)));
        return List.copyOf(all);
    }

    public long active(int slot) {
        return counters.get(slot, SlotCounters.ACTIVE);
    }

    public long inactive(int slot) {
        return counters.get(slot, SlotCounters.INACTIVE);
    }

    /** The kernel's IP_VS_DEST_F_OVERLOAD. */
    public boolean isOverloaded(int slot) {
        return overloaded.getByteVolatile(slot) != 0;
    }

    public void setOverloaded(int slot, boolean value) {
        overloaded.putByteVolatile(slot, (byte) (value ? 1 : 0));
    }

    /** All counters of all destinations. */
    public SlotCounters counters() {
        return counters;
    }
}
