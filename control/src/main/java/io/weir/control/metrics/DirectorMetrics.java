package io.weir.control.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.Labels;
import io.weir.control.state.DirectorState;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.route.AddressWatch.Kind;
import io.weir.dataplane.sync.SyncCounters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** Everything that one scrape says. */
public final class DirectorMetrics {
    private static final double MS_PER_SECOND = 1e3;

    private record ConflictRow(Labels labels, long count) implements Families.Labelled {}

    private final TableMetrics table;
    private final Supplier<List<Kind>> conflicts;

    /** Of a director with this state, and nobody else who claims its addresses. */
    public DirectorMetrics(DirectorState state) {
        this(state, List::of);
    }

    /**
     * Of a director with this state.
     *
     * @param conflicts of addresses, that last now
     */
    public DirectorMetrics(DirectorState state, Supplier<List<Kind>> conflicts) {
        this.table = new TableMetrics(state);
        this.conflicts = conflicts;
    }

    /**
     * Reads it.
     *
     * <p><b>Thread</b>: the director's, under its lock.
     *
     * @param version of the program
     * @param isSaved false if the table could not be saved when it should have been
     * @param availability what health checks and VRRP say
     * @param batches how long the worker's batches took since the start
     */
    public Scrape read(
            String version,
            DataPlane dataPlane,
            SyncCounters sync,
            Histogram batches,
            boolean isSaved,
            AvailabilityMetrics availability) {
        final Families families = new Families();
        families.info("weir_build", "The version.", Labels.of("version", version));
        families.gauge("weir_state_saved", "0 if the table could not be saved to disk.", isSaved ? 1 : 0);
        process(families);
        conflicts(families);
        WorkerMetrics.addTo(families, dataPlane, sync, batches);
        availability.addTo(families);
        table.addTo(families);
        final List<Column> columns = table.columns();
        columns.addAll(availability.columns());
        return new Scrape(families.build(), columns);
    }

    /**
     * Does a part of what the next {@link #read} would have to do, about a millisecond's worth; false if there was nothing to
     * do.
     *
     * @param lock the director's, which is held meanwhile
     */
    public BooleanSupplier ahead(Object lock) {
        return () -> {
            synchronized (lock) {
                return table.prepare();
            }
        };
    }

    /** Reads what the table says and writes it to nobody: for {@code WarmStart}, whose table this is. */
    public void rehearse() {
        final Families families = new Families();
        table.addTo(families);
        try {
            new TextExposition(ExpositionFormats.init().getPrometheusTextFormatWriter())
                    .write(new Scrape(families.build(), table.columns()));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
    }

    private void conflicts(Families families) {
        final List<Kind> now = conflicts.get();
        families.gauges(
                "weir_address_conflicts",
                "Addresses of the director that somebody else claims (virtual, own), neighbours that go to and fro (moving).",
                Arrays.stream(Kind.values())
                        .map(kind -> new ConflictRow(
                                Labels.of("kind", kind.name().toLowerCase(Locale.ROOT)),
                                now.stream().filter(kind::equals).count()))
                        .toList(),
                ConflictRow::count);
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
