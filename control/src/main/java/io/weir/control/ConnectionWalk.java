package io.weir.control;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.SctpState;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.control.state.ConnectionInfo;
import io.weir.dataplane.DataPlane;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists the connections of a running worker, slice by slice on the worker's own thread, so that packets wait no longer
 * than one slice takes.
 *
 * <p><b>Source</b>: the names are those of ip_vs_state_name().
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
                        found.add(info(table, id, now));
                    }
                }
                end[0] = last == table.highWater();
            });
            more = done && !end[0];
        }
        return found;
    }

    /** One record, as listings show it. */
    static ConnectionInfo info(ConnectionTable table, int id, int nowTick) {
        return new ConnectionInfo(
                table.protocol(id),
                table.isV6(id),
                new IpAddress(table.clientHi(id), table.clientLo(id)),
                table.clientPort(id),
                new IpAddress(table.virtualHi(id), table.virtualLo(id)),
                table.virtualPort(id),
                new IpAddress(table.destinationHi(id), table.destinationLo(id)),
                table.destinationPort(id),
                stateName(table, id),
                Math.max(0, Ticks.toSeconds(table.expiresAt(id) - nowTick)),
                null,
                null);
    }

    private static String stateName(ConnectionTable table, int id) {
        final int state = table.state(id);
        if (table.isTemplate(id)) {
            return table.hasFlags(id, ConnectionFlags.ASSURED) ? "ASSURED" : "NONE";
        }
        return switch (table.protocol(id)) {
            case ProtocolNumbers.TCP -> TcpState.name(state);
            case ProtocolNumbers.SCTP -> SctpState.name(state);
            case ProtocolNumbers.UDP -> "UDP";
            default -> "NONE";
        };
    }
}
