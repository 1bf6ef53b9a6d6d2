package io.weir.bench;

import io.weir.bench.quality.QualityCommand;
import io.weir.bench.report.SchedulersCommand;
import io.weir.bench.wire.SteadyCommand;
import io.weir.bench.wire.WireCommand;
import io.weir.sched.Schedulers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks and prints their figures together with the conditions they hold under.
 *
 * <pre>
 * java -cp ... io.weir.bench.BenchMain [path|new|workers|two-workers|table|sched|build|parse|checksum|all] [JMH options]
 * </pre>
 *
 * <p>Any option of JMH follows, for example {@code -f 1 -wi 2 -i 3} for a quick look, {@code -p flows=1000000},
 * {@code -rf json -rff FILE}. Every run counts allocated bytes as well; where packets and
 * new connections are they must be 0, and with the word {@code --no-allocation} before JMH's options a run fails if they
 * are not.
 */
public final class BenchMain {
    /** The registry: <b>one line adds a benchmark</b>. */
    private static final List<Entry> ALL = List.of(
            new Entry("path", "PacketPathBenchmark", false),
            new Entry("new", "NewConnectionBenchmark", false),
            new Entry("workers", "WorkersBenchmark", false),
            new Entry("two-workers", "TwoWorkersBenchmark", false),
            new Entry("table", "ConnectionTableBenchmark", false),
            new Entry("sched", "SchedulerBenchmark", false),
            new Entry("build", "TableBuildBenchmark", true),
            new Entry("parse", "ParserBenchmark", false),
            new Entry("checksum", "ChecksumBenchmark", false));

    /** What is measured without JMH, from the outside: <b>one line adds one</b>. */
    private static final Map<String, Harness> HARNESSES = Map.of(
            "cli", CommandTime::run,
            "life", LifeTime::run,
            "load", LoadTime::run,
            "scrape", ScrapeTime::run,
            "quality", QualityCommand::run,
            "wire", WireCommand::run,
            "steady", SteadyCommand::run,
            "schedulers", SchedulersCommand::run);

    private static final String EVERY = "all";
    private static final String NO_ALLOCATION = "--no-allocation";
    /** JMH's own objects, spread over the operations of an iteration, are a fraction of this. */
    private static final double LESS_THAN_AN_OBJECT = 1;

    private static final double SMALLEST_OBJECT = 16;
    /** Bytes that JMH allocates in an iteration, twice what was seen. */
    private static final double OF_JMH = 12_000;

    private static final int WRONG_USAGE = 2;

    private BenchMain() {}

    /** A measurement with a command line of its own. */
    @FunctionalInterface
    private interface Harness {
        /** Prints figures and conditions; returns the exit status. */
        int run(String[] arguments);
    }

    /** {@code allocates} says if an operation may make objects. */
    private record Entry(String word, String className, boolean allocates) {
        String pattern() {
            return "\\." + className + "\\.";
        }
    }

    public static void main(String[] arguments) {
        final String first = arguments.length == 0 ? EVERY : arguments[0];
        final Harness harness = HARNESSES.get(first);
        if (harness != null) {
            System.exit(harness.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
        }
        final Entry one = entry(first);
        final boolean named = one != null || first.equals(EVERY);
        if (!named && !first.startsWith("-")) {
            System.err.println("no such benchmark: " + first + " (" + words() + ")");
            System.exit(WRONG_USAGE);
        }
        final String[] options =
                named && arguments.length > 0 ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
        try {
            run(one, options, String.join(" ", arguments));
        } catch (CommandLineOptionException | RunnerException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static @Nullable Entry entry(String word) {
        return ALL.stream().filter(entry -> entry.word.equals(word)).findFirst().orElse(null);
    }

    private static List<String> words() {
        return ALL.stream().map(Entry::word).toList();
    }

    static List<String> patterns() {
        return ALL.stream().map(Entry::pattern).toList();
    }

    private static void run(@Nullable Entry one, String[] options, String command)
            throws CommandLineOptionException, RunnerException {
        final List<String> words = new ArrayList<>(List.of(options));
        final boolean strict = words.remove(NO_ALLOCATION);
        final CommandLineOptions given = new CommandLineOptions(words.toArray(String[]::new));
        final ChainedOptionsBuilder builder =
                new OptionsBuilder().parent(given).addProfiler(GCProfiler.class).shouldFailOnError(true);
        if (one != null) {
            builder.include(one.pattern());
        }
        if (!given.getParameter("scheduler").hasValue()) {
            builder.param("scheduler", Schedulers.names().toArray(String[]::new));
        }
        final Collection<String> flags = given.getJvmArgsPrepend().orElse(BenchFlags.ALL);
        builder.jvmArgsPrepend(flags.toArray(String[]::new));
        final String conditions = Conditions.describe(flags, command);
        System.out.println(conditions);
        final Collection<RunResult> results = new Runner(builder.build()).run();
        System.out.println();
        System.out.print(conditions);
        System.out.print(table(results));
        if (strict) {
            refuseAllocation(results);
        }
    }

    private static void refuseAllocation(Collection<RunResult> results) throws RunnerException {
        final List<String> found = results.stream()
                .filter(result -> !mayAllocate(result.getParams().getBenchmark()))
                .filter(BenchMain::allocates)
                .map(result -> name(result.getParams()) + ": " + bytesPerOperation(result) + " B/op")
                .toList();
        if (!found.isEmpty()) {
            throw new RunnerException("allocated where nothing may be:\n  " + String.join("\n  ", found));
        }
        System.out.printf("no allocation in %d results%n", results.size());
    }

    /** What is not measured counts as allocation; where operations are few, JMH's own bytes are not a few of each. */
    private static boolean allocates(RunResult result) {
        final double bytes = bytesPerOperation(result);
        final double operations = result.getParams().getMeasurement().getTime().convertTo(TimeUnit.NANOSECONDS)
                / result.getPrimaryResult().getScore();
        return !(bytes < LESS_THAN_AN_OBJECT) && !(bytes < SMALLEST_OBJECT && bytes * operations < OF_JMH);
    }

    private static boolean mayAllocate(String benchmark) {
        return ALL.stream().anyMatch(entry -> entry.allocates && benchmark.contains("." + entry.className + "."));
    }

    /** NaN if it was not measured. */
    static double bytesPerOperation(RunResult result) {
        final Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
        return allocated == null ? Double.NaN : allocated.getScore();
    }

    private static String table(Collection<RunResult> results) {
        final StringBuilder text = new StringBuilder();
        text.append(String.format("%-60s %12s %10s %10s %10s%n", "benchmark", "ns/op", "+-", "Mops/s", "B/op"));
        for (final RunResult result : results) {
            final Result<?> time = result.getPrimaryResult();
            text.append(String.format(
                    "%-60s %12.2f %10.2f %10.2f %10.3f%n",
                    name(result.getParams()),
                    time.getScore(),
                    time.getScoreError(),
                    1000 / time.getScore(),
                    bytesPerOperation(result)));
        }
        return text.toString();
    }

    private static String name(BenchmarkParams params) {
        final String full = params.getBenchmark();
        final int method = full.lastIndexOf('.');
        final TreeMap<String, String> values = new TreeMap<>();
        params.getParamsKeys().forEach(key -> values.put(key, params.getParam(key)));
        return full.substring(full.lastIndexOf('.', method - 1) + 1) + (values.isEmpty() ? "" : " " + values);
    }
}
