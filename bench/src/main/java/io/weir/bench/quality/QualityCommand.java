package io.weir.bench.quality;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir bench quality}: how well each scheduler shares out. */
@Command(
        name = "weir bench quality",
        description = "Runs every scheduler on the same arrivals in virtual time and says how well each shared out."
                + " The same options give the same figures.")
public final class QualityCommand implements Callable<Integer> {
    @Mixin
    private QualityOptions options = new QualityOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes all figures there.")
    private @Nullable Path json;

    /** Runs it; returns the exit status. */
    public static int run(String[] arguments) {
        return new CommandLine(new QualityCommand())
                .setExecutionExceptionHandler((problem, command, parsed) -> {
                    command.getErr().println("weir: " + problem.getMessage());
                    return 1;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        final List<Quality> results = options.run(new Progress(System.err));
        System.out.print(QualityTable.text(results));
        if (json != null) {
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), results);
        }
        return 0;
    }
}
