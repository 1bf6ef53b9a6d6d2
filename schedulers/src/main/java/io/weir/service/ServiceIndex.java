package io.weir.service;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From the key of a service to the service: open addressing with linear probing, at most half full; immutable.
 *
 * <p><b>Layout</b>: a key is three longs, the address and {@link #packed}. Places lie in pieces of {@value #PIECE}: the
 * next index shares those it does not touch, so that one change among ten thousand services copies a few kilobytes.
 *
 * <p><b>Thread</b>: any; lookups neither allocate nor lock.
 */
final class ServiceIndex {
    private static final int PIECE_BITS = 8;
    private static final int PIECE = 1 << PIECE_BITS;
    private static final int KEY_LONGS = 3;
    private static final long IPV6_BIT = 1L << 24;
    private static final long MARK_BIT = 1L << 25;

    private final long[][] keys;
    private final @Nullable VirtualService[][] found;
    private final int mask;

    private ServiceIndex(long[][] keys, @Nullable VirtualService[][] found, int mask) {
        this.keys = keys;
        this.found = found;
        this.mask = mask;
    }

    /** Fails with IllegalArgumentException if two services have one key. */
    static ServiceIndex of(List<VirtualService> services) {
        final int capacity = AddressSet.capacityFor(services.size());
        final int piece = Math.min(capacity, PIECE);
        final ServiceIndex index = new ServiceIndex(
                new long[capacity / piece][piece * KEY_LONGS],
                new @Nullable VirtualService[capacity / piece][piece],
                capacity - 1);
        final BitSet owned = new BitSet();
        owned.set(0, capacity / piece);
        services.forEach(service -> index.insert(service, owned));
        return index;
    }

    /** Part of a key that is not the address: mark in the upper half, or port and protocol in the lower. */
    static long packed(int protocol, int port, int fwmark, boolean ipv6) {
        final long family = ipv6 ? IPV6_BIT : 0;
        return fwmark != 0 ? (long) fwmark << 32 | MARK_BIT | family : family | (long) protocol << 16 | port;
    }

    /** The service of a key, or null. */
    @Nullable
    VirtualService get(long hi, long lo, long rest) {
        final int place = place(hi, lo, rest);
        return found[place >> PIECE_BITS][place & PIECE - 1];
    }

    /** The service of a key, or null. */
    @Nullable
    VirtualService get(ServiceKey key) {
        final int place = place(key);
        return found[place >> PIECE_BITS][place & PIECE - 1];
    }

    /** Has it room for so many services? */
    boolean hasRoomFor(int services) {
        return 2 * services <= mask + 1;
    }

    /** The index with one service more, for which there is room; fails as {@link #of}. */
    ServiceIndex with(VirtualService service) {
        final ServiceIndex next = new ServiceIndex(keys.clone(), found.clone(), mask);
        next.insert(service, new BitSet());
        return next;
    }

    /** The index without the service of a key, which is in it. */
    ServiceIndex without(ServiceKey key) {
        final ServiceIndex next = new ServiceIndex(keys.clone(), found.clone(), mask);
        next.remove(place(key), new BitSet());
        return next;
    }

    /** The index with others in the place of services of the same keys. */
    ServiceIndex edited(List<VirtualService> services) {
        final ServiceIndex next = new ServiceIndex(keys, found.clone(), mask);
        final BitSet owned = new BitSet();
        for (final VirtualService service : services) {
            final int place = place(service.key());
            final int piece = place >> PIECE_BITS;
            if (!owned.get(piece)) {
                owned.set(piece);
                next.found[piece] = next.found[piece].clone();
            }
            next.found[piece][place & PIECE - 1] = service;
        }
        return next;
    }

    /** Has the other the same keys? False if that is not known without looking at all. */
    @SuppressWarnings("ReferenceEquality")
    boolean hasKeysOf(ServiceIndex other) {
        return keys == other.keys;
    }

    private int place(ServiceKey key) {
        final boolean marked = key.fwmark() != 0;
        return place(
                marked ? 0 : key.address().hi(),
                marked ? 0 : key.address().lo(),
                packed(key.protocol(), key.port(), key.fwmark(), key.ipv6()));
    }

    /** Where the service with this key is, or would be. */
    private int place(long hi, long lo, long rest) {
        int place = AddressSet.hash(hi, lo, rest) & mask;
        while (isTaken(place)) {
            final long[] piece = keys[place >> PIECE_BITS];
            final int key = (place & PIECE - 1) * KEY_LONGS;
            if (piece[key] == hi && piece[key + 1] == lo && piece[key + 2] == rest) {
                return place;
            }
            place = place + 1 & mask;
        }
        return place;
    }

    private boolean isTaken(int place) {
        return found[place >> PIECE_BITS][place & PIECE - 1] != null;
    }

    private void insert(VirtualService service, BitSet owned) {
        final ServiceKey key = service.key();
        final int place = place(key);
        if (isTaken(place)) {
            throw new IllegalArgumentException("two services with one key: key=" + key);
        }
        final boolean marked = key.fwmark() != 0;
        put(
                place,
                marked ? 0 : key.address().hi(),
                marked ? 0 : key.address().lo(),
                packed(key.protocol(), key.port(), key.fwmark(), key.ipv6()),
                service,
                owned);
    }

    private void put(int place, long hi, long lo, long rest, @Nullable VirtualService service, BitSet owned) {
        final int piece = place >> PIECE_BITS;
        if (!owned.get(piece)) {
            owned.set(piece);
            keys[piece] = keys[piece].clone();
            found[piece] = found[piece].clone();
        }
        final int key = (place & PIECE - 1) * KEY_LONGS;
        keys[piece][key] = hi;
        keys[piece][key + 1] = lo;
        keys[piece][key + 2] = rest;
        found[piece][place & PIECE - 1] = service;
    }

    /** Those behind it move up, so that a search still ends at the first free place. */
    private void remove(int place, BitSet owned) {
        int free = place;
        for (int at = free + 1 & mask; isTaken(at); at = at + 1 & mask) {
            final long[] piece = keys[at >> PIECE_BITS];
            final int key = (at & PIECE - 1) * KEY_LONGS;
            final long hi = piece[key];
            final long lo = piece[key + 1];
            final long rest = piece[key + 2];
            final int home = AddressSet.hash(hi, lo, rest) & mask;
            if ((at - home & mask) >= (at - free & mask)) {
                put(free, hi, lo, rest, found[at >> PIECE_BITS][at & PIECE - 1], owned);
                free = at;
            }
        }
        put(free, 0, 0, 0, null, owned);
    }
}
