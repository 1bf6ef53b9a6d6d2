package io.weir.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.weir.control.ipvsadm.TableLines;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.Traffic;
import io.weir.dataplane.DataPlane;
import io.weir.service.Destination;
import java.io.IOException;
import java.io.StringWriter;
import org.HdrHistogram.Histogram;

/**
 * {@code weir status --json}: services, servers and deleted servers that still have connections, for programs.
 *
 * <p><b>Thread</b>: the director's, under its lock.
 */
final class StatusWord {
    private static final JsonFactory JSON = new JsonFactory();

    private StatusWord() {}

    static String json(LiveConfig live, DataPlane dataPlane, Histogram batches, String stateProblem) {
        final StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("name", live.config().name());
            json.writeStringField("stateNotSaved", stateProblem);
            WorkerJson.write(json, dataPlane, batches);
            final DirectorState state = live.commands().state();
            json.writeArrayFieldStart("services");
            for (ServiceEntry service : state.services()) {
                service(json, state, service);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("deletedServers");
            for (DestinationEntry entry : state.deletedServers()) {
                server(json, state, entry.service(), entry);
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory cannot fail", e);
        }
        return text.append('\n').toString();
    }

    private static void service(JsonGenerator json, DirectorState state, ServiceEntry service) throws IOException {
        json.writeStartObject();
        json.writeStringField("service", TableLines.key(service.key()));
        json.writeStringField("options", TableLines.options(service));
        traffic(json, service.traffic());
        json.writeArrayFieldStart("servers");
        for (DestinationEntry entry : service.destinations()) {
            server(json, state, service, entry);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void server(JsonGenerator json, DirectorState state, ServiceEntry service, DestinationEntry entry)
            throws IOException {
        final Destination d = entry.value();
        json.writeStartObject();
        json.writeStringField("service", TableLines.key(service.key()));
        json.writeStringField("address", d.address().toString());
        json.writeNumberField("port", d.port());
        json.writeNumberField("weight", d.weight());
        json.writeNumberField("active", state.load().active(d.slot()));
        json.writeNumberField("inactive", state.load().inactive(d.slot()));
        traffic(json, entry.traffic());
        json.writeEndObject();
    }

    private static void traffic(JsonGenerator json, Traffic traffic) throws IOException {
        final String[] names = {"connections", "inPackets", "outPackets", "inBytes", "outBytes"};
        for (int i = Traffic.CONNS; i <= Traffic.OUT_BYTES; i++) {
            json.writeNumberField(names[i], traffic.total(i));
            json.writeNumberField(names[i] + "PerSecond", traffic.rate(i));
        }
    }

    /** Deleted servers that still have connections, a line each; nothing if there are none. */
    static String deleted(DirectorState state) {
        final StringBuilder text = new StringBuilder();
        for (DestinationEntry entry : state.deletedServers()) {
            final int slot = entry.value().slot();
            final long active = state.load().active(slot);
            final long inactive = state.load().inactive(slot);
            if (active + inactive > 0) {
                text.append("deleted: ")
                        .append(TableLines.key(entry.service().key()))
                        .append(' ');
                text.append(TableLines.server(entry.service().key(), entry))
                        .append("  ")
                        .append(active);
                text.append(" active, ").append(inactive).append(" inactive connections\n");
            }
        }
        return text.toString();
    }
}
