package io.weir.control;

import io.weir.control.ipvsadm.TableLines;
import io.weir.control.keepalived.ServiceSettings.Place;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.dataplane.Answers;
import io.weir.dataplane.DataPlane;
import java.util.ArrayList;
import java.util.List;
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

    /** The places of a server in the table, also of one that was deleted. */
    static List<DestinationEntry> entries(DirectorState state, Place server) {
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
