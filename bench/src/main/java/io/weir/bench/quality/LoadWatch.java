package io.weir.bench.quality;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Measures the servers' loads, sample by sample.
 *
 * <p>A load is active connections per weight. What is little used says little about sharing: figures are of the samples
 * and windows with at least half of the average load.
 *
 * <p><b>Source</b> of the index: Jain, Chiu and Hawe, "A Quantitative Measure of Fairness and Discrimination for Resource
 * Allocation in Shared Computer Systems", DEC-TR-301, 1984.
 */
final class LoadWatch {
    /** Windows of a run. */
    static final int WINDOWS = 60;
    /** Samples of a window. */
    static final int SAMPLES = 20;
    /** Windows at the start that say nothing yet: the servers fill up. */
    private static final int WARM_UP = WINDOWS / 10;

    private static final double BUSY = 0.5;
    private static final double MOST = 0.99;

    private final int[] weights;
    private final double[][] activeByWindow;
    private final double[][] loadByWindow;
    private final boolean[][] seen;
    private final double[] mean = new double[WINDOWS * SAMPLES];
    private final double[] highest = new double[WINDOWS * SAMPLES];
    private final double[] deviation = new double[WINDOWS * SAMPLES];
    private final long[][] active = new long[WINDOWS * SAMPLES][];
    private int samples;

    LoadWatch(int[] weights) {
        this.weights = weights;
        this.activeByWindow = new double[WINDOWS][weights.length];
        this.loadByWindow = new double[WINDOWS][weights.length];
        this.seen = new boolean[WINDOWS][weights.length];
    }

    /**
     * Takes the next sample; there are {@link #WINDOWS} times {@link #SAMPLES}.
     *
     * @param connections active ones, by server
     * @param inService by server; others are not looked at
     */
    void sample(long[] connections, boolean[] inService) {
        final int window = samples / SAMPLES;
        final int[] present =
                IntStream.range(0, weights.length).filter(i -> inService[i]).toArray();
        for (final int i : present) {
            activeByWindow[window][i] += (double) connections[i] / SAMPLES;
            loadByWindow[window][i] += (double) connections[i] / weights[i] / SAMPLES;
            seen[window][i] = true;
        }
        final double[] loads = Arrays.stream(present)
                .mapToDouble(i -> (double) connections[i] / weights[i])
                .toArray();
        final double average = Arrays.stream(loads).average().orElse(0);
        mean[samples] = average;
        highest[samples] = Arrays.stream(loads).max().orElse(0);
        deviation[samples] = Math.sqrt(Arrays.stream(loads)
                .map(x -> (x - average) * (x - average))
                .average()
                .orElse(0));
        active[samples] = Arrays.stream(present).mapToLong(i -> connections[i]).toArray();
        samples++;
    }

    /** The squared sum by the number times the sum of the squares; NaN if all is zero. */
    static double jain(double[] values) {
        final double sum = Arrays.stream(values).sum();
        final double squares = Arrays.stream(values).map(x -> x * x).sum();
        return sum * sum / (values.length * squares);
    }

    private double[] loads(int window) {
        return IntStream.range(0, weights.length)
                .filter(i -> seen[window][i])
                .mapToDouble(i -> loadByWindow[window][i])
                .toArray();
    }

    /** Puts what was measured together with what only the simulation knows. */
    Quality result(String scheduler, String workload, Outcome outcome) {
        final int first = WARM_UP * SAMPLES;
        final double average = Arrays.stream(mean, first, samples).average().orElse(0);
        final int[] busy = IntStream.range(first, samples)
                .filter(i -> average > 0 && mean[i] >= BUSY * average)
                .toArray();
        final double sum = Arrays.stream(busy).mapToDouble(i -> mean[i]).sum();
        final double[] fairness = new double[WINDOWS];
        Arrays.setAll(fairness, window -> jain(loads(window)));
        final double[] busyFairness = IntStream.range(WARM_UP, WINDOWS)
                .filter(w -> average > 0 && Arrays.stream(loads(w)).average().orElse(0) >= BUSY * average)
                .mapToDouble(w -> fairness[w])
                .toArray();
        final long[] sorted = Arrays.stream(busy)
                .boxed()
                .flatMapToLong(i -> Arrays.stream(active[i]))
                .sorted()
                .toArray();
        return new Quality(
                scheduler,
                workload,
                outcome.connections,
                outcome.refused,
                outcome.broken,
                Arrays.stream(busy).mapToDouble(i -> highest[i]).sum() / sum,
                Arrays.stream(busy).mapToDouble(i -> highest[i] / mean[i]).max().orElse(Double.NaN),
                Arrays.stream(busy).mapToDouble(i -> deviation[i]).sum() / sum,
                sorted.length == 0 ? 0 : sorted[(int) (MOST * (sorted.length - 1))],
                Arrays.stream(busyFairness).average().orElse(Double.NaN),
                Arrays.stream(busyFairness).min().orElse(Double.NaN),
                outcome.moved(),
                outcome.movedAnyway(),
                activeByWindow,
                fairness);
    }
}
