package io.weir.bench.wire;

import io.weir.bench.report.Page;
import io.weir.bench.report.Scale;
import io.weir.bench.report.Svg;
import io.weir.bench.wire.WireResult.Forwarder;
import io.weir.bench.wire.WireResult.Measured;
import java.util.Locale;

/** The figures for a person: a table for the terminal, a page with pictures. */
final class WirePage {
    private static final int WIDTH = 860;
    private static final int ROW = 30;
    private static final int LEFT = 250;
    private static final int RIGHT = 90;

    private WirePage() {}

    static String text(WireResult result) {
        final StringBuilder text = new StringBuilder();
        result.conditions()
                .forEach((name, value) -> text.append(String.format(Locale.ROOT, "# %-9s %s%n", name, value)));
        text.append(String.format(
                Locale.ROOT, "%-34s %8s %8s %8s %8s %8s %8s%n", "", "Mpps", "loss %", "p50 us", "p99", "p99.9", "max"));
        for (Forwarder each : result.forwarders()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-34s %8.3f %8.2f %8.1f %8.1f %8.1f %8.0f%n",
                    each.what(),
                    each.median(),
                    each.medianLoss() * 100,
                    each.latency().get(0),
                    each.latency().get(1),
                    each.latency().get(2),
                    each.latency().get(3)));
        }
        text.append(String.format(
                        Locale.ROOT,
                        "%-34s %8s %8s %8.1f %8.1f %8.1f %8.0f%n",
                        "one wire, nobody forwards",
                        "",
                        "",
                        result.oneWire().get(0),
                        result.oneWire().get(1),
                        result.oneWire().get(2),
                        result.oneWire().get(3)))
                .append('\n');
        for (Measured each : result.ratios()) {
            text.append(String.format(Locale.ROOT, "%-34s %8.2f", each.of() + " / " + each.to(), each.median()))
                    .append(each.goal().isEmpty() ? "" : "   at least " + each.goal() + " wanted")
                    .append('\n');
        }
        result.absent().forEach((name, why) -> text.append("did not take part: " + name + ": " + why + "\n"));
        return text.toString();
    }

    static String html(WireResult result) {
        final Page page = new Page("Weir on the wire");
        page.conditions(result.conditions());
        page.section(
                "Throughput",
                "Million frames a second that arrived at the sink: the bar is the median of all rounds, the dots are the"
                        + " rounds. Compare within this run only.");
        page.add(throughput(result).toString());
        page.section(
                "Ratios",
                "The median over the rounds of one divided by the other; what disturbs a round disturbs both.");
        page.add("<table class=\"heat\"><tr><th>compared</th><th>ratio</th><th>wanted</th></tr>");
        for (Measured each : result.ratios()) {
            page.add(String.format(
                    Locale.ROOT,
                    "<tr><td>%s / %s</td><td>%.2f</td><td>%s</td></tr>",
                    each.of(),
                    each.to(),
                    each.median(),
                    each.goal()));
        }
        page.add("</table>\n");
        page.section(
                "Latency, loss",
                "One way, one frame at a time, 20,000 a second: microseconds. Loss is that under load.");
        page.add(
                "<table class=\"heat\"><tr><th></th><th>p50</th><th>p99</th><th>p99.9</th><th>max</th><th>loss %</th></tr>");
        for (Forwarder each : result.forwarders()) {
            page.add(String.format(
                    Locale.ROOT,
                    "<tr><td>%s</td><td>%.1f</td><td>%.1f</td><td>%.1f</td><td>%.0f</td><td>%.2f</td></tr>",
                    Svg.escape(each.what()),
                    each.latency().get(0),
                    each.latency().get(1),
                    each.latency().get(2),
                    each.latency().get(3),
                    each.medianLoss() * 100));
        }
        page.add(String.format(
                Locale.ROOT,
                "<tr><td>one wire, nobody forwards</td><td>%.1f</td><td>%.1f</td><td>%.1f</td><td>%.0f</td><td></td></tr>",
                result.oneWire().get(0),
                result.oneWire().get(1),
                result.oneWire().get(2),
                result.oneWire().get(3)));
        page.add("</table>\n");
        return page.text();
    }

    private static Svg throughput(WireResult result) {
        double most = 0;
        for (Forwarder each : result.forwarders()) {
            for (double value : each.mpps()) {
                most = Math.max(most, value);
            }
        }
        final Scale x = Scale.linear(Math.max(most, 0.1), LEFT, WIDTH - RIGHT);
        final Svg svg = new Svg(WIDTH, ROW * result.forwarders().size() + ROW, "Throughput by forwarder");
        int y = ROW / 2;
        for (Forwarder each : result.forwarders()) {
            final String tip = String.format(Locale.ROOT, "%s: %.3f Mpps", each.what(), each.median());
            svg.text(LEFT - 8, y + 13, "end", "label", each.what());
            svg.bar(
                    LEFT,
                    y,
                    x.at(each.median()) - LEFT,
                    ROW - 12,
                    each.name().startsWith("weir") ? "fill one" : "fill grey",
                    tip);
            for (double value : each.mpps()) {
                svg.dot(x.at(value), y + (ROW - 12) / 2.0, 3, "two", String.format(Locale.ROOT, "%.3f", value));
            }
            svg.text(
                    WIDTH - RIGHT + 8,
                    y + 13,
                    "start",
                    "label",
                    String.format(Locale.ROOT, "%.2f Mpps", each.median()));
            y += ROW;
        }
        return svg;
    }
}
