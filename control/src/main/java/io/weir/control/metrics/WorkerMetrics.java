package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.weir.control.metrics.TableMetrics.Count;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.PathCounters;
import io.weir.dataplane.sync.SyncCounters;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * The packet worker: what became of frames, its table, its time.
 *
 * <p><b>Thread</b>: any.
 */
final class WorkerMetrics {
    private static final double NS_PER_SECOND = 1e9;
    /** There is one worker; the label is there for the day when there are more. */
    private static final Labels WORKER = Labels.of("worker", "0");

    private WorkerMetrics() {}

    static void addTo(Families families, DataPlane dataPlane, SyncCounters sync, Histogram batches) {
        frames(families, dataPlane.counters());
        families.gauge(
                "weir_table_entries", "Connections and persistence templates in the table.", dataPlane.tableSize());
        families.gauge("weir_table_capacity_entries", "Entries that the table holds.", dataPlane.tableCapacity());
        devices(families, dataPlane);
        families.counters(
                "weir_worker_cpu_seconds",
                "CPU time of a packet worker; it spins while packets come.",
                List.of(new Count(WORKER, Math.max(0, dataPlane.cpuNs()) / NS_PER_SECOND)),
                Count::value);
        families.counter(
                "weir_worker_failed_turns", "Turns that ended in an exception: defects of Weir.", dataPlane.bugs());
        families.seconds(
                "weir_worker_batch_duration_seconds",
                "From the start of the turn that took a batch of frames until the last of them was handed to a device.",
                batches,
                WORKER);
        families.counters(
                "weir_sync_events",
                "What became of synchronised connections and messages.",
                IntStream.range(0, SyncCounters.names().size())
                        .mapToObj(i -> new Count(
                                Labels.of("event", SyncCounters.names().get(i)), sync.get(i)))
                        .toList(),
                Count::value);
    }

    private static void frames(Families families, PathCounters counters) {
        families.counter("weir_frames_received", "Frames taken.", counters.get(PathCounters.RECEIVED));
        families.counter("weir_frames_transmitted", "Frames sent on.", counters.get(PathCounters.TRANSMITTED));
        families.counter(
                "weir_frames_generated",
                "Frames the director made: answers, ICMP errors, fragments.",
                counters.get(PathCounters.GENERATED));
        families.counter("weir_frames_passed", "Frames left to the host.", counters.get(PathCounters.PASSED));
        families.counter(
                "weir_frames_consumed",
                "Frames answered, held for reassembly, or replaced.",
                counters.get(PathCounters.CONSUMED));
        families.counters(
                "weir_frames_dropped",
                "Frames dropped, by reason; docs/operations.md explains each.",
                Arrays.stream(DropReason.values())
                        .filter(reason -> reason != DropReason.NONE)
                        .map(reason -> new Count(Labels.of("reason", reason.name()), counters.dropped(reason)))
                        .toList(),
                Count::value);
        families.counter("weir_connections_opened", "New connections.", counters.get(PathCounters.CONNECTIONS));
        families.counter(
                "weir_connections_ended",
                "Connections that timed out or were ended.",
                counters.get(PathCounters.EXPIRED));
        families.counter("weir_templates_made", "Persistence templates made.", counters.get(PathCounters.TEMPLATES));
    }

    private static void devices(Families families, DataPlane dataPlane) {
        families.counters(
                "weir_interface_receive_drops",
                "Frames lost because the receive ring was full.",
                dataPlane.devices().stream()
                        .map(device -> new Count(interfaceLabel(device.interfaceName()), device.receiveDrops()))
                        .toList(),
                Count::value);
        families.counters(
                "weir_interface_transmit_drops",
                "Frames lost because the device did not take them.",
                dataPlane.devices().stream()
                        .map(device -> new Count(interfaceLabel(device.interfaceName()), device.transmitDrops()))
                        .toList(),
                Count::value);
    }

    private static Labels interfaceLabel(String name) {
        return Labels.of("interface", name);
    }
}
