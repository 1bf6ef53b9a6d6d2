package io.weir.control.state;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.SctpState;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.CallIds;
import io.weir.dataplane.WorkerParts;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import org.jspecify.annotations.Nullable;

/**
 * One connection or template, as listings show it.
 *
 * @param protocol 0 for the template of a firewall-mark service
 * @param ipv6 the family of client and virtual address
 * @param state its name
 * @param expiresSeconds until it ends
 * @param engine persistence engine of a template, or null
 * @param engineData what the engine keyed it by, or null
 */
public record ConnectionInfo(
        int protocol,
        boolean ipv6,
        IpAddress client,
        int clientPort,
        IpAddress virtual,
        int virtualPort,
        IpAddress destination,
        int destinationPort,
        String state,
        int expiresSeconds,
        @Nullable String engine,
        @Nullable String engineData) {

    /**
     * A record of a worker's connection table; on the thread that owns the table.
     *
     * <p><b>Source</b>: the state names are those of ip_vs_state_name().
     */
    public static ConnectionInfo of(WorkerParts parts, int id, int nowTick) {
        return of(parts.table(), id, nowTick, parts.callIds().text(id));
    }

    /** The same without what a persistence engine keeps. */
    public static ConnectionInfo of(ConnectionTable table, int id, int nowTick) {
        return of(table, id, nowTick, null);
    }

    private static ConnectionInfo of(ConnectionTable table, int id, int nowTick, @Nullable String callId) {
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
                callId == null ? null : CallIds.ENGINE,
                callId);
    }

    private static String stateName(ConnectionTable table, int id) {
        if (table.isTemplate(id)) {
            return table.hasFlags(id, ConnectionFlags.ASSURED) ? "ASSURED" : "NONE";
        }
        return switch (table.protocol(id)) {
            case ProtocolNumbers.TCP -> TcpState.name(table.state(id));
            case ProtocolNumbers.SCTP -> SctpState.name(table.state(id));
            case ProtocolNumbers.UDP -> "UDP";
            default -> "NONE";
        };
    }
}
