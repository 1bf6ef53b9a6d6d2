package io.weir.bench.quality;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures as text, a table for each workload. */
public final class QualityTable {
    private static final double PERCENT = 100;

    private QualityTable() {}

    /** All of it, with what the columns mean. */
    public static String text(List<Quality> results) {
        final Map<String, StringBuilder> tables = new LinkedHashMap<>();
        for (final Quality q : results) {
            tables.computeIfAbsent(q.workload(), QualityTable::head).append(row(q));
        }
        return String.join("\n", tables.values())
                + """

                load        active connections per weight, of the servers in service
                max/mean    the highest load to the mean load over time, and at the worst moment; 1 is best
                CV          coefficient of variation of the loads over time; 0 is best
                p99         active connections of a server that it was below in 99 of 100 samples
                Jain        fairness index over windows of the run, and of the worst window; 1 is best
                moved       clients of other servers whom the loss of one server sent elsewhere
                anyway      connections of known clients that went elsewhere while nothing had happened
                """;
    }

    private static StringBuilder head(String workload) {
        return new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %s%n%-9s %8s %7s %7s %8s %8s %6s %6s %7s %7s %8s %8s%n",
                workload,
                Workloads.title(workload),
                "",
                "conns",
                "refused",
                "broken",
                "max/mean",
                "worst",
                "CV",
                "p99",
                "Jain",
                "worst",
                "moved",
                "anyway"));
    }

    private static String row(Quality q) {
        return String.format(
                Locale.ROOT,
                "%-9s %8d %7d %7d %8.2f %8.2f %6.3f %6d %7.4f %7.4f %8s %8s%n",
                q.scheduler(),
                q.connections(),
                q.refused(),
                q.broken(),
                q.maxToMean(),
                q.worstMaxToMean(),
                q.variation(),
                q.p99Active(),
                q.fairness(),
                q.worstFairness(),
                percent(q.moved()),
                percent(q.movedAnyway()));
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", share * PERCENT);
    }
}
