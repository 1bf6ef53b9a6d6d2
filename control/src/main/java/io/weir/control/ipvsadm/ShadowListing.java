package io.weir.control.ipvsadm;

import io.weir.control.state.DirectorState;
import io.weir.service.Destination;
import io.weir.service.Shadow;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the shadow schedulers would have done, beside what the live ones did with the same connections.
 *
 * <p><b>Thread</b>: the director's; the counts are read while the worker counts on.
 */
public final class ShadowListing {
    private static final double PERCENT = 100;

    private ShadowListing() {}

    /** A table for each shadow of each service; nothing if there is none. */
    public static String of(DirectorState state) {
        final StringBuilder text = new StringBuilder();
        for (final VirtualService service : state.tables().services().services()) {
            for (final Shadow shadow : service.shadows()) {
                text.append(text.isEmpty() ? "" : "\n").append(table(service, shadow));
            }
        }
        return text.toString();
    }

    private static String table(VirtualService service, Shadow shadow) {
        final List<Row> rows = Arrays.stream(service.destinations())
                .map(d -> row(service, shadow, d))
                .toList();
        final String live = service.scheduler().name();
        final String name = shadow.scheduler().name();
        final Shadow.Tally tally = shadow.tally();
        final long asked = tally.asked();
        final StringBuilder text = new StringBuilder();
        text.append(line(
                "%s  %s, shadow %s: %d connections, agrees on %s, has no server for %d%n",
                SaveListing.name(service.key(), null),
                live,
                name,
                asked,
                share(tally.agreed(), asked),
                tally.refused()));
        text.append(line(
                "  %-24s %6s  %10s %8s %9s %9s  %10s %8s %9s %9s%n",
                "", "weight", live, "share", "active", "inactive", name, "share", "active", "inactive"));
        for (final Row row : rows) {
            text.append(line(
                    "  %-24s %6d  %10d %8s %9d %9d  %10d %8s %9d %9d%n",
                    row.server,
                    row.weight,
                    row.live.conns,
                    share(row.live.conns, sum(rows, true)),
                    row.live.active,
                    row.live.inactive,
                    row.shadow.conns,
                    share(row.shadow.conns, sum(rows, false)),
                    row.shadow.active,
                    row.shadow.inactive));
        }
        return text.append(line(
                        "  %-24s %6s  %10s %8s %9s %9s  %10s%n",
                        "CV of conns per weight", "", variation(rows, true), "", "", "", variation(rows, false)))
                .toString();
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private record Counts(long conns, long active, long inactive) {}

    private record Row(String server, int weight, Counts live, Counts shadow) {}

    private static Row row(VirtualService service, Shadow shadow, Destination d) {
        final boolean ipv6 = !d.address().isV4();
        final String server =
                Labels.endpoint(d.address(), ipv6, d.port(), service.key().protocol(), null);
        return new Row(
                server,
                d.weight(),
                counts(shadow, d.slot(), Shadow.LIVE_CONNS, Shadow.LIVE_ACTIVE, Shadow.LIVE_INACTIVE),
                counts(shadow, d.slot(), SlotCounters.CONNS, SlotCounters.ACTIVE, SlotCounters.INACTIVE));
    }

    /** Zero until the worker has taken the shadow or the server. */
    private static Counts counts(Shadow shadow, int slot, int conns, int active, int inactive) {
        final SlotCounters counters = shadow.load().counters();
        return shadow.owns(slot)
                ? new Counts(counters.get(slot, conns), counters.get(slot, active), counters.get(slot, inactive))
                : new Counts(0, 0, 0);
    }

    private static long sum(List<Row> rows, boolean live) {
        return rows.stream()
                .mapToLong(row -> (live ? row.live : row.shadow).conns)
                .sum();
    }

    private static String share(long part, long whole) {
        return whole == 0 ? "-" : line("%.1f %%", PERCENT * part / whole);
    }

    /** The coefficient of variation of connections per weight, over the servers that have a weight. */
    private static String variation(List<Row> rows, boolean live) {
        final double[] loads = rows.stream()
                .filter(row -> row.weight > 0)
                .mapToDouble(row -> (double) (live ? row.live : row.shadow).conns / row.weight)
                .toArray();
        final double mean = Arrays.stream(loads).average().orElse(0);
        final double variance = IntStream.range(0, loads.length)
                .mapToDouble(i -> (loads[i] - mean) * (loads[i] - mean))
                .average()
                .orElse(0);
        return mean == 0 ? "-" : line("%.3f", Math.sqrt(variance) / mean);
    }
}
