package io.weir.bench.report;

import io.weir.bench.quality.Progress;
import io.weir.bench.report.Report.BuildTime;
import io.weir.bench.report.Report.Speed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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
    private static final int[] THREADS = {1, 2};
    private static final List<String> TABLES = List.of("mh:65521", "maglev:65537", "maglev:655373", "conhash:65536");
    private static final int TABLE_SERVERS = 1000;
    /** A build is long code that takes long to be compiled. */
    private static final int BUILD_WARM_UPS = 4;

    private static final int BUILD_MILLIS = 400;
    private static final double NS_PER_SECOND = 1e9;
    private static final double NS_PER_MS = 1e6;

    private final boolean quick;
    private final Progress progress;
    private final List<String> flags;

    SpeedMatrix(boolean quick, List<String> flags, Progress progress) {
        this.quick = quick;
        this.flags = flags;
        this.progress = progress;
    }

    /** What is run how long, in a few words. */
    String describe() {
        return "1 fork, " + (quick ? "2 x 0.1 s warm-up, 3 x 0.1 s" : "3 x 0.3 s warm-up, 5 x 0.3 s") + " measured";
    }

    private int[] servers() {
        return quick ? new int[] {10, 1000} : new int[] {2, 10, 100, 1000};
    }

    private List<String> weights() {
        return quick ? List.of("skewed") : List.of("equal", "skewed");
    }

    private ChainedOptionsBuilder options(String benchmark) {
        final int millis = quick ? 100 : 300;
        return new OptionsBuilder()
                .include("\\." + benchmark + "\\.")
                .forks(1)
                .warmupIterations(quick ? 2 : 3)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(quick ? 3 : 5)
                .measurementTime(TimeValue.milliseconds(millis))
                .addProfiler(GCProfiler.class)
                .jvmArgsPrepend(flags.toArray(String[]::new))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    /** Every scheduler by servers, threads and weights. */
    List<Speed> speeds(List<String> schedulers) throws RunnerException {
        final List<Speed> found = new ArrayList<>();
        final int all = schedulers.size() * servers().length * weights().size() * THREADS.length;
        for (final String scheduler : schedulers) {
            for (final int servers : servers()) {
                for (final String weights : weights()) {
                    for (final int threads : THREADS) {
                        progress.step(found.size() + 1, all, "speed: " + scheduler + ", " + servers + " servers");
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
        for (final String table : TABLES) {
            if (!schedulers.contains(table.substring(0, table.indexOf(':')))) {
                continue;
            }
            for (final String weights : weights()) {
                progress.step(found.size() + 1, TABLES.size() * weights().size(), "table: " + table);
                found.add(build(table, weights));
            }
        }
        progress.end();
        return found;
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
