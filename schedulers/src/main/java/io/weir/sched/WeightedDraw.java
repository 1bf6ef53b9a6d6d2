package io.weir.sched;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Draws an index in proportion to a weight, at a cost that does not depend on their number: the alias method.
 *
 * <p>Each index has one column of equal width; a column belongs to its index up to a mark, and above it to one other. A
 * draw takes a column and a height.
 *
 * <p><b>Thread</b>: any number draws; they share one atomic, the state of the random generator (SplitMix64: one add per
 * number, never repeated). Its seed is an argument, so a run repeats.
 *
 * <p><b>Source</b>: Walker, "An efficient method for generating discrete random variables with general distributions",
 * 1977, filled as in Vose, 1991; Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
 */
final class WeightedDraw {
    /** The index that is drawn if no weight is above zero. */
    static final int NONE = -1;

    private static final long INCREMENT = 0x9E37_79B9_7F4A_7C15L;
    /** Of a full column. */
    private static final long HEIGHT = 1L << 32;

    private static final long LOWER_HALF = HEIGHT - 1;

    private final AtomicLong random;
    /** Up to which height a column is its index's own. */
    private final long[] mark;

    private final int[] other;

    WeightedDraw(int[] weights, AtomicLong random) {
        this.random = random;
        long total = 0;
        for (final int weight : weights) {
            total += weight;
        }
        this.mark = new long[total == 0 ? 0 : weights.length];
        this.other = new int[mark.length];
        if (total > 0) {
            fill(weights, total);
        }
    }

    private void fill(int[] weights, long total) {
        final int count = weights.length;
        final double[] share = new double[count];
        final int[] stack = new int[count];
        int low = 0;
        int high = count;
        for (int i = 0; i < count; i++) {
            share[i] = (double) weights[i] * count / total;
            stack[share[i] < 1 ? low++ : --high] = i;
            mark[i] = HEIGHT;
            other[i] = i;
        }
        while (low > 0 && high < count) {
            final int small = stack[--low];
            final int large = stack[high];
            mark[small] = weights[small] == 0 ? 0 : Math.round(share[small] * HEIGHT);
            other[small] = large;
            share[large] -= 1 - share[small];
            if (share[large] < 1) {
                high++;
                stack[low++] = large;
            }
        }
        // Rounding may leave an index over that nobody filled up: with a weight it keeps its column, without it must
        // not.
        while (low > 0) {
            final int left = stack[--low];
            if (weights[left] == 0) {
                mark[left] = 0;
                other[left] = heaviest(weights);
            }
        }
    }

    private static int heaviest(int[] weights) {
        int heaviest = 0;
        for (int i = 1; i < weights.length; i++) {
            heaviest = weights[i] > weights[heaviest] ? i : heaviest;
        }
        return heaviest;
    }

    /** An index with a weight above zero, or {@link #NONE}. */
    int draw() {
        if (mark.length == 0) {
            return NONE;
        }
        final long number = number();
        final int column = (int) ((number >>> 32) * mark.length >>> 32);
        return (number & LOWER_HALF) < mark[column] ? column : other[column];
    }

    private long number() {
        long z = random.getAndAdd(INCREMENT);
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }
}
