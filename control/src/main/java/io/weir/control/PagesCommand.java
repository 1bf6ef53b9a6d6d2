package io.weir.control;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weir completion} and {@code weir manual}: what a shell and man(1) want, from what {@code --help} is made of. */
final class PagesCommand {
    private PagesCommand() {}

    /** {@code weir completion}. */
    @Command(
            name = "completion",
            mixinStandardHelpOptions = true,
            description = "Prints the completions for bash and zsh: source <(weir completion).")
    static final class Completion implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public Integer call() {
            System.out.print(completion(spec.root().commandLine()));
            return 0;
        }
    }

    /** {@code weir manual}. */
    @Command(
            name = "manual",
            mixinStandardHelpOptions = true,
            description = "Prints the manual page: weir manual | man -l -.")
    static final class Manual implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public Integer call() {
            System.out.print(ManPage.of(spec.root().commandLine()));
            return 0;
        }
    }

    /** The words of a command line, for bash; zsh reads it, too. */
    static String completion(CommandLine weir) {
        return AutoComplete.bash("weir", weir);
    }
}
