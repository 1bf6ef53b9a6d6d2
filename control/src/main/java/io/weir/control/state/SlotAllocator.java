package io.weir.control.state;

import java.util.BitSet;

/** Hands out dense ids, the lowest free one first. */
final class SlotAllocator {
    static final int NONE = -1;

    private final BitSet used = new BitSet();
    private final int capacity;
    /** None below is free. */
    private int lowest;

    SlotAllocator(int capacity) {
        this.capacity = capacity;
    }

    /** A free id, or {@link #NONE}. */
    int take() {
        final int slot = used.nextClearBit(lowest);
        if (slot >= capacity) {
            return NONE;
        }
        used.set(slot);
        lowest = slot + 1;
        return slot;
    }

    void release(int slot) {
        used.clear(slot);
        lowest = Math.min(lowest, slot);
    }
}
