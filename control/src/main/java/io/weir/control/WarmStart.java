package io.weir.control;

import io.weir.dataplane.MarkRules;
import java.util.List;

/**
 * Makes the virtual machine compile, soon after the start, what commands go through: a table that nobody sees is filled and
 * emptied. The first large table of an operator's then loads in half of the time.
 *
 * <p><b>Thread</b>: one of its own, which ends within a second or so.
 */
final class WarmStart {
    private static final int ROUNDS = 12;
    private static final int SERVICES = 250;
    private static final int SERVERS = 10;
    private static final int MOST_SERVERS = 4096;
    private static final int MOST_SERVICES = 256;

    private WarmStart() {}

    /** Begins; nobody waits for it. */
    static void begin() {
        final Thread thread = new Thread(WarmStart::run, "weir-warm-start");
        thread.setDaemon(true);
        thread.start();
    }

    /** Fills and empties the table; returns how many lines were refused, which are none. */
    static int run() {
        final DirectorCommands commands = new DirectorCommands(MOST_SERVERS, MOST_SERVICES);
        final Snapshots snapshots = new Snapshots(commands.state(), MarkRules.NONE, List.of());
        final String table = table();
        int refused = 0;
        for (int i = 0; i < ROUNDS; i++) {
            refused += execute(commands, List.of("-R"), table);
            snapshots.next(List.of(), List.of());
            snapshots.firstRules(List.of());
            refused += execute(commands, List.of("-C"), "");
            snapshots.next(List.of(), List.of());
            snapshots.firstRules(List.of());
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
            final String virtual = "192.0.2." + i + ":80";
            lines.append("-A -t ").append(virtual).append(" -s wlc\n");
            for (int j = 0; j < SERVERS; j++) {
                lines.append("-a -t ").append(virtual).append(" -r 198.51.100.").append(i);
                lines.append(':').append(8080 + j).append(" -m -w 1\n");
            }
        }
        return lines.toString();
    }
}
