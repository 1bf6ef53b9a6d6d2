package io.weir.control;

import io.weir.control.ipvsadm.TableLines;
import io.weir.control.keepalived.ServiceSettings.Place;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.dataplane.Answers;
import io.weir.dataplane.DataPlane;
import io.weir.service.ServiceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of real servers: how many there are, and their end.
 *
 * <p><b>Thread</b>: the director's, under its lock.
 */
final class ServerConnections {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnections.class);

    /** Numbers that {@link #answers} gives. */
    static final int ANSWERS = 3;

    /** Method codes of NAT, TUN and DR. */
    private static final Set<Integer> WAYS = Set.of(0, 2, 3);

    private ServerConnections() {}

    static boolean isOf(DestinationEntry entry, Place server) {
        return entry.value().address().equals(server.address())
                && entry.value().port() == server.port()
                && server.keys().contains(TableLines.key(entry.service().key()));
    }

    /** How many connections a server has, in service or deleted. */
    static long count(DirectorState state, Place server) {
        return entries(state, server).stream()
                .mapToLong(entry -> state.load().active(entry.value().slot())
                        + state.load().inactive(entry.value().slot()))
                .sum();
    }

    private static List<DestinationEntry> entries(DirectorState state, Place server) {
        final List<DestinationEntry> entries = new ArrayList<>(state.deletedServers());
        for (ServiceEntry service : state.services()) {
            entries.addAll(service.destinations());
        }
        return entries.stream().filter(entry -> isOf(entry, server)).toList();
    }

    /** How a server has answered: handshakes opened, refused, unanswered. */
    static long[] answers(DirectorState state, Answers answers, Place server) {
        final long[] sums = new long[ANSWERS];
        for (DestinationEntry entry : entries(state, server)) {
            final int slot = entry.value().slot();
            sums[0] += answers.get(slot, Answers.OPENED);
            sums[1] += answers.get(slot, Answers.REFUSED);
            sums[2] += answers.get(slot, Answers.UNANSWERED);
        }
        return sums;
    }

    /**
     * The way of a service's traffic to a server that is in service, if only without weight; empty if it is not, or if its
     * answers would not come to the director, or not to the one address or the other.
     */
    static Optional<ServicePaths.Way> way(DirectorState state, Place server) {
        for (DestinationEntry entry : entries(state, server)) {
            final ServiceKey key = entry.service().key();
            if (key.fwmark() == 0
                    && !state.deletedServers().contains(entry)
                    && WAYS.contains(entry.value().methodCode())
                    && key.address().isV4() == server.address().isV4()) {
                final int port = key.port() == 0 ? server.port() : key.port();
                return Optional.of(new ServicePaths.Way(key.address(), port, entry.value()));
            }
        }
        return Optional.empty();
    }

    /**
     * Ends the connections of deleted servers at once; the deletion must be in force already.
     *
     * @param reset both ends of established TCP connections are reset, else all are forgotten
     * @return how many servers that were
     */
    static int end(DirectorState state, DataPlane dataPlane, Predicate<DestinationEntry> which, boolean reset) {
        final int[] slots = state.deletedServers().stream()
                .filter(which)
                .mapToInt(entry -> entry.value().slot())
                .toArray();
        if (slots.length > 0 && !dataPlane.order(parts -> parts.endings().begin(slots, reset))) {
            LOG.warn("event=end-connections problem=\"the worker has not taken the order within a second\"");
        }
        return slots.length;
    }
}
