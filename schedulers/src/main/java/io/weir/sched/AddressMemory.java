package io.weir.sched;

import io.weir.service.Destination;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Remembers a few destination slots per address: the cache of lblc and lblcr, of a fixed size, without locks and without
 * garbage.
 *
 * <p>An address may stand in one of {@value #PROBES} places from its hash on. If they are all taken the first of them is
 * overwritten; below some 16,000 addresses, the size at which the kernel begins to drop entries, that hardly happens.
 *
 * <p><b>Layout</b> of an entry: version (odd while it is written, 0 if it never was), address in two longs, {@code members}
 * slots, of which NONE stands for none. A reader that finds the version changed has read a mixture and must not trust it.
 *
 * <p><b>Thread</b>: any number of workers read and write. A writer that finds an entry being written gives up: nothing is
 * remembered, which costs one more choice later. {@link #meet} runs on the director's thread.
 *
 * <p><b>Not here</b>: the kernel's clean-up by age (entries unused for 24 hours); schedulers are not told the time.
 */
final class AddressMemory {
    private static final int ENTRIES = 1 << 15;
    private static final int PROBES = 32;
    private static final int FREE = 0;

    private final int members;
    private final AtomicIntegerArray versions = new AtomicIntegerArray(ENTRIES);
    private final AtomicLongArray addresses = new AtomicLongArray(ENTRIES * 2);
    private final AtomicIntegerArray slots;
    /** Whom a slot stood for last. */
    private final Map<Integer, Destination> owners = new HashMap<>();

    /** Makes an empty memory of {@code members} slots per address. */
    AddressMemory(int members) {
        this.members = members;
        this.slots = new AtomicIntegerArray(ENTRIES * members);
    }

    int members() {
        return members;
    }

    /** The entry of an address, or {@link Scheduler#NONE}. */
    int find(long hi, long lo) {
        final int home = hash(hi, lo);
        for (int i = 0; i < PROBES; i++) {
            final int entry = (home + i) & (ENTRIES - 1);
            if (versions.get(entry) == FREE) {
                return Scheduler.NONE;
            }
            if (isOf(entry, hi, lo)) {
                return entry;
            }
        }
        return Scheduler.NONE;
    }

    /** Read before the members; if {@link #isUnchanged} afterwards, they belong to the address. */
    int version(int entry) {
        return versions.get(entry);
    }

    /** Is an entry still the address's, in this version? */
    boolean isUnchanged(int entry, int version, long hi, long lo) {
        return (version & 1) == 0 && isOf(entry, hi, lo) && versions.get(entry) == version;
    }

    /** The slot of the n-th member, newest first, or {@link Scheduler#NONE}. */
    int member(int entry, int n) {
        return slots.get(entry * members + n);
    }

    /** Puts a slot in front of the address's members, unless it is one; the oldest falls out if there are too many. */
    void add(long hi, long lo, int slot) {
        final int known = find(hi, lo);
        if (known != Scheduler.NONE && hasMember(known, slot)) {
            return;
        }
        final int entry = known != Scheduler.NONE ? known : placeFor(hi, lo);
        final int version = versions.get(entry);
        if ((version & 1) != 0 || !versions.compareAndSet(entry, version, version + 1)) {
            return;
        }
        final boolean fresh = !isOf(entry, hi, lo);
        addresses.set(entry * 2, hi);
        addresses.set(entry * 2 + 1, lo);
        final int first = entry * members;
        for (int i = members - 1; i > 0; i--) {
            slots.set(first + i, fresh ? Scheduler.NONE : slots.get(first + i - 1));
        }
        slots.set(first, slot);
        // after 2^31 writes the version starts again at 2, as 0 means free
        versions.set(entry, Math.max(2, version + 2));
    }

    /**
     * Learns the service's new list. A deleted destination stays remembered, as it may come back; but if its slot now
     * stands for another one, it is forgotten.
     */
    void meet(List<Destination> destinations) {
        for (final Destination now : destinations) {
            final Destination before = owners.put(now.slot(), now);
            if (before != null && !(before.address().equals(now.address()) && before.port() == now.port())) {
                forget(now.slot());
            }
        }
    }

    private void forget(int slot) {
        for (int i = 0; i < slots.length(); i++) {
            slots.compareAndSet(i, slot, Scheduler.NONE);
        }
    }

    private boolean hasMember(int entry, int slot) {
        for (int i = 0; i < members; i++) {
            if (member(entry, i) == slot) {
                return true;
            }
        }
        return false;
    }

    private int placeFor(long hi, long lo) {
        final int home = hash(hi, lo);
        for (int i = 0; i < PROBES; i++) {
            final int entry = (home + i) & (ENTRIES - 1);
            if (versions.get(entry) == FREE) {
                return entry;
            }
        }
        return home & (ENTRIES - 1);
    }

    private boolean isOf(int entry, long hi, long lo) {
        return addresses.get(entry * 2) == hi && addresses.get(entry * 2 + 1) == lo;
    }

    private static int hash(long hi, long lo) {
        long h = (hi * 0x9E3779B97F4A7C15L ^ lo) * 0xFF51AFD7ED558CCDL;
        h = (h ^ h >>> 32) * 0xC4CEB9FE1A85EC53L;
        return (int) (h >>> 32);
    }
}
