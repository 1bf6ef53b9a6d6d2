package io.weir.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.TableNames;
import io.weir.control.state.Traffic;
import io.weir.control.top.TopColumn;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * One look of {@code weir top}: the worker, and the services or servers that the client has room for.
 *
 * <p>Arguments: {@code services|servers SORT LIMIT OFFSET [TEXT]}; SORT is a {@link TopColumn} in lower case, with a minus
 * for the least first; TEXT is to be found in a name.
 */
final class TopWord {
    private static final JsonFactory JSON = new JsonFactory();

    /** One row; the numbers by {@link TopColumn}. */
    // An array: numbers that nobody changes, not compared.
    @SuppressWarnings("ArrayRecordComponent")
    private record Row(String name, String detail, long[] values) {
        long value(TopColumn column) {
            return values[column.index()];
        }
    }

    private final boolean servers;
    private final TopColumn sort;
    private final boolean leastFirst;
    private final int limit;
    private final int offset;
    private final String text;

    private TopWord(List<String> arguments) {
        final String order = arguments.get(1);
        servers = arguments.get(0).equals("servers");
        leastFirst = order.startsWith("-");
        sort = TopColumn.valueOf((leastFirst ? order.substring(1) : order).toUpperCase(Locale.ROOT));
        limit = Integer.parseInt(arguments.get(2));
        offset = Integer.parseInt(arguments.get(3));
        if (limit < 0 || offset < 0) {
            throw new IllegalArgumentException("less than none");
        }
        text = arguments.size() > 4 ? arguments.get(4).toLowerCase(Locale.ROOT) : "";
    }

    /** Runs the word; returns the exit status. */
    static int run(Director director, List<String> arguments, ControlAnswer answer) throws IOException, RunException {
        final TopWord word;
        try {
            word = new TopWord(arguments);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new RunException(
                    "weir: top: services|servers SORT LIMIT OFFSET [TEXT], not '" + String.join(" ", arguments) + "'",
                    e);
        }
        answer.out(director.look((live, batches) -> word.json(live, director, batches)) + "\n");
        return 0;
    }

    private String json(LiveConfig live, Director director, Histogram batches) {
        final DirectorState state = live.commands().state();
        final List<Row> rows = servers ? serverRows(state) : serviceRows(state);
        final Comparator<Row> order = sort == TopColumn.NAME
                ? Comparator.comparing(Row::name).thenComparing(Row::detail)
                : Comparator.<Row>comparingLong(row -> -row.value(sort)).thenComparing(Row::name);
        rows.sort(leastFirst ? order.reversed() : order);
        final StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("name", live.config().name());
            json.writeNumberField("atNs", System.nanoTime());
            json.writeNumberField("services", state.services().size());
            json.writeNumberField(
                    "servers",
                    state.services().stream()
                            .mapToInt(s -> s.destinations().size())
                            .sum());
            WorkerJson.write(json, director.dataPlane(), batches);
            json.writeNumberField("matching", rows.size());
            json.writeArrayFieldStart("rows");
            final int first = Math.min(offset, rows.size());
            for (Row row : rows.subList(first, first + Math.min(limit, rows.size() - first))) {
                row(json, row);
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory cannot fail", e);
        }
        return out.toString();
    }

    private static void row(JsonGenerator json, Row row) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", row.name());
        json.writeStringField("detail", row.detail());
        for (TopColumn column : TopColumn.values()) {
            if (column != TopColumn.NAME) {
                json.writeNumberField(column.field(), row.value(column));
            }
        }
        json.writeEndObject();
    }

    private boolean isWanted(String name, String detail) {
        return text.isEmpty()
                || name.toLowerCase(Locale.ROOT).contains(text)
                || detail.toLowerCase(Locale.ROOT).contains(text);
    }

    private List<Row> serviceRows(DirectorState state) {
        final List<Row> rows = new ArrayList<>();
        for (ServiceEntry service : state.services()) {
            final String name = TableNames.service(service.key());
            if (isWanted(name, service.spec().scheduler())) {
                final long[] values = rates(service.traffic());
                for (DestinationEntry entry : service.destinations()) {
                    addLoad(values, state, entry);
                }
                values[TopColumn.WEIGHT.index()] = service.destinations().size();
                rows.add(new Row(name, service.spec().scheduler(), values));
            }
        }
        return rows;
    }

    private List<Row> serverRows(DirectorState state) {
        final List<Row> rows = new ArrayList<>();
        for (ServiceEntry service : state.services()) {
            final String detail = TableNames.service(service.key());
            for (DestinationEntry entry : service.destinations()) {
                final String name = TableNames.server(entry);
                if (isWanted(name, detail)) {
                    final long[] values = rates(entry.traffic());
                    addLoad(values, state, entry);
                    values[TopColumn.WEIGHT.index()] = entry.value().weight();
                    rows.add(new Row(name, detail, values));
                }
            }
        }
        return rows;
    }

    private static long[] rates(Traffic traffic) {
        final long[] values = new long[TopColumn.values().length];
        values[TopColumn.CONNS.index()] = traffic.rate(Traffic.CONNS);
        values[TopColumn.IN_PKTS.index()] = traffic.rate(Traffic.IN_PKTS);
        values[TopColumn.OUT_PKTS.index()] = traffic.rate(Traffic.OUT_PKTS);
        values[TopColumn.IN_BYTES.index()] = traffic.rate(Traffic.IN_BYTES);
        values[TopColumn.OUT_BYTES.index()] = traffic.rate(Traffic.OUT_BYTES);
        return values;
    }

    private static void addLoad(long[] values, DirectorState state, DestinationEntry entry) {
        values[TopColumn.ACTIVE.index()] += state.load().active(entry.value().slot());
        values[TopColumn.INACTIVE.index()] +=
                state.load().inactive(entry.value().slot());
    }
}
