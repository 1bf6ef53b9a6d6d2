package io.weir.control;

import io.weir.control.client.Call;
import io.weir.control.client.SocketFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the commands have in common that ask a running director: which one, and how. */
final class RemoteCommand {
    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "The director's name; else WEIR_NAME, else \"weir\", else the only one there is.")
    private @Nullable String name;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    /** This if it says which director, else the outer command's. */
    RemoteCommand or(RemoteCommand outer) {
        return name == null ? outer : this;
    }

    /** Its control socket. */
    Path socket() {
        return name == null ? SocketFile.find() : SocketFile.of(name);
    }

    /** Runs a command there; what it prints is printed here. */
    int call(byte[] input, String... words) throws RunException {
        try {
            return Call.run(socket(), Call.words(words), input, System.out, System.err);
        } catch (IOException e) {
            throw new RunException("weir: no director answers at " + socket() + ": " + e.getMessage(), e);
        } finally {
            System.out.flush();
        }
    }
}
