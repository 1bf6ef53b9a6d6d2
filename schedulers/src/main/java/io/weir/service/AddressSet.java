package io.weir.service;

/**
 * An immutable set of addresses that answers without allocating: open addressing, linear probing, at most half full.
 *
 * <p><b>Thread</b>: any.
 */
final class AddressSet {
    private static final int SMALLEST = 4;

    private final long[] keys;
    private final boolean[] used;
    private int size;

    private AddressSet(int capacity) {
        this.keys = new long[capacity * 2];
        this.used = new boolean[capacity];
    }

    /** The addresses of the services that are not named by a firewall mark. */
    static AddressSet of(Iterable<VirtualService> services) {
        AddressSet set = new AddressSet(SMALLEST);
        for (final VirtualService service : services) {
            final ServiceKey key = service.key();
            final long hi = key.address().hi();
            final long lo = key.address().lo();
            if (key.fwmark() == 0 && !set.contains(hi, lo)) {
                set = set.isFull() ? set.copy(2 * set.used.length) : set;
                set.add(hi, lo);
            }
        }
        return set;
    }

    /** The set with one address more; the same object if it is in it already. */
    AddressSet with(long hi, long lo) {
        if (contains(hi, lo)) {
            return this;
        }
        final AddressSet set = copy(isFull() ? 2 * used.length : used.length);
        set.add(hi, lo);
        return set;
    }

    /** Would be more than half full with one more. */
    private boolean isFull() {
        return 2 * (size + 1) > used.length;
    }

    private AddressSet copy(int capacity) {
        final AddressSet copy = new AddressSet(capacity);
        for (int at = 0; at < used.length; at++) {
            if (used[at]) {
                copy.add(keys[at * 2], keys[at * 2 + 1]);
            }
        }
        return copy;
    }

    boolean contains(long hi, long lo) {
        final int mask = used.length - 1;
        int at = hash(hi, lo, 0) & mask;
        while (used[at]) {
            if (keys[at * 2] == hi && keys[at * 2 + 1] == lo) {
                return true;
            }
            at = (at + 1) & mask;
        }
        return false;
    }

    private void add(long hi, long lo) {
        final int mask = used.length - 1;
        int at = hash(hi, lo, 0) & mask;
        while (used[at]) {
            at = (at + 1) & mask;
        }
        keys[at * 2] = hi;
        keys[at * 2 + 1] = lo;
        used[at] = true;
        size++;
    }

    /** A power of two, at least twice {@code size}, so that a probe always ends at a free place. */
    static int capacityFor(int size) {
        return Math.max(SMALLEST, Integer.highestOneBit(Math.max(1, size * 2 - 1)) * 2);
    }

    /** Mixes all bits of three longs into every bit of an int (the finalizer of MurmurHash3). */
    static int hash(long hi, long lo, long rest) {
        long h = hi * 0x9E3779B97F4A7C15L ^ lo;
        h = (h ^ h >>> 32) * 0xFF51AFD7ED558CCDL ^ rest;
        h = (h ^ h >>> 33) * 0xC4CEB9FE1A85EC53L;
        return (int) (h ^ h >>> 33);
    }
}
