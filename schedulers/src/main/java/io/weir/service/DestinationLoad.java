package io.weir.service;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What schedulers read of a destination: its connection counts and the overload mark.
 *
 * <p><b>Thread</b>: the counts and marks are written by the worker; any thread reads.
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

    public long active(int slot) {
        return counters.get(slot, SlotCounters.ACTIVE);
    }

    public long inactive(int slot) {
        return counters.get(slot, SlotCounters.INACTIVE);
    }

    /** The kernel's IP_VS_DEST_F_OVERLOAD. */
    public boolean isOverloaded(int slot) {
        return overloaded.getByte(slot) != 0;
    }

    public void setOverloaded(int slot, boolean value) {
        overloaded.putByte(slot, (byte) (value ? 1 : 0));
    }

    /** All counters of all destinations. */
    public SlotCounters counters() {
        return counters;
    }
}
