package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination;

/**
 * Packets that go through the director as they are: of no connection of ours, or replies that nothing translates.
 *
 * <p>They are the kernel's to route, or ours where no kernel stands behind us. With nat_icmp_send a real server that sends
 * from its service port is told that its peer is gone (ip_vs_out_hook() of the Linux kernel).
 */
final class Strays {
    private static final int FIRST_GROUP_NIBBLE = 0xE;
    private static final int IPV6_GROUP = 0xFF;

    private final ConnectionTable table;
    private final Connections connections;
    private final ForwardingMethod[] methods;
    private final Egress egress;
    private final IpsecFlows ipsec;
    private final PathLanes lanes;
    private final boolean routes;

    Strays(
            ConnectionTable table,
            Connections connections,
            ForwardingMethod[] methods,
            Egress egress,
            PathLanes lanes,
            boolean routes) {
        this.table = table;
        this.connections = connections;
        this.methods = methods;
        this.egress = egress;
        this.ipsec = new IpsecFlows(table);
        this.lanes = lanes;
        this.routes = routes;
    }

    /**
     * A packet of a protocol that has connections, which nothing translates.
     *
     * <p>It may be of a real server under DR or TUN whose way back leads through the director. Then it goes on as it is, but
     * its connection sees it (ip_vs_conn_out_get() of the Linux kernel).
     */
    int reply(PacketContext c) {
        if (lanes.takes(c)) {
            return PacketBatch.CONSUMED;
        }
        final ParsedPacket p = c.packet;
        final int local = ofLocalServer(c);
        if (local != ConnectionTable.NONE) {
            return fromLocalServer(c, local);
        }
        final int id = Protocols.isIpsec(p.protocol)
                ? ipsec.untranslated(p)
                : table.find(
                        ConnectionTable.NONE,
                        table.hash(p.protocol, p.dstHi, p.dstLo, p.dstPort),
                        p.protocol,
                        p.dstHi,
                        p.dstLo,
                        p.dstPort,
                        p.srcHi,
                        p.srcLo,
                        p.srcPort);
        if (id == ConnectionTable.NONE || methods[table.methodCode(id)].translatesReplies()) {
            return ofNone(c);
        }
        final int verdict = pass(c);
        if (verdict != PacketBatch.DROP) {
            c.use(table, id);
            connections.countOut(c, p.l3Length);
            connections.transition(c, p, Connections.OUTPUT);
        }
        return verdict;
    }

    /**
     * The connection of a packet that came in from outside with the address of a local real server under NAT, or NONE: the
     * kernel takes an IPv6 one for that server's reply. An IPv4 one is a martian, and in a live director the host decides.
     */
    private int ofLocalServer(PacketContext c) {
        final ParsedPacket p = c.packet;
        if (!routes || p.isV4()) {
            return ConnectionTable.NONE;
        }
        final int id = table.findReply(
                table.hash(p.protocol, p.dstHi, p.dstLo, p.dstPort),
                p.protocol,
                p.srcHi,
                p.srcLo,
                p.srcPort,
                p.dstHi,
                p.dstLo,
                p.dstPort);
        if (id == ConnectionTable.NONE || table.methodCode(id) != NewConnections.LOCAL_NODE) {
            return ConnectionTable.NONE;
        }
        final Destination server = c.snapshot.destinations().destination(table.destinationSlot(id));
        return server != null && server.methodCode() == Connections.MASQUERADING ? id : ConnectionTable.NONE;
    }

    private int fromLocalServer(PacketContext c, int id) {
        final ParsedPacket p = c.packet;
        final int admitted = egress.admitReply(c, egress.routeTo(c, p.dstHi, p.dstLo));
        if (admitted != PacketBatch.TRANSMIT) {
            return admitted;
        }
        c.use(table, id);
        connections.countOut(c, p.l3Length);
        connections.transition(c, p, Connections.OUTPUT);
        return methods[Connections.MASQUERADING].out(c);
    }

    private int ofNone(PacketContext c) {
        final ParsedPacket p = c.packet;
        final boolean ends = p.protocol == ProtocolNumbers.TCP && (p.tcpFlags & TcpFlags.RST) != 0
                || p.protocol == ProtocolNumbers.SCTP && p.sctpChunkType == SctpChunks.ABORT;
        if (ends
                || !c.snapshot.sysctls().natIcmpSend()
                || !RealServers.isRealServer(c.snapshot.services(), p.protocol, p.srcHi, p.srcLo, p.srcPort)) {
            return pass(c);
        }
        // A router has lowered the TTL by the time it finds that out.
        final int admitted = egress.admitReply(c, egress.routeTo(c, p.dstHi, p.dstLo));
        if (admitted != PacketBatch.TRANSMIT) {
            return admitted;
        }
        egress.icmp().portUnreachable(c);
        return PacketBatch.CONSUMED;
    }

    /** Any other packet that is not for us. */
    int pass(PacketContext c) {
        if (lanes.takes(c)) {
            return PacketBatch.CONSUMED;
        }
        if (!routes) {
            return PacketBatch.PASS;
        }
        if (LocalDelivery.isMartian(c)) {
            return c.drop(DropReason.MARTIAN);
        }
        if (isGroup(c.packet)) {
            return c.drop(DropReason.NO_ROUTE);
        }
        final int route = egress.routeTo(c, c.packet.dstHi, c.packet.dstLo);
        final int admitted = egress.admitReply(c, route);
        if (admitted != PacketBatch.TRANSMIT) {
            return admitted;
        }
        IpOptions.record(c, (int) c.snapshot.routes().sourceLo(route));
        return egress.sendToDestination(c);
    }

    /** Is it for many, or for nobody? No route leads there. */
    private static boolean isGroup(ParsedPacket p) {
        return p.isV4() ? (p.dstLo >>> 28 & 0xF) >= FIRST_GROUP_NIBBLE : p.dstHi >>> 56 == IPV6_GROUP;
    }
}
