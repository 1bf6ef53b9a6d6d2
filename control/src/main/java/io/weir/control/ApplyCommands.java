package io.weir.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code weir plan}, {@code weir apply}, {@code weir undo}: another configuration for a running director. */
final class ApplyCommands {
    private ApplyCommands() {}

    /** A command that hands a configuration to the director, under the file's name. */
    private abstract static class OfFile extends AskDirector {
        @Parameters(paramLabel = "FILE", description = "The configuration (YAML).")
        private Path file = Path.of("weir.yaml");

        /** What the director is to do with it. */
        abstract String word();

        @Override
        public final Integer call() throws IOException, RunException {
            if (!Files.exists(file)) {
                throw new RunException("weir: " + file + ": no such file");
            }
            final String name = file.toAbsolutePath().normalize().toString();
            return remote().call(Files.readAllBytes(file), word(), name);
        }
    }

    /** {@code weir plan}. */
    @Command(
            name = "plan",
            description = "Prints what applying a configuration would change in the running director, how many live"
                    + " connections would break or drain, and how many clients would move.")
    static final class Plan extends OfFile {
        @Override
        String word() {
            return "plan";
        }
    }

    /** {@code weir apply}. */
    @Command(
            name = "apply",
            description = "Makes the running director do what a configuration says, in one step; connections of what"
                    + " does not change go on.")
    static final class Apply extends OfFile {
        @Override
        String word() {
            return "apply";
        }
    }

    /** {@code weir undo}. */
    @Command(name = "undo", description = "Takes the last apply (or undo) back.")
    static final class Undo extends AskDirector {
        @Override
        public Integer call() throws RunException {
            return ask("undo");
        }
    }
}
