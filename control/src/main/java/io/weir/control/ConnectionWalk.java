package io.weir.control;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Ticks;
import io.weir.control.state.ConnectionInfo;
import io.weir.dataplane.DataPlane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists the connections of running workers, slice by slice on each worker's own thread, so that packets wait no longer
 * than one slice takes.
 */
final class ConnectionWalk {
    private static final int SLICE = 4096;

    private ConnectionWalk() {}

    /** Asked on the worker's thread. */
    @FunctionalInterface
    interface Wanted {
        boolean fits(ConnectionTable table, int id);
    }

    /** Takes what one slice had. */
    @FunctionalInterface
    interface Taker {
        /** Says whether to go on. */
        boolean take(List<ConnectionInfo> found) throws IOException;
    }

    /** All connections and templates, as far as the worker answers. */
    static List<ConnectionInfo> of(DataPlane dataPlane) {
        final List<ConnectionInfo> all = new ArrayList<>();
        try {
            slices(dataPlane, (table, id) -> true, all::addAll);
        } catch (IOException e) {
            throw new IllegalStateException("adding to a list cannot fail", e);
        }
        return all;
    }

    /** Those that fit, worker by worker and slice by slice, as far as each answers and {@code taker} wants them. */
    static void slices(DataPlane dataPlane, Wanted wanted, Taker taker) throws IOException {
        boolean more = true;
        for (int worker = 0; more && worker < dataPlane.workers(); worker++) {
            more = slices(dataPlane, worker, wanted, taker);
        }
    }

    /** Says whether to go on with the next worker. */
    private static boolean slices(DataPlane dataPlane, int worker, Wanted wanted, Taker taker) throws IOException {
        for (int from = 0; ; from += SLICE) {
            final int first = from;
            final boolean[] end = {true};
            final List<ConnectionInfo> found = new ArrayList<>();
            final boolean done = dataPlane.order(worker, parts -> {
                final ConnectionTable table = parts.table();
                final int last = Math.min(first + SLICE, table.highWater());
                final int now = Ticks.ofNanos(System.nanoTime());
                for (int id = first; id < last; id++) {
                    if (table.inUse(id) && wanted.fits(table, id)) {
                        found.add(ConnectionInfo.of(parts, id, now));
                    }
                }
                end[0] = last == table.highWater();
            });
            if (!done || !found.isEmpty() && !taker.take(found)) {
                return false;
            }
            if (end[0]) {
                return true;
            }
        }
    }
}
