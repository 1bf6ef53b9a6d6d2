package io.weir.bench.report;

import io.weir.bench.quality.Progress;
import io.weir.bench.report.Report.BuildTime;
import io.weir.bench.report.Report.Speed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the speed benchmarks one by one, each in a virtual machine of its own: one that has run several schedulers compiles
 * the call to them otherwise.
 */
final class SpeedMatrix {
    private static final int[] SERVERS = {2, 10, 100, 1000};
    private static final int[] THREADS = {1, 2};
    private static final List<String> WEIGHTS = List.of("equal", "skewed");
    private static final List<String> TABLES = List.of("mh:65521", "maglev:65537", "maglev:655373", "conhash:65536");
    private static final int TABLE_SERVERS = 1000;
    /** A build is long code that takes long to be compiled. */
    private static final int BUILD_WARM_UPS = 4;

    private static final int BUILD_MILLIS = 400;
    /** What a virtual machine takes to start, and to say what it found. */
    private static final double FORK_SECONDS = 0.9;

    private static final double NS_PER_SECOND = 1e9;
    private static final double NS_PER_MS = 1e6;

    private final Pace pace;
    private final Progress progress;
    private final List<String> flags;

    SpeedMatrix(Pace pace, List<String> flags, Progress progress) {
        this.pace = pace;
        this.flags = flags;
        this.progress = progress;
    }

    /**
     * How long each benchmark is run.
     *
     * @param warmUps iterations that do not count
     * @param iterations that do
     * @param millis that one of either takes
     */
    record Pace(int warmUps, int iterations, int millis) {
        /** The whole matrix while one has a coffee. */
        static final Pace QUICK = new Pace(3, 3, 100);
        /** Figures to publish. */
        static final Pace THOROUGH = new Pace(5, 10, 500);

        private double seconds() {
            return FORK_SECONDS + (warmUps + iterations) * millis / 1000.0;
        }
    }

    /** What is run how long, in a few words. */
    String describe() {
        return String.format(
                Locale.ROOT,
                "1 fork, %d x %d ms warm-up, %d x %d ms measured",
                pace.warmUps,
                pace.millis,
                pace.iterations,
                pace.millis);
    }

    /** About how long all of it takes; the machine decides. */
    int minutes(List<String> schedulers) {
        final int runs = schedulers.size() * SERVERS.length * WEIGHTS.size() * THREADS.length;
        final int tables = (int) tables(schedulers).count() * WEIGHTS.size() * 2;
        final double build = FORK_SECONDS + (BUILD_WARM_UPS + pace.iterations) * BUILD_MILLIS / 1000.0;
        return (int) Math.ceil((runs * pace.seconds() + tables * build) / 60);
    }

    private ChainedOptionsBuilder options(String benchmark) {
        return new OptionsBuilder()
                .include("\\." + benchmark + "\\.")
                .forks(1)
                .warmupIterations(pace.warmUps)
                .warmupTime(TimeValue.milliseconds(pace.millis))
                .measurementIterations(pace.iterations)
                .measurementTime(TimeValue.milliseconds(pace.millis))
                .addProfiler(GCProfiler.class)
                .jvmArgsPrepend(flags.toArray(String[]::new))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    /** Every scheduler by servers, threads and weights. */
    List<Speed> speeds(List<String> schedulers) throws RunnerException {
        final List<Speed> found = new ArrayList<>();
        final int all = schedulers.size() * SERVERS.length * WEIGHTS.size() * THREADS.length;
        for (final String scheduler : schedulers) {
            for (final int servers : SERVERS) {
                for (final String weights : WEIGHTS) {
                    for (final int threads : THREADS) {
                        progress.step(
                                found.size() + 1,
                                all,
                                "speed: " + scheduler + ", " + servers + " servers, " + threads + " thr");
                        found.add(speed(scheduler, servers, weights, threads));
                    }
                }
            }
        }
        progress.end();
        return found;
    }

    private Speed speed(String scheduler, int servers, String weights, int threads) throws RunnerException {
        final Collection<RunResult> results = new Runner(options("SchedulerBenchmark")
                        .param("scheduler", scheduler)
                        .param("servers", Integer.toString(servers))
                        .param("weights", weights)
                        .threads(threads)
                        .build())
                .run();
        final RunResult one = results.iterator().next();
        final Result<?> time = one.getPrimaryResult();
        return new Speed(
                scheduler,
                servers,
                threads,
                weights,
                time.getScore(),
                time.getScoreError(),
                threads * NS_PER_SECOND / time.getScore(),
                Objects.requireNonNull(one.getSecondaryResults().get("gc.alloc.rate.norm"), "no allocation measured")
                        .getScore());
    }

    /** The tables of the paper's size, and of its large one. */
    List<BuildTime> builds(List<String> schedulers) throws RunnerException {
        final List<BuildTime> found = new ArrayList<>();
        final List<String> tables = tables(schedulers).toList();
        for (final String table : tables) {
            for (final String weights : WEIGHTS) {
                progress.step(found.size() + 1, tables.size() * WEIGHTS.size(), "table: " + table);
                found.add(build(table, weights));
            }
        }
        progress.end();
        return found;
    }

    private static Stream<String> tables(List<String> schedulers) {
        return TABLES.stream().filter(table -> schedulers.contains(table.substring(0, table.indexOf(':'))));
    }

    private BuildTime build(String table, String weights) throws RunnerException {
        double buildNs = Double.NaN;
        double rebuildNs = Double.NaN;
        for (final RunResult result : new Runner(options("TableBuildBenchmark")
                        .warmupIterations(BUILD_WARM_UPS)
                        .warmupTime(TimeValue.milliseconds(BUILD_MILLIS))
                        .measurementTime(TimeValue.milliseconds(BUILD_MILLIS))
                        .param("table", table)
                        .param("servers", Integer.toString(TABLE_SERVERS))
                        .param("weights", weights)
                        .build())
                .run()) {
            final double ns = result.getPrimaryResult().getScore();
            if (result.getParams().getBenchmark().endsWith(".rebuild")) {
                rebuildNs = ns;
            } else {
                buildNs = ns;
            }
        }
        return new BuildTime(table, TABLE_SERVERS, weights, buildNs / NS_PER_MS, rebuildNs / NS_PER_MS);
    }
}
