package io.weir.control;

import io.weir.control.ipvsadm.TableLines;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code weir drain}: takes a real server out of service gently, in all services that have it, and tells how that goes.
 *
 * <p>Its weight becomes 0: connections go on, new ones go elsewhere. Once a second the client is told how many are left and,
 * from the last half minute, when they will be gone. When none is left, or time is up, it ends; then {@code keep} leaves the
 * server there without weight, {@code reset} deletes it and resets what is left of its connections at both ends, {@code drop} deletes it and drops
 * their packets, as IPVS does.
 *
 * <p>A client that hangs up ends the telling, not the draining: the weight stays 0.
 *
 * <p><b>Thread</b>: the client's; it takes the director's lock only to look and to change.
 */
final class DrainTask {
    private static final Logger LOG = LoggerFactory.getLogger(DrainTask.class);
    private static final int TIMED_OUT = 3;
    private static final int SAMPLES = 30;
    private static final long DEFAULT_SECONDS = 600;

    /** What becomes of a server whose time is up. */
    private enum Then {
        KEEP,
        RESET,
        DROP
    }

    private final Director director;
    private final String name;
    private final IpAddress address;
    private final int port;
    private final long withinNs;
    private final Then then;
    private final List<Long> samples = new ArrayList<>();

    private DrainTask(Director director, String name, IpAddress address, int port, long seconds, Then then) {
        this.director = director;
        this.name = name;
        this.address = address;
        this.port = port;
        this.withinNs = TimeUnit.SECONDS.toNanos(seconds);
        this.then = then;
    }

    /** Arguments: {@code SERVER [SECONDS [keep|reset|drop]]}; a server is ADDRESS or ADDRESS:PORT. */
    static DrainTask of(Director director, List<String> arguments) throws RunException {
        if (arguments.isEmpty() || arguments.size() > 3) {
            throw new RunException("weir: drain: SERVER [SECONDS [keep|reset|drop]]");
        }
        final String server = arguments.get(0);
        final boolean bracket = server.startsWith("[");
        final int colon = bracket ? server.indexOf("]:") + 1 : server.indexOf(':');
        final boolean hasPort = colon > 0 && (bracket || colon == server.lastIndexOf(':'));
        final String host = (hasPort ? server.substring(0, colon) : server).replaceAll("[\\[\\]]", "");
        final String portText = hasPort ? server.substring(colon + 1) : "0";
        final String seconds = arguments.size() > 1 ? arguments.get(1) : Long.toString(DEFAULT_SECONDS);
        final String end = arguments.size() > 2 ? arguments.get(2) : "keep";
        if (!portText.matches("\\d{1,5}") || !seconds.matches("\\d{1,7}")) {
            throw new RunException("weir: drain: a port and seconds are numbers, not " + portText + ", " + seconds);
        }
        if (!List.of("keep", "reset", "drop").contains(end)) {
            throw new RunException("weir: drain: --then must be one of keep, reset, drop, not '" + end + "'");
        }
        try {
            return new DrainTask(
                    director,
                    server,
                    IpAddress.parse(host),
                    Integer.parseInt(portText),
                    Long.parseLong(seconds),
                    Then.valueOf(end.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw new RunException("weir: drain: must be ADDRESS or ADDRESS:PORT, not '" + server + "'", e);
        }
    }

    private Map<DestinationEntry, ServiceEntry> servers(DirectorState state) {
        final Map<DestinationEntry, ServiceEntry> found = new LinkedHashMap<>();
        for (ServiceEntry service : state.services()) {
            for (DestinationEntry entry : service.destinations()) {
                if (isMeant(entry)) {
                    found.put(entry, service);
                }
            }
        }
        return found;
    }

    private boolean isMeant(DestinationEntry entry) {
        final boolean same = entry.value().address().equals(address);
        return same && (port == 0 || entry.value().port() == port);
    }

    /** Returns 0 when no connection is left, 3 when time is up before. */
    int run(ControlAnswer answer) throws IOException, RunException {
        final int count = director.alone(live -> quiesce(live.commands()));
        if (count == 0) {
            throw new RunException("weir: drain: no service has the server " + name);
        }
        LOG.info("event=drain server={} services={}", name, count);
        final long start = System.nanoTime();
        long left = left();
        while (left > 0 && System.nanoTime() - start < withinNs) {
            answer.out(progress(left));
            sleep();
            left = left();
        }
        String removed = then == Then.KEEP ? "" : director.alone(live -> delete(live.commands()));
        if (then == Then.RESET) {
            // In a turn of its own: the deletion must be in force.
            director.alone(
                    live -> ServerConnections.end(live.commands().state(), director.dataPlane(), this::isMeant, true));
            removed += ", its connections are reset";
        }
        answer.out(name + ": " + left + " connections left after "
                + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + " s" + removed + "\n");
        LOG.info("event=drained server={} left={} then={}", name, left, then);
        return left == 0 ? 0 : TIMED_OUT;
    }

    private int quiesce(DirectorCommands commands) throws RunException {
        final Map<DestinationEntry, ServiceEntry> servers = servers(commands.state());
        for (Map.Entry<DestinationEntry, ServiceEntry> each : servers.entrySet()) {
            final var key = each.getValue().key();
            final String options = TableLines.options(key, each.getKey()).replaceFirst("-w \\d+", "-w 0");
            must(commands, "-e " + TableLines.key(key) + " " + TableLines.server(key, each.getKey()) + " " + options);
        }
        return servers.size();
    }

    private String delete(DirectorCommands commands) throws RunException {
        for (Map.Entry<DestinationEntry, ServiceEntry> each :
                servers(commands.state()).entrySet()) {
            final var key = each.getValue().key();
            must(commands, "-d " + TableLines.key(key) + " " + TableLines.server(key, each.getKey()));
        }
        return ", deleted";
    }

    private static void must(DirectorCommands commands, String line) throws RunException {
        final Optional<String> problem = commands.problemOf(line);
        if (problem.isPresent()) {
            throw new RunException("weir: drain: " + problem.get() + "  (" + line + ")");
        }
    }

    private long left() throws RunException {
        return director.alone(live -> {
            final DirectorState state = live.commands().state();
            long sum = 0;
            for (DestinationEntry entry : servers(state).keySet()) {
                final int slot = entry.value().slot();
                sum += state.load().active(slot) + state.load().inactive(slot);
            }
            return sum;
        });
    }

    private String progress(long left) {
        samples.add(left);
        if (samples.size() > SAMPLES) {
            samples.remove(0);
        }
        final long gone = samples.get(0) - left;
        final String estimate =
                gone <= 0 ? "no estimate yet" : "about " + left * (samples.size() - 1) / gone + " s to go";
        return name + ": " + left + " connections left, " + estimate + "\n";
    }

    private static void sleep() throws RunException {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunException("weir: stopping", e);
        }
    }
}
