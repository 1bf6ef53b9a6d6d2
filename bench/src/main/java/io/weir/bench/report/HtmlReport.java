package io.weir.bench.report;

import io.weir.bench.quality.Quality;
import io.weir.bench.quality.Workloads;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The report as one page that needs nothing else: no script, no request, pictures inline.
 *
 * <p>Colours are those of Okabe and Ito, which colour-blind readers can tell apart; no picture says anything by colour
 * alone.
 */
final class HtmlReport {
    private final Report report;
    private final @Nullable Comparison comparison;
    private final Page page = new Page("The schedulers: how fast, how fair");

    HtmlReport(Report report, @Nullable Comparison comparison) {
        this.report = report;
        this.comparison = comparison;
    }

    String text() {
        page.conditions(report.conditions());
        compared();
        speed();
        tables();
        quality();
        overTime();
        disruption();
        return page.text();
    }

    private void add(String html) {
        page.add(html);
    }

    private void section(String title, String explanation) {
        page.section(title, explanation);
    }

    private void compared() {
        if (comparison == null) {
            return;
        }
        if (!comparison.isComparable()) {
            add("<div class=\"warning\"><b>Not comparable with " + Svg.escape(comparison.older()) + ".</b><ul>");
            comparison.differences().forEach(line -> add("<li>" + Svg.escape(line) + "</li>"));
            add("</ul></div>\n");
            return;
        }
        section(
                "Against " + comparison.older(),
                "Time of a new connection now to the time then, by scheduler/servers/threads/weights. Above 1 it is"
                        + " slower now; on a shared machine a tenth more or less says nothing.");
        add("<div class=\"columns\"><table class=\"plain\">\n");
        comparison
                .ratios()
                .forEach((key, ratio) -> add("<tr><th>" + Svg.escape(key) + "</th><td class=\"number\">"
                        + String.format(Locale.ROOT, "%.2f", ratio) + "</td></tr>\n"));
        add("</table></div>\n");
    }

    private void speed() {
        if (report.speeds().isEmpty()) {
            return;
        }
        final SpeedCharts charts = new SpeedCharts(report.speeds());
        section(
                "What a new connection costs",
                "Nanoseconds of one thread to choose a server and count the connection in, with "
                        + charts.mostServers()
                        + " servers; further left is better, and the scale is logarithmic. The second"
                        + " dot shows two threads that share the scheduler.");
        add(charts.ranking());
        add(String.format(
                Locale.ROOT,
                "<p class=\"note\">Allocated for a connection: at most %.2f bytes in any of the %d measurements. The"
                        + " smallest object has 16; a fraction of one byte is the benchmark's own.</p>%n",
                report.speeds().stream().mapToDouble(Report.Speed::bytes).max().orElse(Double.NaN),
                report.speeds().size()));
        section(
                "Throughput by servers and threads",
                "Million new connections a second of all threads together, on a logarithmic scale. A rule that looks at"
                        + " every server falls with their number; one that looks its choice up does not.");
        add(SpeedCharts.legend());
        add("<div class=\"grid\">" + charts.bySchedulers() + "</div>\n");
        add("<details><summary>The same in figures</summary><pre>" + Svg.escape(SpeedTable.text(report))
                + "</pre></details>\n");
    }

    private void tables() {
        if (!report.builds().isEmpty()) {
            section(
                    "Building a table",
                    "Milliseconds of the director to build the table of 1,000 servers, and to build it again when one"
                            + " goes. The line is what the Maglev paper reports for 65,537 entries: 1.8 ms.");
            add(SpeedCharts.builds(report.builds()));
        }
    }

    private void quality() {
        section(
                "How even",
                "All schedulers had the same arrivals, in virtual time. A server's load is its active connections per"
                        + " weight. Darker is worse; the figures are there to be read.");
        heat("Coefficient of variation of the loads (0 is best)", Quality::variation, 0, 0.5, "%.3f");
        heat("Highest load to mean load (1 is best)", Quality::maxToMean, 1, 2, "%.2f");
        heat("Jain's fairness index over windows of the run (1 is best)", q -> -q.fairness(), -1, -0.8, "%.3f");
        heat("99th percentile of a server's active connections", q -> (double) q.p99Active(), 50, 200, "%.0f");
        heat("Arrivals without a server", q -> (double) q.refused(), 0, 1000, "%.0f");
        add("<p class=\"note\">dh, lblc and lblcr choose by the address that is asked for, and are meant for caches; fo"
                + " sends everything to the heaviest server on purpose, ovf until that one has as many connections as"
                + " its weight says. sh has 256 buckets and gives each server as many in a row as its weight: weights"
                + " of more than 256 in all, as here, leave servers out.</p>\n");
    }

    private void heat(String title, ToDoubleFunction<Quality> figure, double best, double worst, String format) {
        final List<String> workloads =
                report.quality().stream().map(Quality::workload).distinct().toList();
        add("<h3>" + Svg.escape(title) + "</h3>\n<table class=\"heat\"><tr><th></th>");
        workloads.forEach(
                name -> add("<th title=\"" + Svg.escape(Workloads.title(name)) + "\">" + Svg.escape(name) + "</th>"));
        add("</tr>\n");
        report.quality().stream().map(Quality::scheduler).distinct().forEach(scheduler -> {
            add("<tr><th>" + scheduler + "</th>");
            report.quality().stream()
                    .filter(q -> q.scheduler().equals(scheduler))
                    .mapToDouble(figure)
                    .forEach(value -> add(cell(value, best, worst, format)));
            add("</tr>\n");
        });
        add("</table>\n");
    }

    private static String cell(double value, double best, double worst, String format) {
        if (Double.isNaN(value)) {
            return "<td>-</td>";
        }
        final int shade = (int) Math.round(9 * Math.min(1, Math.max(0, (value - best) / (worst - best))));
        return "<td class=\"h" + shade + "\">" + String.format(Locale.ROOT, format, Math.abs(value)) + "</td>";
    }

    private void overTime() {
        final List<Quality> outages = outages();
        if (!outages.isEmpty()) {
            section(
                    "Load over time, server by server",
                    "Active connections of each server while one of them (orange, thick) is away for a fifth of the time."
                            + " What rises above the frame is cut off and its peak written there.");
            add("<div class=\"grid\">" + QualityCharts.overTime(outages) + "</div>\n");
        }
    }

    private void disruption() {
        final List<Quality> outages = outages();
        if (!outages.isEmpty()) {
            section(
                    "Disruption: clients that moved when one server went away",
                    "Of the clients whose server stayed, the share whose next connection went to another one (upper"
                            + " bar). The lower bar is the share of connections that went elsewhere before anything had"
                            + " happened: a scheduler that never keeps clients moves them anyway.");
            add(QualityCharts.disruption(outages));
        }
    }

    private List<Quality> outages() {
        return report.quality().stream().filter(q -> !Double.isNaN(q.moved())).toList();
    }
}
