package io.weir.conntrack;

import static io.weir.conntrack.ConnectionLayout.WHEEL_NEXT;
import static io.weir.conntrack.ConnectionLayout.WHEEL_PREVIOUS;

import java.util.Arrays;

/**
 * Which records are due when: a hierarchical timer wheel whose buckets are lists through the records.
 *
 * <pre>
 *  level  buckets  one bucket covers     reaches
 *    0      256    1 tick (10 ms)        2.56 s
 *    1      256    256 ticks             10.9 min
 *    2      256    65,536 ticks          46 h
 *    3       64    16,777,216 ticks      124 days
 * </pre>
 *
 * <p><b>Design</b>: after Varghese and Lauck (1987), scheme 6, made lazy: a packet only writes its record's deadline. A
 * bucket comes up at or before the deadline of every record in it (the invariant); a record whose deadline moved on is
 * filed again then. So an established connection is touched here once in minutes instead of once a packet. Only a
 * deadline that moves to before its bucket's turn needs {@link #refile}.
 *
 * <p>{@link #advance} counts each record looked at and each step, and stops after {@code limit}; what is left waits for
 * the next call in the same place. A bitmap of level 0 skips empty ticks.
 *
 * <p><b>Thread</b>: the table's owner.
 */
final class ExpiryWheel {
    /** The bucket of a record that is in none. */
    static final int NOT_FILED = 1023;

    private static final int NONE = ConnectionRecords.NONE;
    private static final int LEVELS = 4;
    private static final int LEVEL_BITS = 8;
    private static final int LEVEL_MASK = 0xFF;
    private static final int TOP_MASK = 0x3F;
    private static final int BUCKETS = 3 * 256 + 64;

    /** Decides what becomes of a record that is due. */
    interface Due {
        /** Files the record again or frees it; it is in no bucket. */
        void onDue(int id);
    }

    private final ConnectionRecords records;
    private final int[] heads = new int[BUCKETS];
    private final long[] taken = new long[4];
    private int tick;
    /** The level whose bucket is being emptied at {@link #tick}. */
    private int level;

    private int filed;

    ExpiryWheel(ConnectionRecords records) {
        this.records = records;
        Arrays.fill(heads, NONE);
    }

    /** Sets the time of a wheel that is still empty. */
    void start(int nowTick) {
        tick = nowTick;
        level = 0;
    }

    /** The tick that is being worked on; every earlier one is done. */
    int tick() {
        return tick;
    }

    int filed() {
        return filed;
    }

    /** Files a record under its deadline. */
    void file(int id) {
        final int bucket = bucketFor(records.expiresAt(id));
        final int head = heads[bucket];
        records.coldInt(id, WHEEL_NEXT, head);
        records.coldInt(id, WHEEL_PREVIOUS, NONE);
        if (head != NONE) {
            records.coldInt(head, WHEEL_PREVIOUS, id);
        } else if (bucket <= LEVEL_MASK) {
            taken[bucket >>> 6] |= 1L << bucket;
        }
        heads[bucket] = id;
        records.bucket(id, bucket);
        filed++;
    }

    /** Takes a record out of its bucket, if it is in one. */
    void unfile(int id) {
        final int bucket = records.bucket(id);
        if (bucket == NOT_FILED) {
            return;
        }
        final int next = records.coldInt(id, WHEEL_NEXT);
        final int previous = records.coldInt(id, WHEEL_PREVIOUS);
        if (next != NONE) {
            records.coldInt(next, WHEEL_PREVIOUS, previous);
        }
        if (previous != NONE) {
            records.coldInt(previous, WHEEL_NEXT, next);
        } else {
            heads[bucket] = next;
            if (next == NONE && bucket <= LEVEL_MASK) {
                taken[bucket >>> 6] &= ~(1L << bucket);
            }
        }
        records.bucket(id, NOT_FILED);
        filed--;
    }

    /** The record's deadline moved to an earlier tick: moves it if its bucket would come up too late. */
    void refile(int id) {
        final int bucket = records.bucket(id);
        if (bucket != NOT_FILED && turnOf(bucket) - records.expiresAt(id) > 0) {
            unfile(id);
            file(id);
        }
    }

    /** Works until {@code nowTick} is done or {@code limit} is used up; returns how much of the limit was used. */
    int advance(int nowTick, int limit, Due due) {
        int work = 0;
        while (work < limit && tick - nowTick <= 0) {
            if (filed == 0) {
                start(nowTick + 1);
                enterTick();
                break;
            }
            final int bucket = currentBucket();
            int id = heads[bucket];
            while (id != NONE && work < limit) {
                unfile(id);
                work++;
                if (level == 0 && records.expiresAt(id) - tick <= 0) {
                    due.onDue(id);
                } else {
                    file(id);
                }
                id = heads[bucket];
            }
            if (id == NONE) {
                leaveBucket(nowTick);
                work++;
            }
        }
        return work;
    }

    private void leaveBucket(int nowTick) {
        if (level > 0) {
            level--;
            return;
        }
        tick = nextTick(nowTick);
        enterTick();
    }

    /** The upper levels' buckets that begin at this tick are emptied first, the widest one first. */
    private void enterTick() {
        level = 0;
        while (level < LEVELS - 1 && (tick >>> LEVEL_BITS * level & LEVEL_MASK) == 0) {
            level++;
        }
    }

    /** The next tick with work: a taken bucket of level 0, a turn of level 1, or the tick after {@code nowTick}. */
    private int nextTick(int nowTick) {
        final int from = (tick & LEVEL_MASK) + 1;
        int to = 256;
        for (int word = from >>> 6; word < 4; word++) {
            final long bits = word == from >>> 6 ? taken[word] & -1L << from : taken[word];
            if (bits != 0) {
                to = (word << 6) + Long.numberOfTrailingZeros(bits);
                break;
            }
        }
        final int next = (tick & ~LEVEL_MASK) + to;
        return next - nowTick > 1 ? nowTick + 1 : next;
    }

    private int currentBucket() {
        return bucket(level, tick);
    }

    private static int bucket(int level, int tick) {
        return (level << LEVEL_BITS) + (tick >>> LEVEL_BITS * level & mask(level));
    }

    private static int mask(int level) {
        return level == LEVELS - 1 ? TOP_MASK : LEVEL_MASK;
    }

    private int bucketFor(int deadline) {
        final int ahead = deadline - tick;
        if (ahead < 0) {
            return bucket(0, tick);
        }
        if (ahead < 1 << LEVEL_BITS) {
            return bucket(0, deadline);
        }
        if (ahead < 1 << 2 * LEVEL_BITS) {
            return bucket(1, deadline);
        }
        return bucket(ahead < 1 << 3 * LEVEL_BITS ? 2 : 3, deadline);
    }

    /** When a bucket comes up, seen from now; for one that is being emptied possibly its next turn, which is safe. */
    private int turnOf(int bucket) {
        final int level = bucket >>> LEVEL_BITS;
        final int shift = LEVEL_BITS * level;
        final int now = tick >>> shift;
        int ahead = bucket - now & mask(level);
        if (ahead == 0 && level > 0) {
            ahead = mask(level) + 1;
        }
        return now + ahead << shift;
    }
}
