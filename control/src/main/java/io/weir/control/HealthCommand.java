package io.weir.control;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir health}: what the checks of a running director have found. */
@Command(name = "health", description = "Shows the health checks of a running director.")
final class HealthCommand implements Callable<Integer> {
    @Option(names = "--name", paramLabel = "NAME", description = "The director's name, weir if not given.")
    private String name = "weir";

    @Option(names = "--history", description = "With the last results of every check.")
    private boolean history;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        System.out.print(ControlClient.ask(name, history ? "health --history" : "health"));
        return 0;
    }
}
