package io.weir.control.state;

import io.weir.service.Destination;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Slow start: which of a service's servers are new or back, and how much of their weight counts yet.
 *
 * <p>A server starts with one part of {@link Destination#FULL_RAMP} and has them all once the service's time is over; each
 * part more is one change for the scheduler, no other. Only servers that can get connections count, and they count against
 * the one that is furthest: if all of them are new, as after a start, none is held back.
 *
 * <p><b>Thread</b>: the director's. <b>Source</b>: {@code slow_start} of nginx, {@code slowstart} of HAProxy, Envoy's slow
 * start mode with its least weight of 10 %.
 */
final class WarmUp {
    private final Map<DestinationEntry, Long> sinceNs = new HashMap<>();
    /** All that there are count in full: time changes nothing. */
    private boolean settled;

    /** One of them may count in part. */
    private boolean inParts;

    /** It is added, with a weight or without. */
    void added(DestinationEntry server, long nowNs) {
        edited(server, 0, nowNs);
    }

    /** Its weight is not what it was. */
    void edited(DestinationEntry server, int weightBefore, long nowNs) {
        settled = false;
        if (server.value().weight() == 0) {
            sinceNs.remove(server);
        } else if (weightBefore == 0) {
            sinceNs.put(server, nowNs);
        }
    }

    /** It is deleted. */
    void removed(DestinationEntry server) {
        sinceNs.remove(server);
    }

    /**
     * Brings the servers to where they are by now.
     *
     * @param durationNs the service's time; 0 is off
     * @return has any of them changed?
     */
    boolean advance(List<DestinationEntry> servers, long durationNs, long nowNs) {
        if (settled) {
            return false;
        }
        if (durationNs == 0 && !inParts) {
            sinceNs.clear();
            settled = true;
            return false;
        }
        sinceNs.values().removeIf(since -> nowNs - since >= durationNs);
        int furthest = 1;
        for (final DestinationEntry server : servers) {
            if (server.value().weight() > 0) {
                furthest = Math.max(furthest, parts(server, durationNs, nowNs));
            }
        }
        boolean changed = false;
        for (final DestinationEntry server : servers) {
            if (server.value().weight() > 0) {
                final int parts = parts(server, durationNs, nowNs);
                changed |= server.ramp((parts * Destination.FULL_RAMP + furthest - 1) / furthest);
            }
        }
        settled = sinceNs.isEmpty();
        inParts = !settled;
        return changed;
    }

    /** Will time change something? */
    boolean isGoingOn() {
        return !settled;
    }

    private int parts(DestinationEntry server, long durationNs, long nowNs) {
        final Long since = sinceNs.get(server);
        return since == null
                ? Destination.FULL_RAMP
                : 1 + (int) ((nowNs - since) / (double) durationNs * Destination.FULL_RAMP);
    }
}
