package io.weir.control;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Ticks;
import io.weir.control.state.ConnectionInfo;
import io.weir.dataplane.DataPlane;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists the connections of a running worker, slice by slice on the worker's own thread, so that packets wait no longer
 * than one slice takes.
 */
final class ConnectionWalk {
    private static final int SLICE = 4096;

    private ConnectionWalk() {}

    /** All connections and templates, as far as the worker answers. */
    static List<ConnectionInfo> of(DataPlane dataPlane) {
        final List<ConnectionInfo> found = new ArrayList<>();
        boolean more = true;
        for (int from = 0; more; from += SLICE) {
            final int first = from;
            final boolean[] end = {true};
            final boolean done = dataPlane.order(parts -> {
                final ConnectionTable table = parts.table();
                final int last = Math.min(first + SLICE, table.highWater());
                final int now = Ticks.ofNanos(System.nanoTime());
                for (int id = first; id < last; id++) {
                    if (table.inUse(id)) {
                        found.add(ConnectionInfo.of(table, id, now));
                    }
                }
                end[0] = last == table.highWater();
            });
            more = done && !end[0];
        }
        return found;
    }
}
