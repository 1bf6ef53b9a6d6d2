package io.weir.bench.report;

import io.weir.bench.quality.Quality;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Pictures of the quality figures. */
final class QualityCharts {
    private static final int CELL_WIDTH = 240;
    private static final int CELL_HEIGHT = 150;
    private static final int LEFT = 34;
    private static final int WIDTH = 760;
    private static final int ROW = 30;
    private static final double PERCENT = 100;
    /** How much more than the average a frame has room for. */
    private static final double HEADROOM = 3;

    private QualityCharts() {}

    /** A small picture for each scheduler, all with the same scales. */
    static String overTime(List<Quality> runs) {
        final double average = runs.stream()
                .flatMapToDouble(q -> Arrays.stream(q.activeByWindow()).flatMapToDouble(Arrays::stream))
                .average()
                .orElse(1);
        final Scale y = Scale.linear(average * HEADROOM, CELL_HEIGHT - 22, 26);
        final StringBuilder all = new StringBuilder();
        runs.forEach(q -> all.append(cell(q, y)));
        return all.toString();
    }

    private static String cell(Quality q, Scale y) {
        final double[][] windows = q.activeByWindow();
        final int servers = windows[0].length;
        final int gone = servers / 2;
        final Svg svg = new Svg(CELL_WIDTH, CELL_HEIGHT, "Active connections of each server under " + q.scheduler());
        svg.text(CELL_WIDTH / 2.0, 14, "middle", "name", q.scheduler());
        svg.line(LEFT, y.at(0), CELL_WIDTH - 8, y.at(0), "tick");
        svg.line(LEFT, y.at(y.most()), CELL_WIDTH - 8, y.at(y.most()), "tick");
        svg.text(LEFT - 4, y.at(0) + 4, "end", "label", "0");
        svg.text(LEFT - 4, y.at(y.most()) + 4, "end", "label", String.format(Locale.ROOT, "%.0f", y.most()));
        svg.text(LEFT, CELL_HEIGHT - 6, "start", "label", "start");
        svg.text(CELL_WIDTH - 8, CELL_HEIGHT - 6, "end", "label", "end");
        svg.text(CELL_WIDTH / 2.0 + 12, CELL_HEIGHT - 6, "middle", "label", "one away");
        final double[] x = new double[windows.length];
        Arrays.setAll(x, i -> LEFT + (i + 0.5) * (CELL_WIDTH - 8 - LEFT) / windows.length);
        for (int server = 0; server < servers; server++) {
            if (server != gone) {
                svg.path(x, heights(windows, server, y), "line others");
            }
        }
        svg.path(x, heights(windows, gone, y), "line lost");
        final double peak =
                Arrays.stream(windows).flatMapToDouble(Arrays::stream).max().orElse(0);
        if (peak > y.most()) {
            svg.text(CELL_WIDTH - 8, 24, "end", "label", String.format(Locale.ROOT, "peak %.0f", peak));
        }
        return svg.toString();
    }

    private static double[] heights(double[][] windows, int server, Scale y) {
        return Arrays.stream(windows).mapToDouble(w -> y.at(w[server])).toArray();
    }

    /** Two bars for each scheduler. */
    static String disruption(List<Quality> runs) {
        final int height = runs.size() * ROW + 40;
        final Scale x = Scale.linear(PERCENT, 90, WIDTH - 120);
        final Svg svg = new Svg(WIDTH, height, "Clients that moved, by scheduler");
        for (int tick = 0; tick <= PERCENT; tick += 25) {
            svg.line(x.at(tick), 5, x.at(tick), height - 25, "tick");
            svg.text(x.at(tick), height - 8, "middle", "label", tick + " %");
        }
        for (int i = 0; i < runs.size(); i++) {
            final Quality q = runs.get(i);
            final double y = 8 + i * ROW;
            svg.text(80, y + 15, "end", "name", q.scheduler());
            bar(svg, x, y, q.moved(), "fill two", "moved");
            bar(svg, x, y + 12, q.movedAnyway(), "fill grey", "anyway");
        }
        return svg.toString();
    }

    private static void bar(Svg svg, Scale x, double y, double share, String style, String what) {
        final String value = String.format(Locale.ROOT, "%.1f %% %s", share * PERCENT, what);
        svg.bar(x.from(), y, x.at(share * PERCENT) - x.from(), 10, style, value);
        svg.text(x.at(share * PERCENT) + 5, y + 9, "start", "label", value);
    }
}
