package io.weir.control;

import com.fasterxml.jackson.core.JsonGenerator;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.PathCounters;
import io.weir.dataplane.io.PacketDevice;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/** The packet worker, for programs: frames, drops, interfaces, table, CPU, times of batches. */
final class WorkerJson {
    private static final double NS_PER_SECOND = 1e9;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    private WorkerJson() {}

    /** Writes the field {@code worker}. */
    static void write(JsonGenerator json, DataPlane dataPlane, Histogram batches) throws IOException {
        final PathCounters counters = dataPlane.counters();
        json.writeObjectFieldStart("worker");
        json.writeNumberField("cpuSeconds", Math.max(0, dataPlane.cpuNs()) / NS_PER_SECOND);
        json.writeNumberField("tableEntries", dataPlane.tableSize());
        json.writeNumberField("tableCapacity", dataPlane.tableCapacity());
        json.writeNumberField("bugs", dataPlane.bugs());
        json.writeObjectFieldStart("frames");
        json.writeNumberField("received", counters.get(PathCounters.RECEIVED));
        json.writeNumberField("transmitted", counters.get(PathCounters.TRANSMITTED));
        json.writeNumberField("generated", counters.get(PathCounters.GENERATED));
        json.writeNumberField("passed", counters.get(PathCounters.PASSED));
        json.writeNumberField("consumed", counters.get(PathCounters.CONSUMED));
        json.writeEndObject();
        json.writeNumberField("connections", counters.get(PathCounters.CONNECTIONS));
        json.writeNumberField("expired", counters.get(PathCounters.EXPIRED));
        json.writeObjectFieldStart("drops");
        for (DropReason reason : DropReason.values()) {
            if (counters.dropped(reason) > 0) {
                json.writeNumberField(reason.name(), counters.dropped(reason));
            }
        }
        json.writeEndObject();
        json.writeObjectFieldStart("interfaces");
        int index = 0;
        for (PacketDevice device : dataPlane.devices()) {
            json.writeObjectFieldStart(device.interfaceName());
            json.writeNumberField("receiveDrops", dataPlane.receiveDrops(index));
            json.writeNumberField("transmitDrops", dataPlane.transmitDrops(index));
            index++;
            json.writeEndObject();
        }
        json.writeEndObject();
        batches(json, batches);
        workers(json, dataPlane);
        json.writeEndObject();
    }

    /** Each by itself. */
    private static void workers(JsonGenerator json, DataPlane dataPlane) throws IOException {
        json.writeArrayFieldStart("workers");
        for (int i = 0; i < dataPlane.workers(); i++) {
            json.writeStartObject();
            json.writeNumberField("cpuSeconds", Math.max(0, dataPlane.cpuNs(i)) / NS_PER_SECOND);
            json.writeNumberField("tableEntries", dataPlane.tableSize(i));
            json.writeNumberField("received", dataPlane.counters(i).get(PathCounters.RECEIVED));
            json.writeNumberField("handedOver", dataPlane.counters(i).get(PathCounters.HANDED_OVER));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void batches(JsonGenerator json, Histogram ns) throws IOException {
        json.writeObjectFieldStart("batchSeconds");
        json.writeNumberField("count", ns.getTotalCount());
        for (double percentile : PERCENTILES) {
            json.writeNumberField(
                    "p" + Double.toString(percentile).replaceAll("\\.0$", ""),
                    ns.getValueAtPercentile(percentile) / NS_PER_SECOND);
        }
        json.writeNumberField("max", ns.getMaxValue() / NS_PER_SECOND);
        json.writeEndObject();
    }
}
