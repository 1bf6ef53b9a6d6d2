package io.weir.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weir plan}, {@code weir apply}, {@code weir undo}: another configuration for a running director. */
final class ApplyCommands {
    private ApplyCommands() {}

    private static int send(RemoteCommand remote, String word, Path file) throws IOException, RunException {
        if (!Files.exists(file)) {
            throw new RunException("weir: " + file + ": no such file");
        }
        return remote.call(
                Files.readAllBytes(file),
                word,
                file.toAbsolutePath().normalize().toString());
    }

    /** {@code weir plan}. */
    @Command(
            name = "plan",
            description = "Prints what applying a configuration would change in the running director, how many live"
                    + " connections would break or drain, and how many clients would move.")
    static final class Plan implements Callable<Integer> {
        @Mixin
        private RemoteCommand remote = new RemoteCommand();

        @Parameters(paramLabel = "FILE", description = "The configuration (YAML).")
        private Path file = Path.of("weir.yaml");

        @Override
        public Integer call() throws IOException, RunException {
            return send(remote, "plan", file);
        }
    }

    /** {@code weir apply}. */
    @Command(
            name = "apply",
            description = "Makes the running director do what a configuration says, in one step; connections of what"
                    + " does not change go on.")
    static final class Apply implements Callable<Integer> {
        @Mixin
        private RemoteCommand remote = new RemoteCommand();

        @Parameters(paramLabel = "FILE", description = "The configuration (YAML).")
        private Path file = Path.of("weir.yaml");

        @Override
        public Integer call() throws IOException, RunException {
            return send(remote, "apply", file);
        }
    }

    /** {@code weir undo}. */
    @Command(name = "undo", description = "Takes the last apply (or undo) back.")
    static final class Undo implements Callable<Integer> {
        @Mixin
        private RemoteCommand remote = new RemoteCommand();

        @Override
        public Integer call() throws RunException {
            return remote.call(new byte[0], "undo");
        }
    }
}
