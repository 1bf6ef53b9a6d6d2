package io.weir.control.top;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The lines of {@code weir top}, from a director's last two answers.
 *
 * <p>Rates of services and servers are IPVS's own (an average over some seconds), those of frames, drops and CPU are from
 * one answer to the next.
 */
public final class TopScreen {
    /** Lines above the rows. */
    public static final int HEAD = 6;

    private static final double NS_PER_SECOND = 1e9;
    private static final double US_PER_SECOND = 1e6;
    private static final double PERCENT = 100;
    private static final int SHORTEST_NAME = 24;

    private final JsonNode now;
    private final @Nullable JsonNode before;
    private final double seconds;

    private TopScreen(JsonNode now, @Nullable JsonNode before) {
        this.now = now;
        this.before = before;
        this.seconds = before == null
                ? 0
                : (now.path("atNs").asLong() - before.path("atNs").asLong()) / NS_PER_SECOND;
    }

    /**
     * Draws.
     *
     * @param now a director's answer to {@link TopChoice#words}
     * @param before the one before, or null
     * @return at most {@code height} lines of at most {@code width} characters
     */
    public static List<String> lines(JsonNode now, @Nullable JsonNode before, TopChoice choice, int width, int height) {
        choice.atMost(now.path("matching").asInt());
        final TopScreen screen = new TopScreen(now, before);
        final List<String> lines = new ArrayList<>(screen.head());
        lines.add(choice.line(now.path("matching").asInt()));
        lines.add(screen.titles(choice, width));
        if (choice.isHelp()) {
            lines.addAll(TopChoice.HELP);
        }
        now.path("rows").forEach(row -> lines.add(screen.row(row, choice, width)));
        return lines.stream()
                .limit(height)
                .map(line -> line.length() > width ? line.substring(0, width) : line)
                .toList();
    }

    private List<String> head() {
        final JsonNode worker = now.path("worker");
        final JsonNode batch = worker.path("batchSeconds");
        final long entries = worker.path("tableEntries").asLong();
        final long capacity = worker.path("tableCapacity").asLong();
        return List.of(
                "weir " + now.path("name").asText() + "  services "
                        + now.path("services").asText() + "  servers "
                        + now.path("servers").asText() + "  connections " + entries + " of " + capacity
                        + String.format(Locale.ROOT, " (%.1f %%)", capacity == 0 ? 0 : PERCENT * entries / capacity)
                        + "  bugs " + worker.path("bugs").asText() + "  h help",
                "frames/s  in " + rate("/worker/frames/received") + "  out " + rate("/worker/frames/transmitted")
                        + "  made " + rate("/worker/frames/generated") + "  passed " + rate("/worker/frames/passed")
                        + "  new connections/s " + rate("/worker/connections"),
                String.format(
                        Locale.ROOT,
                        "%s  cpu %s  batch us p50 %.1f  p99 %.1f  p99.9 %.1f  max %.1f",
                        workers(),
                        cpu(),
                        batch.path("p50").asDouble() * US_PER_SECOND,
                        batch.path("p99").asDouble() * US_PER_SECOND,
                        batch.path("p99.9").asDouble() * US_PER_SECOND,
                        batch.path("max").asDouble() * US_PER_SECOND),
                "drops/s   " + drops());
    }

    private String rate(String path) {
        return before == null ? "-" : shortened(perSecond(path));
    }

    private long perSecond(String path) {
        if (before == null || seconds <= 0) {
            return 0;
        }
        return Math.round((now.at(path).asLong() - before.at(path).asLong()) / seconds);
    }

    private String cpu() {
        if (before == null || seconds <= 0) {
            return "-";
        }
        final double used = now.at("/worker/cpuSeconds").asDouble()
                - before.at("/worker/cpuSeconds").asDouble();
        final String all = String.format(Locale.ROOT, "%.0f %%", PERCENT * used / seconds);
        final StringBuilder each = new StringBuilder();
        final JsonNode workers = now.at("/worker/workers");
        for (int i = 0; workers.size() > 1 && i < workers.size(); i++) {
            final String path = "/worker/workers/" + i + "/cpuSeconds";
            final double one = now.at(path).asDouble() - before.at(path).asDouble();
            each.append(i == 0 ? " (" : " ").append(String.format(Locale.ROOT, "%.0f", PERCENT * one / seconds));
        }
        return each.isEmpty() ? all : all + each + ")";
    }

    private String workers() {
        final int count = now.at("/worker/workers").size();
        return count > 1 ? count + " workers" : "worker 0";
    }

    /** Those of now first, then the sums of the others. */
    private String drops() {
        final Map<String, String> found = new TreeMap<>();
        now.at("/worker/drops").properties().forEach(each -> {
            final long rate = perSecond("/worker/drops/" + each.getKey());
            found.put(
                    (rate > 0 ? "0" : "1") + each.getKey(),
                    each.getKey() + " " + (rate > 0 ? shortened(rate) : "0") + " ("
                            + each.getValue().asText() + ")");
        });
        now.at("/worker/interfaces").properties().forEach(each -> {
            final long lost = each.getValue().path("receiveDrops").asLong()
                    + each.getValue().path("transmitDrops").asLong();
            if (lost > 0) {
                found.put("2" + each.getKey(), each.getKey() + " rings (" + lost + ")");
            }
        });
        return found.isEmpty() ? "none" : String.join("  ", found.values());
    }

    private static int nameWidth(int width) {
        int fixed = 0;
        for (TopColumn column : TopColumn.values()) {
            fixed += column.width();
        }
        return Math.max(SHORTEST_NAME, (width - fixed) / 2);
    }

    private String titles(TopChoice choice, int width) {
        final int name = nameWidth(width);
        final StringBuilder line = new StringBuilder();
        line.append(cell(choice.isServers() ? "SERVER" : "SERVICE", name))
                .append(cell(choice.isServers() ? "SERVICE" : "SCHEDULER", name));
        for (TopColumn column : TopColumn.values()) {
            if (column != TopColumn.NAME) {
                final String title = column == TopColumn.WEIGHT && !choice.isServers() ? "SERVERS" : column.title();
                final String marked = column == choice.sort() ? "*" + title : title;
                line.append(String.format(Locale.ROOT, "%" + column.width() + "s", marked));
            }
        }
        return line.toString();
    }

    private String row(JsonNode row, TopChoice choice, int width) {
        final int name = nameWidth(width);
        final StringBuilder line = new StringBuilder();
        line.append(cell(row.path("name").asText(), name))
                .append(cell(row.path("detail").asText(), name));
        for (TopColumn column : TopColumn.values()) {
            if (column != TopColumn.NAME) {
                line.append(String.format(
                        Locale.ROOT,
                        "%" + column.width() + "s",
                        shortened(row.path(column.field()).asLong())));
            }
        }
        return line.toString();
    }

    private static String cell(String text, int width) {
        return text.length() >= width ? text.substring(0, width - 1) + " " : text + " ".repeat(width - text.length());
    }

    /** At most seven characters: 1234567, 12.3M, 1.23G. */
    static String shortened(long value) {
        if (value < 10_000_000) {
            return Long.toString(value);
        }
        final boolean giga = value >= 1_000_000_000;
        return String.format(Locale.ROOT, giga ? "%.2fG" : "%.1fM", value / (giga ? 1e9 : 1e6));
    }
}
