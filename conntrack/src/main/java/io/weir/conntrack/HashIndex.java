package io.weir.conntrack;

import org.agrona.UnsafeApi;

/**
 * From a hash to record ids: open addressing over slots of eight bytes.
 *
 * <p><b>Layout</b>: slot = tag (upper 32 bits) | record id + 1 (lower 32 bits); 0 is empty. Eight slots share a cache
 * line, so a probe costs one miss whatever the cluster; the tag keeps strangers' records from being read at all.
 *
 * <p><b>Design</b>: linear probing, at most 4 of 7 slots taken. The home slot is computed from the tag alone (multiply and
 * shift, Lemire 2019), so deletion can close its gap by shifting back without reading a record, and no tombstones ever
 * lengthen a probe. Equal keys may be entered many times: the caller compares records.
 *
 * <p><b>Owner</b>: one table. Never in a file: it is rebuilt from the records.
 */
final class HashIndex implements AutoCloseable {
    private static final long ID = 0xFFFF_FFFFL;

    /** How many slots {@link #first} compares at once. */
    private static final int WINDOW = 4;

    static final int WINDOW_BYTES = WINDOW * Long.BYTES;

    private final Region slots;
    private final int count;
    private final int capacity;
    private int size;

    /** Room for {@code capacity} entries; 0 makes an index that takes none. */
    HashIndex(int capacity, MemoryAdvice advice) {
        this.capacity = capacity;
        this.count = slotsFor(capacity);
        this.slots = Region.allocate(count, Long.BYTES, advice);
    }

    /** Seven slots for four entries, and one that stays empty. */
    static int slotsFor(int capacity) {
        return Math.max(WINDOW, (int) (capacity * 7L / 4) + 1);
    }

    static int tag(long hash) {
        return (int) (hash >>> 32);
    }

    /** Where the search for a tag starts. */
    int home(int tag) {
        return (int) ((tag & ID) * count >>> 32);
    }

    int next(int slot) {
        return slot + 1 == count ? 0 : slot + 1;
    }

    /** The entry in a slot, 0 if empty. */
    long entry(int slot) {
        return UnsafeApi.getLong(slots.address(slot));
    }

    /**
     * The first record with this tag, or 0; {@code window} is the tag's.
     *
     * <p>Four slots are compared without a branch: in which of them an entry stands is a throw of dice that no predictor
     * sees through. They hold nineteen of twenty entries; the rest takes the long way.
     */
    int first(long window, int tag) {
        final long wanted = tag & ID;
        final long e0 = UnsafeApi.getLong(window);
        final long e1 = UnsafeApi.getLong(window + Long.BYTES);
        final long e2 = UnsafeApi.getLong(window + 2 * Long.BYTES);
        final long e3 = UnsafeApi.getLong(window + 3 * Long.BYTES);
        final long is0 = ifEqual(e0 >>> 32, wanted);
        final long is1 = ifEqual(e1 >>> 32, wanted) & ~is0;
        final long is2 = ifEqual(e2 >>> 32, wanted) & ~(is0 | is1);
        final long is3 = ifEqual(e3 >>> 32, wanted) & ~(is0 | is1 | is2);
        final int plusOne = (int) (e0 & is0 | e1 & is1 | e2 & is2 | e3 & is3);
        return plusOne != 0 ? plusOne - 1 : firstBehind(Math.min(home(tag), count - WINDOW) + WINDOW - 1, tag);
    }

    private int firstBehind(int window, int tag) {
        int slot = window;
        long entry = entry(slot);
        while (entry != 0 && tagOf(entry) != tag) {
            slot = next(slot);
            entry = entry(slot);
        }
        return Math.max(idOf(entry), 0);
    }

    /** Where {@link #first} will look: {@link #WINDOW_BYTES} from here on. */
    long window(int tag) {
        return slots.address(Math.min(home(tag), count - WINDOW));
    }

    /** All ones if two numbers of 32 bits are equal, else 0. */
    private static long ifEqual(long a, long b) {
        return ((a ^ b) - 1) >> 63;
    }

    static int idOf(long entry) {
        return (int) entry - 1;
    }

    static int tagOf(long entry) {
        return (int) (entry >>> 32);
    }

    int size() {
        return size;
    }

    int capacity() {
        return capacity;
    }

    long bytes() {
        return slots.bytes();
    }

    /** Enters a record; false if the index is full. */
    boolean put(int tag, int id) {
        if (size == capacity) {
            return false;
        }
        int slot = home(tag);
        while (entry(slot) != 0) {
            slot = next(slot);
        }
        set(slot, (long) tag << 32 | (id + 1));
        size++;
        return true;
    }

    /** Takes a record out; false if it was not in. */
    boolean remove(int tag, int id) {
        final long wanted = (long) tag << 32 | (id + 1);
        int slot = home(tag);
        long entry = entry(slot);
        while (entry != wanted) {
            if (entry == 0) {
                return false;
            }
            slot = next(slot);
            entry = entry(slot);
        }
        closeGap(slot);
        size--;
        return true;
    }

    /** Shifts back every later entry of the cluster that may stand nearer to its home. */
    private void closeGap(int gap) {
        int hole = gap;
        int slot = gap;
        while (true) {
            slot = next(slot);
            final long entry = entry(slot);
            if (entry == 0) {
                break;
            }
            if (distance(home(tagOf(entry)), slot) >= distance(hole, slot)) {
                set(hole, entry);
                hole = slot;
            }
        }
        set(hole, 0);
    }

    private int distance(int from, int to) {
        final int distance = to - from;
        return distance < 0 ? distance + count : distance;
    }

    private void set(int slot, long entry) {
        UnsafeApi.putLong(slots.address(slot), entry);
    }

    @Override
    public void close() {
        slots.close();
    }
}
