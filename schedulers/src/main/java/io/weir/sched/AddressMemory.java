package io.weir.sched;

import io.weir.service.Destination;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Remembers a few destination slots per address: the cache of lblc and lblcr, of a fixed size, without locks and without
 * garbage.
 *
 * <p>It has the kernel's {@value #BUCKETS} buckets, each with {@value #PLACES} places. Where the kernel's buckets grow, here
 * the address that was not asked for the longest goes; below {@value #MOST} addresses that hardly happens.
 *
 * <p><b>Age</b>: once a minute it is looked through as the kernel does. Every 30th time what was not used for the
 * expiration time is forgotten; the other times, if there are more than {@value #MOST} entries, what was not used for six
 * minutes, bucket by bucket, until a third more than the surplus is gone. The kernel's count of entries, which says so,
 * grows also when an address gets another destination; so does this one.
 *
 * <p><b>Layout</b> of an entry: version (odd while it is written, 0 if it never was), address in two longs, {@code members}
 * slots, of which NONE stands for none, times of last use and last change. A reader that finds the version changed has read
 * a mixture and must not trust it.
 *
 * <p><b>Thread</b>: any number of workers read and write. A writer that finds an entry being written gives up: nothing is
 * remembered, which costs one more choice later. {@link #meet} and {@link #advance} run on the director's thread.
 *
 * <p><b>Source</b>: ip_vs_lblc_check_expire(), ip_vs_lblc_full_check() in ip_vs_lblc.c and their like in ip_vs_lblcr.c.
 */
final class AddressMemory {
    private static final int BUCKET_BITS = 10;
    private static final int BUCKETS = 1 << BUCKET_BITS;
    private static final int PLACES = 32;
    private static final int ENTRIES = BUCKETS * PLACES;
    private static final int MOST = BUCKETS * 16;
    private static final int NEVER_USED = 0;
    /** Half the address of a forgotten entry: no IPv4 address, and no IPv6 one that a packet could go to. */
    private static final long NO_ADDRESS = -1;

    private static final long CHECK_EVERY_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long IDLE_NS = TimeUnit.MINUTES.toNanos(6);
    private static final int FULL_CHECK_EVERY = 30;
    private static final long DAY_NS = TimeUnit.DAYS.toNanos(1);

    private final int members;
    private final AtomicIntegerArray versions = new AtomicIntegerArray(ENTRIES);
    private final AtomicLongArray addresses = new AtomicLongArray(ENTRIES * 2);
    private final AtomicIntegerArray slots;
    private final AtomicLongArray lastUse = new AtomicLongArray(ENTRIES);
    private final AtomicLongArray lastChange = new AtomicLongArray(ENTRIES);
    private final AtomicInteger count = new AtomicInteger();
    /** Whom a slot stood for last. */
    private final Map<Integer, Destination> owners = new HashMap<>();

    private volatile long expirationNs = DAY_NS;
    /** The bucket looked at last, how often nothing was to do, and when it is looked through again; 0: no time known. */
    private int rover;

    private int checks = 1;
    private long nextCheckNs;
    private boolean started;

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
        final int home = home(hi, lo);
        for (int entry = home; entry < home + PLACES; entry++) {
            if (versions.get(entry) == NEVER_USED) {
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

    /** Notes that an entry was asked for. */
    void touch(int entry, long nowNs) {
        if (lastUse.get(entry) != nowNs) {
            lastUse.set(entry, nowNs);
        }
    }

    /** Have an entry's members been the same for longer than the expiration time? */
    boolean isStale(int entry, long nowNs) {
        return nowNs - lastChange.get(entry) > expirationNs;
    }

    /** Puts a slot in front of the address's members, unless it is one; the oldest falls out if there are too many. */
    void add(long hi, long lo, int slot, long nowNs) {
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
        if (fresh ? isFree(entry, version) : members == 1) {
            count.incrementAndGet();
        }
        addresses.set(entry * 2, hi);
        addresses.set(entry * 2 + 1, lo);
        final int first = entry * members;
        for (int i = members - 1; i > 0; i--) {
            slots.set(first + i, fresh ? Scheduler.NONE : slots.get(first + i - 1));
        }
        slots.set(first, slot);
        lastUse.set(entry, nowNs);
        lastChange.set(entry, nowNs);
        publish(entry, version);
    }

    /** Takes a slot out of an entry's members, if nobody else changes them meanwhile. */
    void remove(int entry, int version, int slot, long nowNs) {
        if (slot == Scheduler.NONE || (version & 1) != 0 || !versions.compareAndSet(entry, version, version + 1)) {
            return;
        }
        final int first = entry * members;
        int kept = first;
        for (int i = first; i < first + members; i++) {
            if (slots.get(i) != slot) {
                slots.set(kept++, slots.get(i));
            }
        }
        while (kept < first + members) {
            slots.set(kept++, Scheduler.NONE);
        }
        lastChange.set(entry, nowNs);
        publish(entry, version);
    }

    private void publish(int entry, int version) {
        // after 2^31 writes the version starts again at 2, as 0 means never used
        versions.set(entry, Math.max(2, version + 2));
    }

    /** Lets time pass; the first call starts the clock. */
    void advance(long nowNs, long newExpirationNs) {
        expirationNs = newExpirationNs;
        if (!started) {
            started = true;
            nextCheckNs = nowNs + CHECK_EVERY_NS;
        }
        while (nowNs - nextCheckNs >= 0) {
            check(nextCheckNs);
            nextCheckNs += CHECK_EVERY_NS;
        }
    }

    private void check(long nowNs) {
        final int surplus = count.get() - MOST;
        if (checks % FULL_CHECK_EVERY == 0) {
            forgetUnused(nowNs, expirationNs, Integer.MAX_VALUE);
            checks = 1;
        } else if (surplus <= 0) {
            checks++;
        } else {
            forgetUnused(nowNs, IDLE_NS, Math.min(surplus * 4 / 3, MOST / 2));
        }
    }

    private void forgetUnused(long nowNs, long forNs, int goal) {
        int left = goal;
        for (int i = 0; i < BUCKETS && left > 0; i++) {
            rover = (rover + 1) & (BUCKETS - 1);
            for (int entry = rover * PLACES; entry < (rover + 1) * PLACES; entry++) {
                left -= forgetIfUnused(entry, nowNs, forNs) ? 1 : 0;
            }
        }
    }

    private boolean forgetIfUnused(int entry, long nowNs, long forNs) {
        final int version = versions.get(entry);
        if (isFree(entry, version)
                || nowNs - lastUse.get(entry) < forNs
                || (version & 1) != 0
                || !versions.compareAndSet(entry, version, version + 1)) {
            return false;
        }
        addresses.set(entry * 2, NO_ADDRESS);
        addresses.set(entry * 2 + 1, NO_ADDRESS);
        for (int i = entry * members; i < (entry + 1) * members; i++) {
            slots.set(i, Scheduler.NONE);
        }
        publish(entry, version);
        count.decrementAndGet();
        return true;
    }

    /**
     * Learns the service's new list. A deleted destination stays remembered, as it may come back; but if its slot now
     * stands for another one, it is forgotten.
     *
     * @return those that were in the list and are not now
     */
    List<Destination> meet(List<Destination> destinations) {
        final Map<Integer, Destination> departed = new HashMap<>(owners);
        for (final Destination now : destinations) {
            departed.remove(now.slot());
            final Destination before = owners.put(now.slot(), now);
            if (before != null && !(before.address().equals(now.address()) && before.port() == now.port())) {
                forget(now.slot());
            }
        }
        return new ArrayList<>(departed.values());
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

    /** A free place of the address's bucket, or the one that was not used for the longest. */
    private int placeFor(long hi, long lo) {
        final int home = home(hi, lo);
        int oldest = home;
        for (int entry = home; entry < home + PLACES; entry++) {
            if (isFree(entry, versions.get(entry))) {
                return entry;
            }
            oldest = lastUse.get(entry) - lastUse.get(oldest) < 0 ? entry : oldest;
        }
        return oldest;
    }

    private boolean isFree(int entry, int version) {
        return version == NEVER_USED || isOf(entry, NO_ADDRESS, NO_ADDRESS);
    }

    private boolean isOf(int entry, long hi, long lo) {
        return addresses.get(entry * 2) == hi && addresses.get(entry * 2 + 1) == lo;
    }

    private static int home(long hi, long lo) {
        return FlowKeys.hash32(FlowKeys.fold(hi, lo), BUCKET_BITS) * PLACES;
    }
}
