package io.weir.service;

import io.weir.packet.IpAddress;
import java.util.Set;

/**
 * An immutable set of addresses that answers without allocating: open addressing, linear probing, at most half full.
 *
 * <p><b>Thread</b>: any.
 */
final class AddressSet {
    private static final int SMALLEST = 4;

    private final long[] keys;
    private final boolean[] used;

    private AddressSet(int capacity) {
        this.keys = new long[capacity * 2];
        this.used = new boolean[capacity];
    }

    static AddressSet of(Set<IpAddress> addresses) {
        final AddressSet set = new AddressSet(capacityFor(addresses.size()));
        for (final IpAddress address : addresses) {
            set.add(address.hi(), address.lo());
        }
        return set;
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
