package io.weir.control;

import io.weir.control.state.ConnectionInfo;
import io.weir.dataplane.DataPlane;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.io.IOException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code weir conns}: connections that fit a filter, once or as they come and go.
 *
 * <p>Arguments: {@code list LIMIT}, {@code count 0} or {@code follow 0}, then the words of {@link ConnectionFilter}.
 *
 * <p>Following compares the table with itself of a second before: a connection that lived shorter may not be seen, and
 * packets pay nothing for it.
 *
 * <p><b>Thread</b>: the client's.
 */
final class ConnectionsWord {
    private static final int MOST_FOLLOWED = 100_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final String ROW = "%-4s %6s %-11s %-25s %-25s %s%n";
    private static final int FAILED = 1;

    private final DataPlane dataPlane;
    private final ConnectionFilter filter;
    private final ControlAnswer answer;

    private ConnectionsWord(DataPlane dataPlane, ConnectionFilter filter, ControlAnswer answer) {
        this.dataPlane = dataPlane;
        this.filter = filter;
        this.answer = answer;
    }

    /** Runs the word; returns the exit status. */
    static int run(DataPlane dataPlane, List<String> arguments, ControlAnswer answer) throws IOException, RunException {
        if (arguments.size() < 2 || !arguments.get(1).matches("\\d{1,9}")) {
            throw new RunException("weir: conns: list LIMIT, count 0 or follow 0, then a filter");
        }
        final ConnectionFilter filter = ConnectionFilter.of(arguments.subList(2, arguments.size()));
        final ConnectionsWord word = new ConnectionsWord(dataPlane, filter, answer);
        return switch (arguments.get(0)) {
            case "list" -> word.list(Integer.parseInt(arguments.get(1)));
            case "count" -> word.count();
            case "follow" -> word.follow();
            default -> throw new RunException(
                    "weir: conns: must be one of list, count, follow, not '" + arguments.get(0) + "'");
        };
    }

    private int list(int limit) throws IOException {
        answer.out(String.format(Locale.ROOT, ROW, "pro", "expire", "state", "client", "virtual", "server"));
        final int[] left = {limit};
        ConnectionWalk.slices(dataPlane, filter::fits, found -> {
            final StringBuilder text = new StringBuilder();
            for (ConnectionInfo each : found) {
                if (filter.fits(each) && left[0]-- > 0) {
                    text.append(row(each));
                }
            }
            answer.out(text.toString());
            return left[0] >= 0;
        });
        if (left[0] < 0) {
            answer.err("weir: there are more than " + limit + " (--limit)\n");
        }
        return 0;
    }

    private int count() throws IOException {
        final long[] sum = {0};
        ConnectionWalk.slices(dataPlane, filter::fits, found -> {
            sum[0] += found.stream().filter(filter::fits).count();
            return true;
        });
        answer.out(sum[0] + "\n");
        return 0;
    }

    /** What makes a connection the same one a second later. */
    private record Key(
            int protocol,
            IpAddress client,
            int clientPort,
            IpAddress virtual,
            int virtualPort,
            IpAddress server,
            int port) {
        static Key of(ConnectionInfo c) {
            return new Key(
                    c.protocol(),
                    c.client(),
                    c.clientPort(),
                    c.virtual(),
                    c.virtualPort(),
                    c.destination(),
                    c.destinationPort());
        }
    }

    private int follow() throws IOException, RunException {
        Map<Key, ConnectionInfo> before = look();
        answer.out("# " + before.size() + " connections; + new, ~ in another state, - gone\n");
        while (before.size() <= MOST_FOLLOWED) {
            pause();
            final Map<Key, ConnectionInfo> now = look();
            answer.out(changes(before, now));
            answer.alive();
            before = now;
        }
        answer.err("weir: more than " + MOST_FOLLOWED + " connections fit: a narrower filter, please\n");
        return FAILED;
    }

    private Map<Key, ConnectionInfo> look() throws IOException {
        final Map<Key, ConnectionInfo> all = new HashMap<>();
        ConnectionWalk.slices(dataPlane, filter::fits, found -> {
            found.stream().filter(filter::fits).forEach(each -> all.put(Key.of(each), each));
            return all.size() <= MOST_FOLLOWED;
        });
        return all;
    }

    private static String changes(Map<Key, ConnectionInfo> before, Map<Key, ConnectionInfo> now) {
        final String time = LocalTime.now(ZoneId.systemDefault()).format(TIME);
        final StringBuilder text = new StringBuilder();
        now.forEach((key, each) -> {
            final ConnectionInfo earlier = before.remove(key);
            if (earlier == null) {
                text.append(time).append(" + ").append(row(each));
            } else if (!earlier.state().equals(each.state())) {
                text.append(time).append(" ~ ").append(row(each));
            }
        });
        before.values().forEach(gone -> text.append(time).append(" - ").append(row(gone)));
        return text.toString();
    }

    private static void pause() throws RunException {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunException("weir: stopping", e);
        }
    }

    private static String row(ConnectionInfo c) {
        final String protocol =
                switch (c.protocol()) {
                    case ProtocolNumbers.TCP -> "tcp";
                    case ProtocolNumbers.UDP -> "udp";
                    case ProtocolNumbers.SCTP -> "sctp";
                    default -> "mark";
                };
        return String.format(
                Locale.ROOT,
                ROW,
                protocol,
                c.expiresSeconds() / 60 + ":" + String.format(Locale.ROOT, "%02d", c.expiresSeconds() % 60),
                c.state(),
                end(c.client(), c.clientPort()),
                end(c.virtual(), c.virtualPort()),
                end(c.destination(), c.destinationPort()));
    }

    private static String end(IpAddress address, int port) {
        return IpAddress.format(address.hi(), address.lo(), port);
    }
}
