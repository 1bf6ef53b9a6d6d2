package io.weir.bench.report;

import io.weir.bench.report.Report.BuildTime;
import io.weir.bench.report.Report.Speed;
import java.util.List;
import java.util.Locale;

/** The speed figures as text. */
final class SpeedTable {
    private static final double MILLION = 1e6;

    private SpeedTable() {}

    /** A line for each scheduler and weights, columns by servers and threads; then the tables. */
    static String text(Report report) {
        final List<Speed> speeds = report.speeds();
        final StringBuilder text = new StringBuilder(
                "\nns for a new connection (all threads together: million a second); bytes allocated\n");
        final List<String> columns = speeds.stream()
                .map(SpeedTable::column)
                .distinct()
                .sorted((a, b) -> Integer.compare(number(a), number(b)))
                .toList();
        text.append(String.format(Locale.ROOT, "%-9s %-7s", "", "weights"));
        columns.forEach(column -> text.append(String.format(Locale.ROOT, " %18s", column)));
        text.append(String.format(Locale.ROOT, " %8s%n", "B/op"));
        speeds.stream().map(s -> s.scheduler() + " " + s.weights()).distinct().forEach(row -> {
            final List<Speed> own = speeds.stream()
                    .filter(s -> row.equals(s.scheduler() + " " + s.weights()))
                    .toList();
            text.append(String.format(
                    Locale.ROOT, "%-9s %-7s", own.get(0).scheduler(), own.get(0).weights()));
            for (final String column : columns) {
                text.append(own.stream()
                        .filter(s -> column(s).equals(column))
                        .findFirst()
                        .map(s -> String.format(Locale.ROOT, " %9.1f (%6.2f)", s.ns(), s.perSecond() / MILLION))
                        .orElse(" ".repeat(19)));
            }
            final double most = own.stream().mapToDouble(Speed::bytes).max().orElse(Double.NaN);
            text.append(String.format(Locale.ROOT, " %8.3f%n", most));
        });
        return text.append(builds(report.builds())).toString();
    }

    private static String column(Speed speed) {
        return speed.servers() + " servers, " + speed.threads() + " thr";
    }

    private static int number(String column) {
        return Integer.parseInt(column.substring(0, column.indexOf(' '))) * 10
                + Integer.parseInt(column.replaceAll(".*, (\\d+) thr", "$1"));
    }

    private static String builds(List<BuildTime> builds) {
        if (builds.isEmpty()) {
            return "";
        }
        final StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%n%-16s %-7s %10s %10s   1,000 servers%n", "table", "weights", "build ms", "rebuild ms"));
        builds.forEach(b -> text.append(String.format(
                Locale.ROOT, "%-16s %-7s %10.2f %10.2f%n", b.table(), b.weights(), b.buildMs(), b.rebuildMs())));
        return text.append("the Maglev paper: 1.8 ms for 1,000 servers and 65,537 entries\n")
                .toString();
    }
}
