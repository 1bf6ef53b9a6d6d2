package io.weir.bench.quality;

import io.weir.sched.Schedulers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a comparison, and the comparison. */
public final class QualityOptions {
    private static final int MOST_SERVERS = 1000;
    private static final int MOST_SECONDS = 86_400;
    private static final String OUTAGE = ", one server away for a fifth of the time";

    @Option(names = "--seed", defaultValue = "1", description = "Of all that is drawn by lot (default: 1).")
    private long seed;

    @Option(
            names = "--servers",
            defaultValue = "10",
            description = "How many servers share the arrivals, 2 to " + MOST_SERVERS + " (default: 10).")
    private int servers;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Virtual length of generated workloads, 1 to " + MOST_SECONDS + " (default: 120).")
    private int seconds;

    @Option(
            names = "--arrivals",
            paramLabel = "FILE",
            description = "Recorded arrivals instead of generated ones: CSV, a line each,"
                    + " time,client,port,duration[,destination], times in seconds.")
    private @Nullable Path arrivals;

    @Option(
            names = "--schedulers",
            split = ",",
            paramLabel = "NAME",
            description = "Only these (default: all there are).")
    private List<String> schedulers = List.of();

    @Option(
            names = "--workloads",
            split = ",",
            paramLabel = "NAME",
            description = "Only these generated workloads (default: all there are).")
    private List<String> workloads = List.of();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    /** All the options say, in a few words: part of the conditions of a result. */
    public String describe() {
        final String source =
                arrivals == null ? seconds + " s of virtual time" : "arrivals of " + arrivals.getFileName();
        return source + ", " + servers + " servers, seed " + seed;
    }

    /** The schedulers asked for, in the registry's order. */
    public List<String> schedulers() {
        checkNames("--schedulers", schedulers, Schedulers.names());
        return schedulers.isEmpty()
                ? Schedulers.names()
                : Schedulers.names().stream().filter(schedulers::contains).toList();
    }

    /** Checks what can be wrong. ParameterException has a line for the user. */
    public void check() {
        checkRange("--servers", servers, 2, MOST_SERVERS);
        checkRange("--duration", seconds, 1, MOST_SECONDS);
        checkNames("--workloads", workloads, Workloads.names());
        schedulers();
        if (arrivals != null && !workloads.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--arrivals and --workloads exclude each other");
        }
    }

    private void checkRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be from " + least + " to " + most + ", not " + value);
        }
    }

    private void checkNames(String option, List<String> given, List<String> known) {
        for (final String name : given) {
            if (!known.contains(name)) {
                throw new ParameterException(
                        spec.commandLine(),
                        option + ": no '" + name + "' (there are: " + String.join(", ", known) + ")");
            }
        }
    }

    private List<Workload> workloads() throws IOException {
        final long durationNs = TimeUnit.SECONDS.toNanos(seconds);
        final List<Workload> made = new ArrayList<>();
        if (arrivals != null) {
            final Workload recorded = ArrivalFile.read(arrivals, servers);
            made.add(recorded);
            made.add(recorded.withOutage(recorded.name() + OUTAGE));
            return made;
        }
        for (final String name : workloads.isEmpty() ? Workloads.names() : workloads) {
            made.add(Workloads.generate(name, servers, durationNs, seed));
        }
        return made;
    }

    /** Runs every scheduler on every workload; by workload, then in the registry's order. */
    public List<Quality> run(Progress progress) throws IOException {
        check();
        final List<Workload> all = workloads();
        final List<String> names = schedulers();
        final List<Quality> results = new ArrayList<>();
        for (final Workload workload : all) {
            for (final String name : names) {
                progress.step(results.size() + 1, all.size() * names.size(), name + " on " + workload.name());
                results.add(Simulation.run(name, workload, seed));
            }
        }
        progress.end();
        return results;
    }
}
