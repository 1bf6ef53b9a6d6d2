package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.ParsedPacket;
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
 * <p>The answers come to the director, whose address is the client's: from the VIP, or under NAT from the real server. They
 * are looked for where a packet would otherwise be left to the host or dropped for its source, so that no other packet pays
 * for it. <b>Owner</b>: one worker.
 */
public final class PathLanes {
    private static final int IDENTIFIER_AT = 4;
    private static final int CHECKSUM_AT = 2;
    private static final int ECHO_REPLY4 = 0;
    private static final int ECHO_REPLY6 = 129;

    private final ConnectionTable table;
    private final OwnPackets packets;
    private final ForwardingMethod[] methods;
    private final PathLaneErrors errors = new PathLaneErrors();
    private final NewConnection record = new NewConnection();
    private @Nullable PathTun tun;

    PathLanes(ConnectionTable table, OwnPackets packets, ForwardingMethod[] methods) {
        this.table = table;
        this.packets = packets;
        this.methods = methods;
    }

    /** Serves the lanes of this interface from now on, or of none; on the worker's thread ({@link Worker.Order}). */
    public void serve(@Nullable PathTun lanes) {
        tun = lanes;
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
        if (!lane.isKnown()) {
            lane.source(methods[to.methodCode()].translatesReplies(), routes.sourceHi(route), routes.sourceLo(route));
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
        forward(lane, nowNs);
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
            forward(lane, nowNs);
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
    private void forward(PathLane lane, long nowNs) {
        final Destination to = lane.destination;
        record.clear();
        record.protocol = lane.protocol;
        record.client(lane.sourceHi, lane.sourceLo, lane.port);
        record.virtual(lane.virtual.hi(), lane.virtual.lo(), lane.virtualPort);
        record.destination(to.slot(), to.address().hi(), to.address().lo(), to.port());
        record.methodCode = to.methodCode();
        record.flags = ConnectionFlags.INACTIVE;
        record.timeoutTicks = Ticks.PER_SECOND;
        final long hash = table.hash(lane.protocol, lane.sourceHi, lane.sourceLo, lane.port);
        final int id = table.insert(hash, record, Ticks.ofNanos(nowNs));
        if (id != ConnectionTable.NONE) {
            packets.sendTakenToServer(table, id);
            table.remove(id);
        }
    }

    /** Is the packet one that a lane waits for? Then its socket gets it. */
    boolean takes(PacketContext c) {
        final PathTun to = tun;
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
