package io.weir.control;

import io.weir.control.metrics.DirectorMetrics;
import io.weir.dataplane.MarkRules;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes the virtual machine compile, while packets are forwarded already, what commands and scrapes go through: a table that
 * nobody sees is filled, changed, shown and emptied. The first large table of an operator's then loads in half of the time.
 *
 * <p><b>Thread</b>: one of its own, which ends within a second or so; {@link #await} waits for it.
 */
final class WarmStart {
    private static final int ROUNDS = 12;
    private static final int SERVICES = 250;
    private static final int SERVERS = 10;
    private static final int CHANGES = 20;
    private static final int SCRAPES = 4;
    /** On a busy machine the operator is told before that it can begin. */
    private static final long WAIT_MS = 2_000;

    private static final int MOST_SERVERS = 4096;
    private static final int MOST_SERVICES = 256;

    private final Thread thread;

    private WarmStart(boolean scrapes) {
        thread = new Thread(() -> run(scrapes), "weir-warm-start");
        thread.setDaemon(true);
    }

    /**
     * Begins.
     *
     * @param scrapes will there be any?
     */
    static WarmStart begin(boolean scrapes) {
        final WarmStart warm = new WarmStart(scrapes);
        warm.thread.start();
        return warm;
    }

    /** Waits for its end, but not long. */
    void await() {
        try {
            thread.join(WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Fills and empties the table; returns how many lines were refused, which are none. */
    static int run(boolean scrapes) {
        final DirectorCommands commands = new DirectorCommands(MOST_SERVERS, MOST_SERVICES);
        final Snapshots snapshots = new Snapshots(commands.state(), MarkRules.NONE, List.of());
        final String table = table();
        final DirectorMetrics metrics = new DirectorMetrics(commands.state());
        final long startNs = System.nanoTime();
        int refused = 0;
        for (int i = 0; i < ROUNDS; i++) {
            refused += execute(commands, List.of("-R"), table);
            snapshots.next(List.of(), List.of());
            snapshots.rehearse(List.of());
            commands.state().advance(startNs + TimeUnit.SECONDS.toNanos(2L * i + 2));
            for (int j = 0; j < CHANGES; j++) {
                final String change = "-e -t " + virtual(j) + " -r " + server(j, 0) + " -m -w " + (2 + i);
                refused += execute(commands, List.of(change.split(" ", -1)), "");
                snapshots.next(List.of(), List.of());
                snapshots.rehearse(List.of());
            }
            for (int j = 0; j < (scrapes ? SCRAPES : 0); j++) {
                metrics.rehearse();
            }
            refused += execute(commands, List.of("-C"), "");
            snapshots.next(List.of(), List.of());
            snapshots.rehearse(List.of());
        }
        return refused;
    }

    private static int execute(DirectorCommands commands, List<String> words, String input) {
        return commands.execute(commands.prepare(words, input), DirectorCommands.Turn::take)
                .status();
    }

    private static String table() {
        final StringBuilder lines = new StringBuilder();
        for (int i = 0; i < SERVICES; i++) {
            lines.append("-A -t ").append(virtual(i)).append(" -s wlc\n");
            for (int j = 0; j < SERVERS; j++) {
                lines.append("-a -t ").append(virtual(i)).append(" -r ").append(server(i, j));
                lines.append(" -m -w 1\n");
            }
        }
        return lines.toString();
    }

    private static String virtual(int service) {
        return "192.0.2." + service + ":80";
    }

    private static String server(int service, int server) {
        return "198.51.100." + service + ":" + (8080 + server);
    }
}
