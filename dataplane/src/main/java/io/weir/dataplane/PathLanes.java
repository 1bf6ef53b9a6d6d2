package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination;
import java.nio.ByteOrder;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Conversations with real servers in the way of their service's traffic: packets from an address of the director to the
 * VIP, rewritten or wrapped by the service's forwarding method. A server that does not have the VIP, or does not unwrap
 * the tunnel, is silent then, however well it answers a connection to its own address.
 *
 * <p>The answers come to the director, whose address is the client's: from the VIP, or under NAT and FULLNAT from the real server. They
 * are looked for where a packet would otherwise be left to the host or dropped for its source, so that no other packet pays
 * for it. <b>Owner</b>: one worker.
 */
public final class PathLanes {
    private static final int IDENTIFIER_AT = 4;
    private static final int CHECKSUM_AT = 2;
    private static final int SEQUENCE_AT = 4;
    private static final int ECHO_REPLY4 = 0;
    private static final int ECHO_REPLY6 = 129;

    private final ConnectionTable table;
    private final OwnPackets packets;
    private final ForwardingMethod[] methods;
    private final LanePorts ports;
    private final PathLaneErrors errors = new PathLaneErrors();
    private final NewConnection record = new NewConnection();

    PathLanes(ConnectionTable table, OwnPackets packets, ForwardingMethod[] methods, LanePorts ports) {
        this.ports = ports;
        this.table = table;
        this.packets = packets;
        this.methods = methods;
    }

    /** The ports it uses. */
    LanePorts ports() {
        return ports;
    }

    /** Serves the lanes of this interface from now on, or of none; on the worker's thread ({@link Worker.Order}). */
    public void serve(@Nullable PathTun lanes) {
        ports.serve(lanes);
    }

    /**
     * Finds a lane under FULLNAT its local address, of those that are this director's now, and sees to it that no connection
     * of this worker has the same ends; as {@link #serve}, on every worker. Does nothing to a lane of another method.
     */
    public void claim(PathLane lane) {
        final Destination to = lane.destination;
        if (to.methodCode() != Connections.FULLNAT || lane.isRefused()) {
            return;
        }
        if (!lane.hasLocal()) {
            chooseLocal(lane);
        }
        if (table.findLocal(
                        lane.protocol,
                        to.address().hi(),
                        to.address().lo(),
                        to.port(),
                        lane.sourceHi,
                        lane.sourceLo,
                        lane.port)
                != ConnectionTable.NONE) {
            lane.refuse();
        }
    }

    private void chooseLocal(PathLane lane) {
        final ConfigSnapshot snapshot = packets.snapshot();
        final List<IpAddress> all = snapshot.localAddresses();
        for (int n = 0; n < all.size(); n++) {
            final int index = (lane.port + n) % all.size();
            final IpAddress local = all.get(index);
            if (local.isV4() == lane.destination.address().isV4()
                    && snapshot.localAddressSet().contains(local.hi(), local.lo())
                    && lane.maySpeakFrom(local)) {
                lane.local(index, local);
                return;
            }
        }
        lane.refuse();
    }

    /** Sends what sockets have sent; as {@link #serve}. Any worker may: the answers are taken by whoever gets them. */
    public void send(List<PathTun.Outgoing> all, long nowNs) {
        for (int i = 0; i < all.size(); i++) {
            send(all.get(i).lane, all.get(i).bytes, nowNs);
        }
    }

    private void send(PathLane lane, UnsafeBuffer bytes, long nowNs) {
        final Destination to = lane.destination;
        final RouteTable routes = packets.routes();
        final int route = routes.lookup(to.address().hi(), to.address().lo());
        if (route == RouteTable.NONE || !packets.take(bytes, nowNs)) {
            return;
        }
        final long ownHi = routes.sourceHi(route);
        final long ownLo = routes.sourceLo(route);
        if (!lane.isKnown()) {
            lane.source(methods[to.methodCode()].translatesReplies(), ownHi, ownLo);
        }
        final PacketContext c = packets.taken();
        if (c.packet.protocol != lane.protocol) {
            return;
        }
        if (lane.isIcmp()) {
            sendEcho(lane, c, nowNs);
            return;
        }
        Rewriter.both(
                c, lane.sourceHi, lane.sourceLo, lane.port, lane.virtual.hi(), lane.virtual.lo(), lane.virtualPort);
        Rewriter.finish(c, true);
        forward(lane, ownHi, ownLo, nowNs);
    }

    private void sendEcho(PathLane lane, PacketContext c, long nowNs) {
        final Destination to = lane.destination;
        lane.identifier = c.buffer.getShort(c.packet.l4Offset + IDENTIFIER_AT, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        // The methods rewrite ports, which an echo has none of.
        final boolean translated = methods[to.methodCode()].translatesReplies();
        echo(
                c,
                lane.sourceHi,
                lane.sourceLo,
                translated ? to.address().hi() : lane.virtual.hi(),
                translated ? to.address().lo() : lane.virtual.lo(),
                lane.port);
        if (translated) {
            packets.sendTaken(to.address().hi(), to.address().lo());
        } else {
            forward(lane, lane.sourceHi, lane.sourceLo, nowNs);
        }
    }

    private static void echo(PacketContext c, long srcHi, long srcLo, long dstHi, long dstLo, int identifier) {
        final ParsedPacket p = c.packet;
        Rewriter.address(c.buffer, c.l3Offset, p.isV4(), true, srcHi, srcLo);
        Rewriter.address(c.buffer, c.l3Offset, p.isV4(), false, dstHi, dstLo);
        p.srcHi = srcHi;
        p.srcLo = srcLo;
        p.dstHi = dstHi;
        p.dstLo = dstLo;
        c.buffer.putShort(p.l4Offset + IDENTIFIER_AT, (short) identifier, ByteOrder.BIG_ENDIAN);
        PathLaneErrors.checksum(c, p.l4Offset + CHECKSUM_AT);
    }

    /** A record that lives only while the packet is made: the forwarding methods go by one. */
    private void forward(PathLane lane, long ownHi, long ownLo, long nowNs) {
        final Destination to = lane.destination;
        record.clear();
        record.protocol = lane.protocol;
        // The client that FULLNAT tells the server of is the director.
        final long clientHi = lane.hasLocal() ? ownHi : lane.sourceHi;
        final long clientLo = lane.hasLocal() ? ownLo : lane.sourceLo;
        record.client(clientHi, clientLo, lane.port);
        record.virtual(lane.virtual.hi(), lane.virtual.lo(), lane.virtualPort);
        record.destination(to.slot(), to.address().hi(), to.address().lo(), to.port());
        record.methodCode = to.methodCode();
        record.flags = ConnectionFlags.INACTIVE | (lane.announces() ? ConnectionFlags.ANNOUNCE_CLIENT : 0);
        record.timeoutTicks = Ticks.PER_SECOND;
        final long hash = table.hash(lane.protocol, clientHi, clientLo, lane.port);
        final int id = table.insert(hash, record, Ticks.ofNanos(nowNs));
        if (id == ConnectionTable.NONE) {
            return;
        }
        if (!lane.hasLocal() || table.bindLocal(id, lane.localIndex(), lane.port)) {
            if (lane.hasReplied()) {
                table.extra(id, lane.serverSequence());
                table.changeFlags(id, ConnectionFlags.REPLIED, 0);
            }
            packets.sendTakenToServer(table, id);
        }
        table.remove(id);
    }

    /** Is the packet one that a lane waits for? Then its socket gets it. */
    boolean takes(PacketContext c) {
        final PathTun to = ports.lanes();
        if (to == null || to.isIdle()) {
            return false;
        }
        final ParsedPacket p = c.packet;
        if (Protocols.isIcmp(p)) {
            return takesIcmp(c, to);
        }
        final PathLane lane = to.ofPort(p.dstPort);
        if (lane == null || lane.protocol != p.protocol || !lane.isSource(p.dstHi, p.dstLo)) {
            return false;
        }
        final boolean translated = methods[lane.destination.methodCode()].translatesReplies();
        if (p.srcPort != (translated ? lane.destination.port() : lane.virtualPort) || !isServer(p, lane, translated)) {
            return false;
        }
        if (p.protocol == ProtocolNumbers.TCP && (p.tcpFlags & TcpFlags.SYN) != 0) {
            lane.replied(c.buffer.getInt(p.l4Offset + SEQUENCE_AT, ByteOrder.BIG_ENDIAN));
        }
        Rewriter.completeChecksum(c);
        Rewriter.both(c, lane.peer.hi(), lane.peer.lo(), lane.virtualPort, lane.own.hi(), lane.own.lo(), lane.port);
        Rewriter.finish(c, true);
        to.write(c.buffer, c.l3Offset, c.l3Length);
        return true;
    }

    private static boolean isServer(ParsedPacket p, PathLane lane, boolean translated) {
        return translated
                ? p.srcLo == lane.destination.address().lo()
                        && p.srcHi == lane.destination.address().hi()
                : p.srcLo == lane.virtual.lo() && p.srcHi == lane.virtual.hi();
    }

    private boolean takesIcmp(PacketContext c, PathTun to) {
        final ParsedPacket p = c.packet;
        if (p.l4Length < PathLaneErrors.HEADER) {
            return false;
        }
        final int type = c.buffer.getByte(p.l4Offset) & 0xFF;
        if (type != (p.isV4() ? ECHO_REPLY4 : ECHO_REPLY6)) {
            return errors.takes(c, to);
        }
        final PathLane lane = to.ofPort(c.buffer.getShort(p.l4Offset + IDENTIFIER_AT, ByteOrder.BIG_ENDIAN) & 0xFFFF);
        if (lane == null
                || lane.protocol != p.protocol
                || !lane.isSource(p.dstHi, p.dstLo)
                || !isServer(p, lane, methods[lane.destination.methodCode()].translatesReplies())) {
            return false;
        }
        echo(c, lane.peer.hi(), lane.peer.lo(), lane.own.hi(), lane.own.lo(), lane.identifier);
        to.write(c.buffer, c.l3Offset, c.l3Length);
        return true;
    }
}
