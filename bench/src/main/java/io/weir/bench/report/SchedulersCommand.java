package io.weir.bench.report;

import io.weir.bench.BenchFlags;
import io.weir.bench.Conditions;
import io.weir.bench.quality.Progress;
import io.weir.bench.quality.Quality;
import io.weir.bench.quality.QualityOptions;
import io.weir.bench.quality.QualityTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir bench schedulers}: speed and quality of every scheduler, and a report on it. */
@Command(
        name = "weir bench schedulers",
        description = "Measures how fast every scheduler is and how well it shares out, and writes report.html,"
                + " report.json and a table. Some ten minutes; it says how many.")
public final class SchedulersCommand implements Callable<Integer> {
    private final String command;

    @Mixin
    private QualityOptions options = new QualityOptions();

    @Option(names = "--thorough", description = "Measures each longer: figures to publish. Takes most of an hour.")
    private boolean thorough;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "Where report.html and report.json are written (default: here).")
    private Path out = Path.of(".");

    @Option(
            names = "--compare",
            paramLabel = "OLD.json",
            description = "An older report.json: the ratio of the times, if the conditions are the same.")
    private @Nullable Path older;

    private SchedulersCommand(String command) {
        this.command = command;
    }

    /** Runs it; returns the exit status. */
    public static int run(String[] arguments) {
        return new CommandLine(new SchedulersCommand("schedulers " + String.join(" ", arguments)))
                .setExecutionExceptionHandler((problem, line, parsed) -> {
                    line.getErr().println("weir: " + problem.getMessage());
                    return 1;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException, RunnerException {
        options.check();
        final Report then = older == null ? null : Comparison.read(older);
        Files.createDirectories(out);
        final SpeedMatrix matrix = new SpeedMatrix(
                thorough ? SpeedMatrix.Pace.THOROUGH : SpeedMatrix.Pace.QUICK,
                BenchFlags.ALL,
                new Progress(System.err));
        final Map<String, String> conditions = Conditions.of(BenchFlags.ALL, command.strip());
        conditions.put("measured", matrix.describe());
        conditions.put("workloads", options.describe());
        final List<String> schedulers = options.schedulers();
        System.err.printf(
                "measuring %d schedulers: about %d minutes, on a machine with nothing else to do%n",
                schedulers.size(), matrix.minutes(schedulers));
        final List<Quality> quality = options.run(new Progress(System.err));
        final Report report = new Report(conditions, matrix.speeds(schedulers), matrix.builds(schedulers), quality);
        final Comparison comparison = then == null ? null : Comparison.of(report, then);
        Comparison.JSON.writeValue(out.resolve("report.json").toFile(), report);
        Files.writeString(out.resolve("report.html"), new HtmlReport(report, comparison).text());
        conditions.forEach((name, value) -> System.out.printf("# %-9s %s%n", name, value));
        System.out.print(SpeedTable.text(report));
        System.out.println();
        System.out.print(QualityTable.text(quality));
        if (comparison != null) {
            System.out.println();
            System.out.print(comparison.text());
        }
        System.out.printf(
                "%nwritten: %s, %s%n",
                out.resolve("report.html").normalize(),
                out.resolve("report.json").normalize());
        return 0;
    }
}
