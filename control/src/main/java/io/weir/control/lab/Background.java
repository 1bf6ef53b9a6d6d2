package io.weir.control.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A command that runs beside us until it is stopped: a web server, a capture, the director.
 *
 * <p>It gets a session of its own, so that Ctrl-C at the terminal reaches only us and things are stopped in order.
 */
public final class Background implements AutoCloseable {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final String what;
    private final Process process;
    private final Path log;

    private Background(String what, Process process, Path log) {
        this.what = what;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a command.
     *
     * @param what names it in messages
     * @param log takes its standard output and error
     */
    static Background start(String what, List<String> command, Path log) {
        final List<String> argv = new ArrayList<>();
        argv.add("setsid");
        // Started by nohup we ignore hangups, and so would a director, which is to reload then.
        argv.addAll(List.of("env", "--default-signal=HUP"));
        argv.addAll(command);
        try {
            final ProcessBuilder builder = new ProcessBuilder(argv)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().put("WEIR_NO_BUILD", "1");
            builder.environment()
                    .put(
                            "STATE_DIRECTORY",
                            log.toAbsolutePath().resolveSibling("state").toString());
            return new Background(what, builder.start(), log);
        } catch (IOException e) {
            throw new LabException(what + ": " + e.getMessage(), e);
        }
    }

    /** Waits until {@code condition} holds; throws with the command's last words if it ends or time passes before. */
    void awaitUntil(Duration limit, BooleanSupplier condition) {
        final long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (!process.isAlive()) {
                throw new LabException(what + " ended with status " + process.exitValue() + ": " + lastLine());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new LabException(what + " is not ready after " + limit.toSeconds() + " s: " + lastLine());
            }
            pause(10);
        }
    }

    /** What it has said so far. */
    public String output() {
        try {
            return Files.readString(log, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Ends it without a chance to put anything back (SIGKILL). */
    public void kill() {
        process.destroyForcibly();
        Shell.await(process, STOP_LIMIT);
    }

    /** Asks it to end (SIGTERM), and ends it if it does not within ten seconds. */
    @Override
    public void close() {
        process.destroy();
        Shell.await(process, STOP_LIMIT);
    }

    /** Its exit status; only after it ended. */
    public int status() {
        return process.exitValue();
    }

    private String lastLine() {
        final List<String> lines =
                output().lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty() ? "(it said nothing)" : lines.get(lines.size() - 1);
    }

    static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }
}
