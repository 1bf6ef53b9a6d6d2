package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.weir.control.metrics.TableMetrics.Count;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.Defence;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.PathCounters;
import io.weir.dataplane.sync.SyncCounters;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * The packet worker: what became of frames, its table, its time.
 *
 * <p><b>Thread</b>: any.
 */
final class WorkerMetrics {
    private static final double NS_PER_SECOND = 1e9;

    private WorkerMetrics() {}

    static void addTo(Families families, DataPlane dataPlane, SyncCounters sync, Histogram batches) {
        frames(families, dataPlane.counters());
        families.gauge(
                "weir_table_entries", "Connections and persistence templates in the table.", dataPlane.tableSize());
        families.gauge("weir_table_capacity_entries", "Entries that the table holds.", dataPlane.tableCapacity());
        families.gauges(
                "weir_defence_mode",
                "A defence: 0 never, 1 automatic and off, 2 automatic and on, 3 always.",
                Defence.NAMES.stream()
                        .map(name -> new Count(Labels.of("defence", name), dataPlane.defenceMode(name)))
                        .toList(),
                Count::value);
        devices(families, dataPlane);
        families.counters(
                "weir_worker_cpu_seconds",
                "CPU time of a packet worker; it spins while packets come.",
                each(dataPlane, i -> Math.max(0, dataPlane.cpuNs(i)) / NS_PER_SECOND),
                Count::value);
        families.counters(
                "weir_worker_frames_received",
                "Frames that a packet worker decided.",
                each(dataPlane, i -> dataPlane.counters(i).get(PathCounters.RECEIVED)),
                Count::value);
        families.counters(
                "weir_worker_frames_handed_over",
                "Frames that a packet worker received and another one owned.",
                each(dataPlane, i -> dataPlane.counters(i).get(PathCounters.HANDED_OVER)),
                Count::value);
        families.gauges(
                "weir_worker_table_entries",
                "Connections and persistence templates in a worker's table.",
                each(dataPlane, dataPlane::tableSize),
                Count::value);
        families.counter(
                "weir_worker_failed_turns", "Turns that ended in an exception: defects of Weir.", dataPlane.bugs());
        families.seconds(
                "weir_worker_batch_duration_seconds",
                "From the start of the turn that took a batch of frames until the last of them was handed to a device.",
                batches,
                dataPlane.workers() == 1 ? worker(0) : Labels.of("worker", "all"));
        families.counters(
                "weir_sync_events",
                "What became of synchronised connections and messages.",
                IntStream.range(0, SyncCounters.names().size())
                        .mapToObj(i -> new Count(
                                Labels.of("event", SyncCounters.names().get(i)), sync.get(i)))
                        .toList(),
                Count::value);
    }

    private static Labels worker(int index) {
        return Labels.of("worker", Integer.toString(index));
    }

    private static List<Count> each(DataPlane dataPlane, IntToDoubleFunction value) {
        return IntStream.range(0, dataPlane.workers())
                .mapToObj(i -> new Count(worker(i), value.applyAsDouble(i)))
                .toList();
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
        families.counter(
                "weir_connections_sacrificed",
                "Connections and templates that drop_entry ended.",
                counters.get(PathCounters.SACRIFICED));
    }

    private static void devices(Families families, DataPlane dataPlane) {
        families.counters(
                "weir_interface_receive_drops",
                "Frames lost because the receive ring was full.",
                perInterface(dataPlane, dataPlane::receiveDrops),
                Count::value);
        families.counters(
                "weir_interface_transmit_drops",
                "Frames lost because the device did not take them.",
                perInterface(dataPlane, dataPlane::transmitDrops),
                Count::value);
    }

    private static List<Count> perInterface(DataPlane dataPlane, IntToDoubleFunction value) {
        return IntStream.range(0, dataPlane.devices().size())
                .mapToObj(i -> new Count(
                        Labels.of("interface", dataPlane.devices().get(i).interfaceName()), value.applyAsDouble(i)))
                .toList();
    }
}
