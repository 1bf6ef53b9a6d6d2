package io.weir.sched;

/**
 * Arithmetic on weights that several schedulers share.
 *
 * <p><b>Source</b>: ip_vs_wrr_gcd_weight() in ip_vs_wrr.c; ip_vs_mh_gcd_weight() and ip_vs_mh_shift_weight() in ip_vs_mh.c.
 */
final class WeightedTurns {
    private WeightedTurns() {}

    /** Greatest common divisor of the positive weights, 0 if there is none. */
    static int gcd(int[] weights) {
        int divisor = 0;
        for (final int weight : weights) {
            if (weight > 0) {
                divisor = gcd(weight, divisor);
            }
        }
        return divisor;
    }

    private static int gcd(int a, int b) {
        int x = a;
        int y = b;
        while (y != 0) {
            final int rest = x % y;
            x = y;
            y = rest;
        }
        return x;
    }

    /** The largest weight, 0 if there is none. */
    static int max(int[] weights) {
        int max = 0;
        for (final int weight : weights) {
            max = Math.max(max, weight);
        }
        return max;
    }

    /**
     * How many places in a row each gets in a table that is filled in rounds: the weights reduced by their gcd, and by a
     * shift until the largest fits into {@code bits} bits; at least one turn for a weight that is not zero.
     */
    static int[] turns(int[] weights, int bits) {
        final int[] turns = new int[weights.length];
        final int divisor = gcd(weights);
        if (divisor == 0) {
            return turns;
        }
        final int largest = max(weights) / divisor;
        final int shift = Math.max(0, Integer.SIZE - Integer.numberOfLeadingZeros(largest) - bits);
        for (int i = 0; i < weights.length; i++) {
            turns[i] = weights[i] == 0 ? 0 : Math.max(1, weights[i] / divisor >> shift);
        }
        return turns;
    }
}
