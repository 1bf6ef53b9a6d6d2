package io.weir.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir status}, {@code conns}, {@code drain}, {@code log-level}: looking at and handling a running director. */
final class OperateCommands {
    private OperateCommands() {}

    /** {@code weir status}. */
    @Command(
            name = "status",
            description = "Prints what the running director does: its table, deleted servers that still have"
                    + " connections, and its counters.")
    static final class Status extends AskDirector {
        @Option(names = "--json", description = "For programs.")
        private boolean json;

        @Override
        public Integer call() throws RunException {
            return json ? ask("status", "json") : ask("status");
        }
    }

    /** {@code weir drain}. */
    @Command(
            name = "drain",
            description = "Takes a real server out of service gently: no new connections, and every second how many"
                    + " are left. Ends with 0 when none is left, with 3 when time is up.")
    static final class Drain extends AskDirector {
        private static final long MOST_SECONDS = 100 * 86_400;

        @Parameters(paramLabel = "SERVER", description = "ADDRESS or ADDRESS:PORT, in all services that have it.")
        private String server = "";

        @Option(
                names = "--within",
                paramLabel = "TIME",
                defaultValue = "10m",
                description = "How long to wait: 90s, 10m, 2h (default: ${DEFAULT-VALUE}).")
        private String within = "10m";

        @Option(
                names = "--then",
                paramLabel = "keep|reset|drop",
                defaultValue = "keep",
                description =
                        "keep: the server stays, without weight; reset: it is deleted, and what is left of its TCP"
                                + " connections is reset at both ends; drop: it is deleted, and packets of what is left of its"
                                + " connections are dropped (default: ${DEFAULT-VALUE}).")
        private String then = "keep";

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public Integer call() throws RunException {
            return ask("drain", server, Long.toString(seconds()), then);
        }

        private long seconds() {
            final String time = within.toLowerCase(Locale.ROOT);
            if (time.matches("\\d{1,6}[smh]?")) {
                final long number = Long.parseLong(time.replaceAll("\\D", ""));
                final long seconds = number * (time.endsWith("h") ? 3600 : time.endsWith("m") ? 60 : 1);
                if (seconds <= MOST_SECONDS) {
                    return seconds;
                }
            }
            throw new ParameterException(
                    spec.commandLine(), "--within must be a time such as 90s, 10m or 2h, 100 days at most");
        }
    }

    /** {@code weir conns}. */
    @Command(
            name = "conns",
            description =
                    "Lists connections that fit every option given. ADDRESS may be ADDRESS/LENGTH, ADDRESS:PORT or"
                            + " [ADDRESS]:PORT.")
    static final class Connections extends AskDirector {
        private static final int LIMIT = 1000;

        @Option(names = "--client", paramLabel = "ADDRESS", description = "From this client or network.")
        private @Nullable String client;

        @Option(names = "--virtual", paramLabel = "ADDRESS", description = "To this virtual address.")
        private @Nullable String virtual;

        @Option(names = "--server", paramLabel = "ADDRESS", description = "Sent to this real server.")
        private @Nullable String server;

        @Option(names = "--protocol", paramLabel = "tcp|udp|sctp", description = "Of this protocol.")
        private @Nullable String protocol;

        @Option(names = "--state", paramLabel = "STATE", description = "In this state, or one of these states.")
        private List<String> states = List.of();

        @Option(names = "--limit", paramLabel = "N", description = "Lists at most so many (default: " + LIMIT + ").")
        private int limit = LIMIT;

        @Option(names = "--count", description = "Only says how many there are.")
        private boolean count;

        @Option(
                names = {"-f", "--follow"},
                description = "Goes on: each second what is new, in another state, or gone.")
        private boolean follow;

        @Override
        public Integer call() throws RunException {
            final List<String> words = new ArrayList<>(List.of("conns"));
            words.add(follow ? "follow" : count ? "count" : "list");
            words.add(Integer.toString(follow || count ? 0 : Math.max(0, limit)));
            add(words, "client=", client);
            add(words, "virtual=", virtual);
            add(words, "server=", server);
            add(words, "protocol=", protocol);
            states.forEach(state -> add(words, "state=", state));
            return ask(words.toArray(new String[0]));
        }

        private static void add(List<String> words, String name, @Nullable String value) {
            if (value != null) {
                words.add(name + value);
            }
        }
    }

    /** {@code weir log-level}. */
    @Command(name = "log-level", description = "Changes what the running director logs, until it is started again.")
    static final class LogLevel extends AskDirector {
        @Parameters(paramLabel = "LEVEL", description = "error, warn, info, debug or trace.")
        private String level = "";

        @Override
        public Integer call() throws RunException {
            return ask("log-level", level);
        }
    }
}
