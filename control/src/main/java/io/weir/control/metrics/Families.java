package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Metrics of one scrape, family by family.
 *
 * <p>Names follow Prometheus: base units (seconds, bytes), the unit at the end of the name; the library puts {@code _total}
 * behind counters.
 */
final class Families {
    private static final double NS_PER_SECOND = 1e9;
    /** From a microsecond to a second, three a decade; Prometheus cannot interpolate what it does not have. */
    private static final long[] BOUNDS_NS = {
        1_000,
        2_000,
        5_000,
        10_000,
        20_000,
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        20_000_000,
        50_000_000,
        100_000_000,
        1_000_000_000
    };

    private final MetricSnapshots.Builder all = MetricSnapshots.builder();

    /** Something with labels. */
    interface Labelled {
        Labels labels();
    }

    MetricSnapshots build() {
        return all.build();
    }

    /** A counter of one value. */
    void counter(String name, String help, long value) {
        counter(name, help, (double) value);
    }

    /** A counter of one value that is not whole: seconds. */
    void counter(String name, String help, double value) {
        all.metricSnapshot(new CounterSnapshot(new MetricMetadata(name, help), List.of(count(value, Labels.EMPTY))));
    }

    /** A counter of each row; rows sorted by their labels are the quickest. */
    <R extends Labelled> void counters(String name, String help, List<R> rows, ToDoubleFunction<R> value) {
        final List<CounterDataPointSnapshot> points = new ArrayList<>(rows.size());
        for (R row : rows) {
            points.add(count(value.applyAsDouble(row), row.labels()));
        }
        all.metricSnapshot(new CounterSnapshot(new MetricMetadata(name, help), points));
    }

    private static CounterDataPointSnapshot count(double value, Labels labels) {
        return new CounterDataPointSnapshot(value, labels, null, 0);
    }

    /** A gauge of one value. */
    void gauge(String name, String help, double value) {
        all.metricSnapshot(new GaugeSnapshot(
                new MetricMetadata(name, help), List.of(new GaugeDataPointSnapshot(value, Labels.EMPTY, null))));
    }

    /** Facts as labels; the library puts {@code _info} behind the name. */
    void info(String name, String help, Labels facts) {
        all.metricSnapshot(new InfoSnapshot(new MetricMetadata(name, help), List.of(new InfoDataPointSnapshot(facts))));
    }

    /** A gauge of each row. */
    <R extends Labelled> void gauges(String name, String help, List<R> rows, ToDoubleFunction<R> value) {
        final List<GaugeDataPointSnapshot> points = new ArrayList<>(rows.size());
        for (R row : rows) {
            points.add(new GaugeDataPointSnapshot(value.applyAsDouble(row), row.labels(), null));
        }
        all.metricSnapshot(new GaugeSnapshot(new MetricMetadata(name, help), points));
    }

    /** Nanoseconds as a histogram in seconds. */
    void seconds(String name, String help, Histogram ns, Labels labels) {
        final double[] bounds = new double[BOUNDS_NS.length + 1];
        final long[] counts = new long[BOUNDS_NS.length + 1];
        long below = 0;
        for (int i = 0; i < BOUNDS_NS.length; i++) {
            final long upTo = ns.getCountBetweenValues(0, BOUNDS_NS[i]);
            bounds[i] = BOUNDS_NS[i] / NS_PER_SECOND;
            counts[i] = upTo - below;
            below = upTo;
        }
        bounds[BOUNDS_NS.length] = Double.POSITIVE_INFINITY;
        counts[BOUNDS_NS.length] = ns.getTotalCount() - below;
        final double sum = ns.getTotalCount() == 0 ? 0 : ns.getMean() * ns.getTotalCount() / NS_PER_SECOND;
        all.metricSnapshot(new HistogramSnapshot(
                new MetricMetadata(name, help),
                List.of(new HistogramDataPointSnapshot(
                        ClassicHistogramBuckets.of(bounds, counts), sum, labels, Exemplars.EMPTY, 0))));
    }
}
