package io.weir.control.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands of the system. */
public final class Shell {
    private static final int LONGEST_SHOWN = 160;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Shell() {}

    /**
     * What a command left behind.
     *
     * @param output its standard output and error, as they came
     */
    public record Result(int status, String output) {
        public boolean ok() {
            return status == 0;
        }

        /** The first line it said, or "". */
        public String firstLine() {
            return output.lines().findFirst().orElse("");
        }
    }

    /** Runs a command to its end; a command that takes a minute is ended and counts as failed (status 124). */
    static Result run(List<String> command, String input) {
        final Path output;
        try {
            output = Files.createTempFile("weir-", ".out");
        } catch (IOException e) {
            throw new LabException("no temporary file: " + e.getMessage(), e);
        }
        try {
            return run(command, input, output);
        } catch (IOException e) {
            throw new LabException(command.get(0) + ": " + e.getMessage(), e);
        } finally {
            deleteQuietly(output);
        }
    }

    static Result run(List<String> command) {
        return run(command, "");
    }

    /** Runs a command to its end, as above. */
    public static Result run(String... command) {
        return run(List.of(command));
    }

    /** Runs a command that must succeed; its failure is a {@link LabException} with what it said. */
    static String must(List<String> command, String input) {
        final Result result = run(command, input);
        if (!result.ok()) {
            throw new LabException(abridged(command) + ": " + result.firstLine());
        }
        return result.output();
    }

    /** A command for a message: whole if it is short. */
    private static String abridged(List<String> command) {
        final String whole = String.join(" ", command);
        return whole.length() <= LONGEST_SHOWN
                ? whole
                : whole.substring(0, LONGEST_SHOWN / 2) + " … " + whole.substring(whole.length() - LONGEST_SHOWN / 2);
    }

    /** Runs a command that must succeed. */
    public static String must(String... command) {
        return must(List.of(command), "");
    }

    private static Result run(List<String> command, String input, Path output) throws IOException {
        // Output goes through a file: no second thread is needed to keep a full pipe from blocking the command.
        final Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading all of its input; its status tells why.
            if (process.isAlive() && !input.isEmpty()) {
                process.destroyForcibly();
                throw e;
            }
        }
        final int status = await(process, LIMIT);
        return new Result(status, Files.readString(output, StandardCharsets.ISO_8859_1));
    }

    /** Waits for the end of a process; ends it when it takes too long (status 124, as timeout(1)). */
    static int await(Process process, Duration limit) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return 124;
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }
}
