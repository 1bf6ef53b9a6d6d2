package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A large family at one moment: a value of each row, or two, of which one is for each direction.
 *
 * <p><b>Thread</b>: any; nobody changes the values.
 */
final class Column {
    /** Comes before the other labels, as their names are sorted. */
    static final String DIRECTION = "direction";

    private static final List<String> DIRECTIONS = List.of("in", "out");

    private final String name;
    private final String help;
    private final boolean isCounter;
    private final List<? extends Row<?>> rows;
    private final double[] values;

    private Column(String name, String help, boolean isCounter, List<? extends Row<?>> rows, double[] values) {
        this.name = name;
        this.help = help;
        this.isCounter = isCounter;
        this.rows = rows;
        this.values = values;
    }

    static <E> Column gauge(String name, String help, List<Row<E>> rows, ToDoubleFunction<E> value) {
        return new Column(name, help, false, rows, read(rows, List.of(value)));
    }

    static <E> Column counter(String name, String help, List<Row<E>> rows, ToDoubleFunction<E> value) {
        return new Column(name, help, true, rows, read(rows, List.of(value)));
    }

    /** A counter in both directions. */
    static <E> Column ways(
            String name, String help, List<Row<E>> rows, ToDoubleFunction<E> in, ToDoubleFunction<E> out) {
        return new Column(name, help, true, rows, read(rows, List.of(in, out)));
    }

    private static <E> double[] read(List<Row<E>> rows, List<ToDoubleFunction<E>> each) {
        final double[] values = new double[rows.size() * each.size()];
        int n = 0;
        for (final ToDoubleFunction<E> value : each) {
            for (final Row<E> row : rows) {
                values[n++] = value.applyAsDouble(row.entry());
            }
        }
        return values;
    }

    /** Without the library's {@code _total}. */
    String name() {
        return name;
    }

    /** In the order of their labels. */
    List<? extends Row<?>> rows() {
        return rows;
    }

    /** Of all rows; with directions those of what went in before those of what came out. Not to be changed. */
    double[] values() {
        return values;
    }

    /** The directions of its values; one without a name if it has none. */
    List<String> directions() {
        return values.length > rows.size() ? DIRECTIONS : List.of("");
    }

    /** As the library wants it. */
    MetricSnapshot snapshot() {
        final MetricMetadata metadata = new MetricMetadata(name, help);
        final List<CounterDataPointSnapshot> counters = new ArrayList<>();
        final List<GaugeDataPointSnapshot> gauges = new ArrayList<>();
        int n = 0;
        for (final String direction : directions()) {
            for (final Row<?> row : rows) {
                final Labels labels =
                        direction.isEmpty() ? row.labels() : row.labels().add(DIRECTION, direction);
                if (isCounter) {
                    counters.add(new CounterDataPointSnapshot(values[n++], labels, null, 0));
                } else {
                    gauges.add(new GaugeDataPointSnapshot(values[n++], labels, null));
                }
            }
        }
        return isCounter ? new CounterSnapshot(metadata, counters) : new GaugeSnapshot(metadata, gauges);
    }

    /** A family with its name and no labels, which shows how such families begin. */
    MetricSnapshot sample() {
        final MetricMetadata metadata = new MetricMetadata(name, help);
        return isCounter
                ? new CounterSnapshot(metadata, List.of(new CounterDataPointSnapshot(0, Labels.EMPTY, null, 0)))
                : new GaugeSnapshot(metadata, List.of(new GaugeDataPointSnapshot(0, Labels.EMPTY, null)));
    }
}
