package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.weir.control.state.DirectorState;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.sync.SyncCounters;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** Everything that one scrape says. */
public final class DirectorMetrics {
    private static final double MS_PER_SECOND = 1e3;

    private final TableMetrics table;

    /** Of a director with this state. */
    public DirectorMetrics(DirectorState state) {
        this.table = new TableMetrics(state);
    }

    /**
     * Reads it.
     *
     * <p><b>Thread</b>: the director's, under its lock.
     *
     * @param version of the program
     * @param isSaved false if the table could not be saved when it should have been
     * @param batches how long the worker's batches took since the start
     */
    public MetricSnapshots read(
            String version, DataPlane dataPlane, SyncCounters sync, Histogram batches, boolean isSaved) {
        final Families families = new Families();
        families.info("weir_build", "The version.", Labels.of("version", version));
        families.gauge("weir_state_saved", "0 if the table could not be saved to disk.", isSaved ? 1 : 0);
        process(families);
        WorkerMetrics.addTo(families, dataPlane, sync, batches);
        table.addTo(families);
        return families.build();
    }

    /** By the names that every process has with Prometheus. */
    private static void process(Families families) {
        families.gauge(
                "process_start_time_seconds",
                "When the process was started, since 1970.",
                ManagementFactory.getRuntimeMXBean().getStartTime() / MS_PER_SECOND);
        final Optional<Duration> cpu = ProcessHandle.current().info().totalCpuDuration();
        families.counter(
                "process_cpu_seconds",
                "CPU time of the process.",
                cpu.orElse(Duration.ZERO).toMillis() / MS_PER_SECOND);
    }
}
