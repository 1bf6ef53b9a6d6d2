package io.weir.sched;

import java.util.Arrays;

/**
 * Fills the table of Maglev hashing: who takes turns is the caller's, this class finds the next free entry in the order
 * of preference of whose turn it is.
 *
 * <p>A destination's order of preference is an arithmetic progression modulo the table's size: a start, then steps of one
 * stride. As the size is a prime, it comes by every entry once.
 *
 * <p><b>Cost</b>: walked to the end, n entries take some n ln n steps, half of them for the last few hundred entries.
 * These are not searched for by walking: of all free entries the one is taken that comes first in the progression, which
 * is the same one. What is free is kept in a bitmap that the first-level cache holds.
 *
 * <p><b>Owner</b>: one thread, for one table. <b>Source</b>: Eisenbud et al., "Maglev", NSDI 2016, section 3.4.
 */
final class PreferenceTable {
    private final int size;
    private final int[] place;
    private final int[] stride;
    private final char[] entries;
    /** A bit for each taken entry. */
    private final long[] taken;
    /** So few free entries are left that looking at each is cheaper than walking. */
    private final int few;

    private int free;
    /** The free entries once they are few, and for each destination the inverse of its stride, or 0 if not known yet. */
    private int[] rest = new int[0];

    private int[] inverse = new int[0];

    /**
     * An empty table.
     *
     * @param size a prime
     * @param place of each destination, its first entry; below {@code size}. Changed here
     * @param stride of each destination; 1 to {@code size - 1}
     */
    PreferenceTable(int size, int[] place, int[] stride) {
        this.size = size;
        this.place = place;
        this.stride = stride;
        this.entries = new char[size];
        this.taken = new long[(size + Long.SIZE - 1) / Long.SIZE];
        this.free = size;
        this.few = (int) Math.sqrt(size / 2.0);
    }

    /** Is every entry taken? */
    boolean isFull() {
        return free == 0;
    }

    /** The indices of those who took the entries; whole once the table is full. */
    char[] entries() {
        return entries;
    }

    /** Gives destination {@code index} the free entry it prefers most; only while the table is not full. */
    void take(int index) {
        if (free <= few) {
            takeOfFew(index);
            return;
        }
        final int step = stride[index];
        int at = place[index];
        while ((taken[at >>> 6] & 1L << at) != 0) {
            at += step;
            at -= at >= size ? size : 0;
        }
        taken[at >>> 6] |= 1L << at;
        entries[at] = (char) index;
        place[index] = at;
        free--;
    }

    private void takeOfFew(int index) {
        if (rest.length == 0) {
            rest = freeEntries();
            inverse = new int[stride.length];
        }
        if (inverse[index] == 0) {
            inverse[index] = inverse(stride[index]);
        }
        // Entry e is (e - place) / stride steps ahead.
        int nearest = 0;
        long fewestSteps = Long.MAX_VALUE;
        for (int i = 0; i < free; i++) {
            final int ahead = rest[i] - place[index];
            final long steps = (long) (ahead < 0 ? ahead + size : ahead) * inverse[index] % size;
            if (steps < fewestSteps) {
                fewestSteps = steps;
                nearest = i;
            }
        }
        final int at = rest[nearest];
        entries[at] = (char) index;
        place[index] = at;
        free--;
        rest[nearest] = rest[free];
    }

    private int[] freeEntries() {
        final int[] found = new int[free];
        int count = 0;
        for (int word = 0; word < taken.length; word++) {
            for (long left = ~taken[word]; left != 0; left &= left - 1) {
                final int at = word * Long.SIZE + Long.numberOfTrailingZeros(left);
                if (at < size) {
                    found[count++] = at;
                }
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** What times {@code value} is 1 modulo the size, by the extended Euclidean algorithm. */
    private int inverse(int value) {
        int rest0 = size;
        int rest1 = value;
        int factor0 = 0;
        int factor1 = 1;
        while (rest1 != 1) {
            final int quotient = rest0 / rest1;
            final int rest2 = rest0 - quotient * rest1;
            final int factor2 = factor0 - quotient * factor1;
            rest0 = rest1;
            rest1 = rest2;
            factor0 = factor1;
            factor1 = factor2;
        }
        return factor1 < 0 ? factor1 + size : factor1;
    }
}
