package io.weir.control;

import io.weir.dataplane.DataPlane;
import io.weir.dataplane.Defence;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.PathCounters;
import io.weir.dataplane.io.PacketDevice;
import io.weir.dataplane.sync.SyncCounters;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The counters as text: a name and a number a line. */
final class CountersText {
    private static final double NS_PER_US = 1e3;

    private CountersText() {}

    static String of(DataPlane dataPlane, SyncCounters sync, Histogram batches) {
        final PathCounters counters = dataPlane.counters();
        final StringBuilder text = new StringBuilder();
        line(text, "received", counters.get(PathCounters.RECEIVED));
        line(text, "transmitted", counters.get(PathCounters.TRANSMITTED));
        line(text, "generated", counters.get(PathCounters.GENERATED));
        line(text, "passed", counters.get(PathCounters.PASSED));
        line(text, "consumed", counters.get(PathCounters.CONSUMED));
        line(text, "connections", counters.get(PathCounters.CONNECTIONS));
        line(text, "expired", counters.get(PathCounters.EXPIRED));
        line(text, "templates", counters.get(PathCounters.TEMPLATES));
        line(text, "sacrificed", counters.get(PathCounters.SACRIFICED));
        for (String name : Defence.NAMES) {
            line(text, "defence." + name, dataPlane.defenceMode(name));
        }
        line(text, "bugs", dataPlane.bugs());
        int index = 0;
        for (PacketDevice device : dataPlane.devices()) {
            line(text, device.interfaceName() + ".receive_drops", dataPlane.receiveDrops(index));
            line(text, device.interfaceName() + ".transmit_drops", dataPlane.transmitDrops(index));
            index++;
        }
        for (int i = 0; dataPlane.workers() > 1 && i < dataPlane.workers(); i++) {
            final PathCounters one = dataPlane.counters(i);
            line(text, "worker" + i + ".received", one.get(PathCounters.RECEIVED));
            line(text, "worker" + i + ".handed_over", one.get(PathCounters.HANDED_OVER));
            line(text, "worker" + i + ".neighbours_untold", one.get(PathCounters.NEIGHBOURS_UNTOLD));
            line(text, "worker" + i + ".entries", dataPlane.tableSize(i));
            line(text, "worker" + i + ".cpu_ms", TimeUnit.NANOSECONDS.toMillis(Math.max(0, dataPlane.cpuNs(i))));
        }
        for (DropReason reason : DropReason.values()) {
            final long count = counters.dropped(reason);
            if (reason != DropReason.NONE && count > 0) {
                text.append("drop.").append(reason.name()).append(' ').append(count);
                text.append("  # ").append(reason.text()).append('\n');
            }
        }
        for (int i = 0; i < SyncCounters.names().size(); i++) {
            if (sync.get(i) > 0) {
                line(text, "sync." + SyncCounters.names().get(i), sync.get(i));
            }
        }
        latency(text, batches);
        return text.toString();
    }

    private static void latency(StringBuilder text, Histogram ns) {
        line(text, "batches", ns.getTotalCount());
        if (ns.getTotalCount() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "batch_us p50 %.1f p90 %.1f p99 %.1f p99.9 %.1f max %.1f%n",
                    ns.getValueAtPercentile(50) / NS_PER_US,
                    ns.getValueAtPercentile(90) / NS_PER_US,
                    ns.getValueAtPercentile(99) / NS_PER_US,
                    ns.getValueAtPercentile(99.9) / NS_PER_US,
                    ns.getMaxValue() / NS_PER_US));
        }
    }

    private static void line(StringBuilder text, String name, long value) {
        text.append(name).append(' ').append(value).append('\n');
    }
}
