package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Comparator;
import java.util.List;

/**
 * Everything that one scrape says.
 *
 * <p><b>Thread</b>: any; nothing in it changes.
 */
public final class Scrape {
    private final MetricSnapshots small;
    private final List<Column> columns;

    Scrape(MetricSnapshots small, List<Column> columns) {
        this.small = small;
        this.columns =
                columns.stream().sorted(Comparator.comparing(Column::name)).toList();
    }

    /** The families that do not grow with the table. */
    MetricSnapshots small() {
        return small;
    }

    /** Those that do, sorted by name as the others are. */
    List<Column> columns() {
        return columns;
    }

    /** All of it in the library's words, which takes its time. */
    public MetricSnapshots all() {
        final MetricSnapshots.Builder all = MetricSnapshots.builder();
        small.forEach(all::metricSnapshot);
        columns.forEach(column -> all.metricSnapshot(column.snapshot()));
        return all.build();
    }
}
