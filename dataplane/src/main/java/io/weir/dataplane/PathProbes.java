package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.PathProbe.Outcome;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Handshakes with real servers in the way of their service's traffic: a SYN from an address of the director to the VIP,
 * rewritten or wrapped by the service's forwarding method. A server that does not have the VIP, or does not unwrap the
 * tunnel, is silent then, however well it answers a connection to its own address.
 *
 * <p>The answer comes to the director, whose own address is the client's: from the VIP, or under NAT from the real server.
 * It is looked for where a packet would otherwise be left to the host or dropped for its source, so that no other packet
 * pays for it. A RST then ends what the server began. <b>Owner</b>: one worker.
 */
public final class PathProbes {
    /** Above the ports that Linux takes for its own connections. */
    private static final int FIRST_PORT = 61_000;

    private static final int PORTS = 4_000;
    private static final int MOST = 64;
    private static final int WINDOW = 65_535;
    private static final int ACKNOWLEDGEMENT_AT = 8;

    private final ConnectionTable table;
    private final OwnPackets packets;
    private final Shard shard;
    private final ForwardingMethod[] methods;
    private final PathProbe[] waiting = new PathProbe[MOST];
    private final NewConnection record = new NewConnection();
    private final SecureRandom random = new SecureRandom();
    private int count;
    private int nextPort;

    PathProbes(ConnectionTable table, OwnPackets packets, ForwardingMethod[] methods, Shard shard) {
        this.shard = shard;
        this.table = table;
        this.packets = packets;
        this.methods = methods;
    }

    /** Sends the SYN, if the answer will be this worker's to take; on the worker's thread ({@link Worker.Order}). The oldest gives way if there are too many. */
    public void start(PathProbe probe, long nowNs) {
        final RouteTable routes = packets.routes();
        final int route = routes.lookup(
                probe.destination.address().hi(), probe.destination.address().lo());
        if (route == RouteTable.NONE || probe.destination.methodCode() == Connections.FULLNAT) {
            probe.outcome(Outcome.IMPOSSIBLE);
            return;
        }
        final boolean translated = methods[probe.destination.methodCode()].translatesReplies();
        final IpAddress answers = translated ? probe.destination.address() : probe.virtual;
        if (!shard.owns(answers.hi(), answers.lo())) {
            return;
        }
        probe.clientHi = routes.sourceHi(route);
        probe.clientLo = routes.sourceLo(route);
        probe.clientPort = FIRST_PORT + nextPort++ % PORTS;
        probe.sequence = random.nextInt();
        if (!send(probe, TcpFlags.SYN, probe.sequence, nowNs)) {
            probe.outcome(Outcome.IMPOSSIBLE);
            return;
        }
        if (count == MOST) {
            remove(0);
        }
        waiting[count++] = probe;
    }

    /** Waits no longer for an answer. */
    public void forget(PathProbe probe) {
        for (int i = 0; i < count; i++) {
            if (waiting[i] == probe) {
                remove(i);
                return;
            }
        }
    }

    private void remove(int at) {
        System.arraycopy(waiting, at + 1, waiting, at, --count - at);
    }

    /** A record that lives only while the packet is made: the forwarding methods go by one. */
    private boolean send(PathProbe probe, int flags, int sequence, long nowNs) {
        record.clear();
        record.protocol = ProtocolNumbers.TCP;
        record.client(probe.clientHi, probe.clientLo, probe.clientPort);
        record.virtual(probe.virtual.hi(), probe.virtual.lo(), probe.virtualPort);
        record.destination(
                probe.destination.slot(),
                probe.destination.address().hi(),
                probe.destination.address().lo(),
                probe.destination.port());
        record.methodCode = probe.destination.methodCode();
        record.flags = ConnectionFlags.INACTIVE;
        record.timeoutTicks = Ticks.PER_SECOND;
        final long hash = table.hash(ProtocolNumbers.TCP, probe.clientHi, probe.clientLo, probe.clientPort);
        final int id = table.insert(hash, record, Ticks.ofNanos(nowNs));
        if (id == ConnectionTable.NONE) {
            return false;
        }
        packets.segment()
                .from(probe.clientHi, probe.clientLo, probe.clientPort)
                .to(probe.virtual.hi(), probe.virtual.lo(), probe.virtualPort);
        final boolean sent = packets.sendToServer(table, id, flags, sequence, 0, WINDOW, nowNs);
        table.remove(id);
        return sent;
    }

    /** Is the packet the answer to a probe? Then it is taken. */
    boolean takes(PacketContext c) {
        final ParsedPacket p = c.packet;
        if (count == 0 || p.protocol != ProtocolNumbers.TCP) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (isAnswer(p, waiting[i])) {
                answered(c, waiting[i], i);
                return true;
            }
        }
        return false;
    }

    private boolean isAnswer(ParsedPacket p, PathProbe probe) {
        if (p.dstPort != probe.clientPort || p.dstLo != probe.clientLo || p.dstHi != probe.clientHi) {
            return false;
        }
        final UnsafeBuffer b = p.buffer;
        final boolean translated = methods[probe.destination.methodCode()].translatesReplies();
        final int port = translated ? probe.destination.port() : probe.virtualPort;
        final long hi = translated ? probe.destination.address().hi() : probe.virtual.hi();
        final long lo = translated ? probe.destination.address().lo() : probe.virtual.lo();
        return b != null
                && p.srcPort == port
                && p.srcLo == lo
                && p.srcHi == hi
                && b.getInt(p.l4Offset + ACKNOWLEDGEMENT_AT, ByteOrder.BIG_ENDIAN) == probe.sequence + 1;
    }

    private void answered(PacketContext c, PathProbe probe, int at) {
        remove(at);
        final int flags = c.packet.tcpFlags;
        if ((flags & TcpFlags.RST) != 0) {
            probe.outcome(Outcome.REFUSED);
            return;
        }
        probe.outcome((flags & TcpFlags.SYN) != 0 ? Outcome.OPEN : Outcome.REFUSED);
        // If it cannot be sent, the server gives up by itself.
        send(probe, TcpFlags.RST, probe.sequence + 1, c.nowNs);
    }
}
