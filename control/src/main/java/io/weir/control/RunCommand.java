package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.config.WeirConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir run}: the director in the foreground until SIGTERM or Ctrl-C. */
@Command(name = "run", description = "Runs the director in the foreground until SIGTERM or Ctrl-C.")
final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration (YAML); docs/examples has one for every topology.")
    private Path config = Path.of("weir.yaml");

    @Option(names = "--ready-file", paramLabel = "FILE", description = "A file to write once packets are forwarded.")
    private @Nullable Path readyFile;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() throws ConfigException, RunException {
        final WeirConfig read = ConfigReader.read(config);
        throw new RunException("not wired yet: " + read.name() + readyFile);
    }
}
