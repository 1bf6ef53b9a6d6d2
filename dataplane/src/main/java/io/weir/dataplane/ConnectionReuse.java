package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.SctpState;
import io.weir.conntrack.TcpState;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination;

/**
 * When a packet ends the connection it belongs to, so that it is scheduled anew: a SYN on a connection that is over, or on
 * a quiesced real server, or any packet for a real server that is gone.
 *
 * <p><b>Source</b>: is_new_conn(), is_new_conn_expected() and ip_vs_in_hook() of the Linux kernel; sysctls
 * conn_reuse_mode and expire_nodest_conn.
 */
final class ConnectionReuse {
    private static final int ALSO_FIN_WAIT = 2;

    private final ConnectionTable table;

    ConnectionReuse(ConnectionTable table) {
        this.table = table;
    }

    boolean endsConnection(PacketContext c, int id) {
        final Sysctls sysctls = c.snapshot.sysctls();
        final boolean bound = table.destinationSlot(id) != ConnectionTable.NO_DESTINATION;
        if (opensAnew(c.packet)) {
            if (sysctls.expireNodestConn() && bound && isQuiesced(c, id)) {
                return true;
            }
            if (sysctls.connReuseMode() != 0 && isOver(id, sysctls.connReuseMode())) {
                return true;
            }
        }
        return sysctls.expireNodestConn() && bound && !c.snapshot.destinations().isAvailable(table.destinationSlot(id));
    }

    private static boolean opensAnew(ParsedPacket p) {
        if (p.fragment == ParsedPacket.FRAGMENT_LATER) {
            return false;
        }
        return p.protocol == ProtocolNumbers.TCP
                ? (p.tcpFlags & TcpFlags.SYN) != 0
                : p.protocol == ProtocolNumbers.SCTP && p.sctpChunkType == SctpChunks.INIT;
    }

    private boolean isQuiesced(PacketContext c, int id) {
        final Destination destination = c.snapshot.destinations().destination(table.destinationSlot(id));
        return destination != null && destination.weight() == 0;
    }

    private boolean isOver(int id, int mode) {
        if (table.controller(id) != ConnectionTable.NONE) {
            return false;
        }
        final int state = table.state(id);
        return switch (table.protocol(id)) {
            case ProtocolNumbers.TCP -> state == TcpState.TIME_WAIT
                    || state == TcpState.CLOSE
                    || ((mode & ALSO_FIN_WAIT) != 0
                            && state == TcpState.FIN_WAIT
                            && table.hasFlags(id, ConnectionFlags.NOOUTPUT));
            case ProtocolNumbers.SCTP -> state == SctpState.CLOSED;
            default -> false;
        };
    }
}
