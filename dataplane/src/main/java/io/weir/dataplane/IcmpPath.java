package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.InternetChecksum;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * ICMP errors about our connections: found by the packet they quote, and translated as that packet was.
 *
 * <p>Of the quoted packet the addresses and one port are put back, its IP header checksum follows, its transport
 * checksum is left (ip_vs_nat_icmp() of the Linux kernel does so too); the ICMP checksum is computed anew.
 *
 * <p><b>Owner</b>: one worker.
 */
final class IcmpPath {
    /** Not an error about a connection of ours. */
    static final int NOT_RELATED = -1;

    private static final int ICMP_HEADER = 8;
    private static final int PORTS = 4;
    private static final int FIRST_ICMPV6_INFORMATION = 128;

    private final ConnectionTable table;
    private final Connections connections;
    private final NewConnections newConnections;
    private final Egress egress;
    private final TunnelErrors tunnelErrors;
    private final ForwardingMethod[] methods;
    private final boolean acceptsIcmp6Replies;
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket quoted = new ParsedPacket();

    IcmpPath(
            ConnectionTable table,
            Connections connections,
            NewConnections newConnections,
            Egress egress,
            TunnelErrors tunnelErrors,
            ForwardingMethod[] methods,
            PathOptions options) {
        this.table = table;
        this.connections = connections;
        this.newConnections = newConnections;
        this.egress = egress;
        this.tunnelErrors = tunnelErrors;
        this.methods = methods;
        this.acceptsIcmp6Replies = options.acceptsIcmp6Replies();
    }

    /** From the client's side: about what we, or the real server, sent to a client; or about our tunnel packets. */
    int in(PacketContext c) {
        if (!isError(c.packet) || !parseQuoted(c)) {
            return NOT_RELATED;
        }
        c.icmpError = true;
        final int tunnelled = tunnelErrors.in(c, quoted);
        if (tunnelled != NOT_RELATED) {
            return tunnelled;
        }
        // The quoted packet went from the VIP to the client.
        int id = findIn();
        if (id == ConnectionTable.NONE) {
            if (!c.snapshot.sysctls().scheduleIcmp()) {
                return NOT_RELATED;
            }
            final int made = scheduleQuoted(c);
            if (made != NewConnections.MADE) {
                return made == NewConnections.NOT_OURS ? NOT_RELATED : made;
            }
            id = c.connection;
        }
        c.use(table, id);
        // Of ICMPv6 the kernel does not check it on this way.
        if (c.packet.isV4() && !checksumIsRight(c)) {
            return c.drop(DropReason.BAD_ICMP_CHECKSUM);
        }
        return forward(c, id);
    }

    private int findIn() {
        return table.find(
                table.hash(quoted.protocol, quoted.dstHi, quoted.dstLo, quoted.dstPort),
                quoted.protocol,
                quoted.dstHi,
                quoted.dstLo,
                quoted.dstPort,
                quoted.srcHi,
                quoted.srcLo,
                quoted.srcPort);
    }

    private int forward(PacketContext c, int id) {
        c.use(table, id);
        connections.countIn(c, c.packet.l3Length);
        final ForwardingMethod method = methods[table.methodCode(id)];
        return method.translatesReplies() ? translateIn(c, id) : method.in(c);
    }

    /** The director's own error about a packet that it sent itself: of a tunnel, or a reply. Opens no connection. */
    int toUs(PacketContext c) {
        if (!parseQuoted(c)) {
            return NOT_RELATED;
        }
        c.icmpError = true;
        final int tunnelled = tunnelErrors.in(c, quoted);
        if (tunnelled != NOT_RELATED) {
            return tunnelled;
        }
        final int local = findLocal();
        if (local != ConnectionTable.NONE) {
            return translateOut(c, local);
        }
        final int id = findIn();
        return id == ConnectionTable.NONE ? NOT_RELATED : forward(c, id);
    }

    /** The director's own error about a packet of a client that went to a real server. */
    int outOfUs(PacketContext c) {
        if (!parseQuoted(c)) {
            return NOT_RELATED;
        }
        c.icmpError = true;
        final int id = findReply();
        return id == ConnectionTable.NONE ? NOT_RELATED : translateOut(c, id);
    }

    private int scheduleQuoted(PacketContext c) {
        c.flow.protocol = quoted.protocol;
        c.flow.srcHi = quoted.dstHi;
        c.flow.srcLo = quoted.dstLo;
        c.flow.srcPort = quoted.dstPort;
        c.flow.dstHi = quoted.srcHi;
        c.flow.dstLo = quoted.srcLo;
        c.flow.dstPort = quoted.srcPort;
        c.flow.embedded = true;
        c.mark = c.snapshot.marks().mark(c.packet, c.batch.ingress[c.index]);
        return newConnections.schedule(c);
    }

    private int translateIn(PacketContext c, int id) {
        final long hi = table.destinationHi(id);
        final long lo = table.destinationLo(id);
        final int route = egress.routeTo(c, hi, lo);
        final int verdict = egress.admit(c, route, egress.mtu(c, route));
        if (verdict != PacketBatch.TRANSMIT) {
            return verdict;
        }
        final UnsafeBuffer b = c.buffer;
        final boolean v4 = c.packet.isV4();
        Rewriter.address(b, c.l3Offset, v4, false, hi, lo);
        Rewriter.address(b, quoted.l3Offset, v4, true, hi, lo);
        putPort(b, quoted.l4Offset, table.destinationPort(id));
        if (table.methodCode(id) == Connections.FULLNAT) {
            Rewriter.address(b, c.l3Offset, v4, true, table.localHi(id), table.localLo(id));
            Rewriter.address(b, quoted.l3Offset, v4, false, table.localHi(id), table.localLo(id));
            putPort(b, quoted.l4Offset + 2, table.localPort(id));
            c.packet.srcHi = table.localHi(id);
            c.packet.srcLo = table.localLo(id);
        }
        c.packet.dstHi = hi;
        c.packet.dstLo = lo;
        computeChecksum(c);
        return egress.send(c, route, hi, lo);
    }

    /** From the real servers' side: about what we sent to a real server under NAT. */
    int out(PacketContext c) {
        if (!isError(c.packet) || !parseQuoted(c)) {
            return NOT_RELATED;
        }
        c.icmpError = true;
        // The quoted packet went from the client to the real server.
        final int id = findReply();
        return id == ConnectionTable.NONE ? NOT_RELATED : admitOut(c, id);
    }

    /** Of a connection whose replies are translated: errors about others go on as they are. */
    private int findReply() {
        final int id = table.findReply(
                table.hash(quoted.protocol, quoted.srcHi, quoted.srcLo, quoted.srcPort),
                quoted.protocol,
                quoted.dstHi,
                quoted.dstLo,
                quoted.dstPort,
                quoted.srcHi,
                quoted.srcLo,
                quoted.srcPort);
        return id != ConnectionTable.NONE && methods[table.methodCode(id)].translatesReplies()
                ? id
                : ConnectionTable.NONE;
    }

    /** The same under FULLNAT: the quoted packet went from a local address of ours to the real server. */
    int outFullNat(PacketContext c) {
        if (!isError(c.packet) || !parseQuoted(c)) {
            return NOT_RELATED;
        }
        c.icmpError = true;
        final int id = findLocal();
        return id == ConnectionTable.NONE ? NOT_RELATED : admitOut(c, id);
    }

    private int findLocal() {
        return table.findLocal(
                quoted.protocol,
                quoted.dstHi,
                quoted.dstLo,
                quoted.dstPort,
                quoted.srcHi,
                quoted.srcLo,
                quoted.srcPort);
    }

    private int admitOut(PacketContext c, int id) {
        c.use(table, id);
        final int verdict = egress.admitReply(c, egress.routeTo(c, table.clientHi(id), table.clientLo(id)));
        return verdict == PacketBatch.TRANSMIT ? translateOut(c, id) : verdict;
    }

    private int translateOut(PacketContext c, int id) {
        c.use(table, id);
        if (!checksumIsRight(c) || !c.packet.isV4() && !acceptsIcmp6Replies) {
            return c.drop(DropReason.BAD_ICMP_CHECKSUM);
        }
        final UnsafeBuffer b = c.buffer;
        final boolean v4 = c.packet.isV4();
        Rewriter.address(b, c.l3Offset, v4, true, table.virtualHi(id), table.virtualLo(id));
        Rewriter.address(b, quoted.l3Offset, v4, false, table.virtualHi(id), table.virtualLo(id));
        putPort(b, quoted.l4Offset + 2, table.virtualPort(id));
        if (table.methodCode(id) == Connections.FULLNAT) {
            Rewriter.address(b, c.l3Offset, v4, false, table.clientHi(id), table.clientLo(id));
            Rewriter.address(b, quoted.l3Offset, v4, true, table.clientHi(id), table.clientLo(id));
            putPort(b, quoted.l4Offset, table.clientPort(id));
            c.packet.dstHi = table.clientHi(id);
            c.packet.dstLo = table.clientLo(id);
        }
        c.packet.srcHi = table.virtualHi(id);
        c.packet.srcLo = table.virtualLo(id);
        computeChecksum(c);
        connections.countOut(c, c.packet.l3Length);
        IpOptions.record(c, (int) table.virtualLo(id));
        return egress.sendToDestination(c);
    }

    private void putPort(UnsafeBuffer b, int at, int port) {
        if (at + 2 <= quoted.l4Offset + Math.min(quoted.l4Length, PORTS)) {
            b.putShort(at, (short) port, ByteOrder.BIG_ENDIAN);
        }
    }

    /** The errors IPVS handles: unreachable, source quench, time exceeded; in ICMPv6 every error. */
    private static boolean isError(ParsedPacket p) {
        final int type = p.icmpType;
        return p.isV4() ? type == 3 || type == 4 || type == 11 : type < FIRST_ICMPV6_INFORMATION;
    }

    private boolean parseQuoted(PacketContext c) {
        final int at = c.packet.l4Offset + ICMP_HEADER;
        final int bytes = c.packet.l4Length - ICMP_HEADER;
        return bytes > 0 && parser.parseEmbedded(c.buffer, at, bytes, quoted) == ParseStatus.OK;
    }

    private static boolean checksumIsRight(PacketContext c) {
        return InternetChecksum.transport(c.buffer, c.packet)
                == (c.buffer.getShort(c.packet.l4Offset + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF);
    }

    private static void computeChecksum(PacketContext c) {
        final int at = c.packet.l4Offset + 2;
        c.buffer.putShort(at, (short) 0);
        c.buffer.putShort(at, (short) InternetChecksum.transport(c.buffer, c.packet), ByteOrder.BIG_ENDIAN);
    }
}
