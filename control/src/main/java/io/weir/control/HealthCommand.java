package io.weir.control;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir health}: what the checks of a running director have found. */
@Command(name = "health", description = "Shows the health checks of a running director.")
final class HealthCommand extends AskDirector {
    @Option(names = "--history", description = "With the last results of every check.")
    private boolean history;

    @Override
    public Integer call() throws RunException {
        return ask(history ? "health --history" : "health");
    }
}
