package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.config.WeirConfig;
import io.weir.dataplane.MarkRules;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir check}: says what is wrong with a configuration, and starts nothing. */
@Command(name = "check", description = "Checks a configuration file and starts nothing.")
final class CheckCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The configuration (YAML).")
    private @Nullable Path positional;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The same.")
    private @Nullable Path option;

    @Mixin
    private KeepalivedOptions keepalived = new KeepalivedOptions();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() throws ConfigException, RunException {
        final Path config = positional == null ? option : positional;
        final Path file = keepalived.oneOf(config);
        if (!file.equals(config)) {
            return keepalived.check();
        }
        final WeirConfig read = ConfigReader.read(file);
        final MarkRules marks = ConfigCheck.fill(file.toString(), read, new DirectorCommands());
        System.out.println(
                file + ": good: " + read.interfaces().size() + " interfaces, " + marks.size() + " mark rules, "
                        + read.commands().stream()
                                .filter(line -> line.text().startsWith("-A"))
                                .count()
                        + " services");
        return 0;
    }
}
