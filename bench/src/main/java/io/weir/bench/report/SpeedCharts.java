package io.weir.bench.report;

import io.weir.bench.report.Report.BuildTime;
import io.weir.bench.report.Report.Speed;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Pictures of the speed figures. */
final class SpeedCharts {
    private static final double MILLION = 1e6;
    private static final double PAPER_MS = 1.8;
    private static final int WIDTH = 760;
    private static final int ROW = 22;
    private static final int LEFT = 120;
    private static final int CELL_WIDTH = 240;
    private static final int CELL_HEIGHT = 170;

    private final List<Speed> speeds;
    private final List<Integer> servers;
    private final double least;
    private final double most;

    SpeedCharts(List<Speed> speeds) {
        this.speeds = speeds;
        this.servers = speeds.stream().map(Speed::servers).distinct().sorted().toList();
        this.least = decade(speeds.stream().mapToDouble(Speed::perSecond).min().orElse(1), false);
        this.most = decade(speeds.stream().mapToDouble(Speed::perSecond).max().orElse(1), true);
    }

    /** The power of ten below or above. */
    private static double decade(double value, boolean above) {
        final double power = Math.log10(value);
        return Math.pow(10, above ? Math.ceil(power) : Math.floor(power));
    }

    int mostServers() {
        return servers.get(servers.size() - 1);
    }

    private static String number(double value) {
        return value >= 1
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.6f", value).replaceAll("0+$", "");
    }

    /** Schedulers by what a connection costs with the most servers. */
    String ranking() {
        final List<Speed> one = speeds.stream()
                .filter(s -> s.servers() == mostServers()
                        && s.threads() == 1
                        && s.weights().equals("skewed"))
                .sorted(Comparator.comparingDouble(Speed::ns))
                .toList();
        final int height = one.size() * ROW + 50;
        final double highest =
                decade(speeds.stream().mapToDouble(Speed::ns).max().orElse(1), true);
        final Scale x = Scale.log(1, highest, LEFT, WIDTH - 70);
        final Svg svg = new Svg(WIDTH, height, "Nanoseconds for a new connection by scheduler");
        for (double tick = 1; tick <= highest; tick *= 10) {
            svg.line(x.at(tick), 20, x.at(tick), height - 25, "tick");
            svg.text(x.at(tick), height - 8, "middle", "label", number(tick) + " ns");
        }
        for (int i = 0; i < one.size(); i++) {
            final Speed s = one.get(i);
            final double y = 35 + i * ROW;
            svg.text(LEFT - 10, y + 4, "end", "name", s.scheduler());
            speeds.stream()
                    .filter(t -> t.scheduler().equals(s.scheduler())
                            && t.servers() == s.servers()
                            && t.weights().equals(s.weights())
                            && t.threads() == 2)
                    .forEach(t -> {
                        svg.line(x.at(s.ns()), y, x.at(t.ns()), y, "thin");
                        svg.dot(x.at(t.ns()), y, 5, "two", t.scheduler() + ", 2 threads: " + ns(t));
                    });
            svg.dot(x.at(s.ns()), y, 5, "one", s.scheduler() + ", 1 thread: " + ns(s));
            svg.text(WIDTH - 5, y + 4, "end", "label", ns(s));
        }
        svg.dot(LEFT, 8, 5, "one", "").text(LEFT + 10, 12, "start", "label", "1 thread");
        svg.dot(LEFT + 90, 8, 5, "two", "").text(LEFT + 100, 12, "start", "label", "2 threads that share it");
        return svg.toString();
    }

    private static String ns(Speed s) {
        return String.format(Locale.ROOT, "%,.0f ns", s.ns());
    }

    static String legend() {
        final Svg svg = new Svg(WIDTH, 22, "Legend");
        svg.line(0, 11, 30, 11, "line one").text(36, 15, "start", "label", "1 thread");
        svg.line(110, 11, 140, 11, "line two").text(146, 15, "start", "label", "2 threads");
        svg.line(230, 11, 260, 11, "line one dashed")
                .text(266, 15, "start", "label", "dashed: one server in five weighs ten times as much");
        return svg.toString();
    }

    /** A small picture for each scheduler, all with the same scales. */
    String bySchedulers() {
        final StringBuilder all = new StringBuilder();
        speeds.stream().map(Speed::scheduler).distinct().forEach(name -> all.append(cell(name)));
        return all.toString();
    }

    private String cell(String scheduler) {
        final Scale y = Scale.log(least, most, CELL_HEIGHT - 34, 26);
        final Svg svg = new Svg(CELL_WIDTH, CELL_HEIGHT, "Throughput of " + scheduler + " by servers");
        svg.text(CELL_WIDTH / 2.0, 14, "middle", "name", scheduler);
        for (double tick = least; tick <= most; tick *= 10) {
            svg.line(58, y.at(tick), CELL_WIDTH - 12, y.at(tick), "tick");
            svg.text(54, y.at(tick) + 4, "end", "label", number(tick / MILLION) + " M/s");
        }
        for (int i = 0; i < servers.size(); i++) {
            svg.text(x(i), CELL_HEIGHT - 18, "middle", "label", servers.get(i).toString());
        }
        svg.text(CELL_WIDTH / 2.0 + 16, CELL_HEIGHT - 4, "middle", "label", "servers");
        for (final int threads : new int[] {1, 2}) {
            curve(svg, scheduler, threads, "equal", y);
            curve(svg, scheduler, threads, "skewed", y);
        }
        return svg.toString();
    }

    private double x(int place) {
        return 78 + place * (CELL_WIDTH - 114.0) / Math.max(1, servers.size() - 1);
    }

    private void curve(Svg svg, String scheduler, int threads, String weights, Scale y) {
        final List<Speed> own = speeds.stream()
                .filter(s -> s.scheduler().equals(scheduler)
                        && s.threads() == threads
                        && s.weights().equals(weights))
                .sorted(Comparator.comparingInt(Speed::servers))
                .toList();
        if (own.isEmpty()) {
            return;
        }
        final String style = threads == 1 ? "one" : "two";
        final double[] xs =
                own.stream().mapToDouble(s -> x(servers.indexOf(s.servers()))).toArray();
        final double[] ys = own.stream().mapToDouble(s -> y.at(s.perSecond())).toArray();
        svg.path(xs, ys, "line " + style + (weights.equals("skewed") ? " dashed" : ""));
        for (int i = 0; i < xs.length; i++) {
            final Speed s = own.get(i);
            final String tip = String.format(
                    Locale.ROOT,
                    "%s, %d servers, %d thr, %s weights: %.2f M/s, %.1f ns",
                    scheduler,
                    s.servers(),
                    threads,
                    weights,
                    s.perSecond() / MILLION,
                    s.ns());
            svg.dot(xs[i], ys[i], 3, style, tip);
        }
    }

    /** Bars of building and building again, with the paper's line. */
    static String builds(List<BuildTime> builds) {
        final int height = builds.size() * 40 + 55;
        final double slowest = builds.stream()
                .mapToDouble(b -> Math.max(b.buildMs(), b.rebuildMs()))
                .max()
                .orElse(1);
        final Scale x = Scale.log(0.1, decade(slowest, true), 190, WIDTH - 80);
        final Svg svg = new Svg(WIDTH, height, "Milliseconds to build a table");
        for (double tick = 0.1; tick <= x.most() * 1.01; tick *= 10) {
            svg.line(x.at(tick), 10, x.at(tick), height - 40, "tick");
            svg.text(x.at(tick), height - 25, "middle", "label", number(tick) + " ms");
        }
        for (int i = 0; i < builds.size(); i++) {
            final BuildTime b = builds.get(i);
            final double y = 15 + i * 40;
            svg.text(180, y + 18, "end", "name", b.table() + " " + b.weights());
            bar(svg, x, y, b.buildMs(), "fill one", "build");
            bar(svg, x, y + 14, b.rebuildMs(), "fill two", "again");
        }
        svg.line(x.at(PAPER_MS), 5, x.at(PAPER_MS), height - 40, "mark");
        svg.text(x.at(PAPER_MS), height - 8, "middle", "label", "the paper: 1.8 ms");
        return svg.toString();
    }

    private static void bar(Svg svg, Scale x, double y, double ms, String style, String what) {
        final String value = String.format(Locale.ROOT, "%.2f ms", ms);
        svg.bar(x.from(), y, x.at(ms) - x.from(), 12, style, what + ": " + value);
        svg.text(x.at(ms) + 5, y + 10, "start", "label", value + " " + what);
    }
}
