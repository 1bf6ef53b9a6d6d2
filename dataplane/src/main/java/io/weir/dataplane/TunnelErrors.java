package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.host.IcmpErrors;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;

/**
 * Errors about our own tunnel packets become errors about the client's packet inside.
 *
 * <p>"Fragmentation needed" also teaches the path's MTU; the client hears of it if its packet must not be fragmented.
 *
 * <p><b>Source</b>: the tunnel branch of ip_vs_in_icmp() of the Linux kernel; IPv4 outside only, as there. The kernel does
 * not look at IPv6 inside either, so that its clients lose path MTU discovery; what they are told here follows RFC 2473
 * section 8.
 */
final class TunnelErrors {
    private static final int UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int IPV4_BYTES = 20;
    private static final int SMALLEST_MTU = 68;
    private static final int SMALLEST_IPV6_MTU = 1280;
    private static final int UDP_AND_GUE = 12;

    private final ConnectionTable table;
    private final Egress egress;
    private final boolean acceptsIpv6;
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket inner = new ParsedPacket();

    /**
     * @param acceptsIpv6 also errors about IPv6 inside
     */
    TunnelErrors(ConnectionTable table, Egress egress, boolean acceptsIpv6) {
        this.table = table;
        this.egress = egress;
        this.acceptsIpv6 = acceptsIpv6;
    }

    /** Handles an error whose quoted packet is one of our tunnel packets; NOT_RELATED for any other. */
    int in(PacketContext c, ParsedPacket quoted) {
        if (!c.packet.isV4()) {
            return IcmpPath.NOT_RELATED;
        }
        final int skip = tunnelHeaderBytes(c, quoted);
        if (skip < 0 || skip > quoted.l4Length) {
            return IcmpPath.NOT_RELATED;
        }
        final int at = quoted.l4Offset + skip;
        final int bytes = c.packet.l3Offset + c.packet.l3Length - at;
        if (bytes <= 0 || parser.parseEmbedded(c.buffer, at, bytes, inner) != ParseStatus.OK) {
            return IcmpPath.NOT_RELATED;
        }
        if (!inner.isV4() && !acceptsIpv6) {
            return IcmpPath.NOT_RELATED;
        }
        final int id = table.find(
                table.hash(inner.protocol, inner.srcHi, inner.srcLo, inner.srcPort),
                inner.protocol,
                inner.srcHi,
                inner.srcLo,
                inner.srcPort,
                inner.dstHi,
                inner.dstLo,
                inner.dstPort);
        if (id == ConnectionTable.NONE) {
            return IcmpPath.NOT_RELATED;
        }
        c.use(table, id);
        return tell(c, id);
    }

    /** Bytes between the quoted outer IP header and the inner one, or -1 if this is no tunnel packet of ours. */
    private static int tunnelHeaderBytes(PacketContext c, ParsedPacket quoted) {
        return switch (quoted.protocol) {
            case ProtocolNumbers.IPIP, ProtocolNumbers.IPV6 -> 0;
            case ProtocolNumbers.GRE -> {
                if (quoted.l4Length < 4) {
                    yield -1;
                }
                final int flags = c.buffer.getShort(quoted.l4Offset, ByteOrder.BIG_ENDIAN) & 0xFFFF;
                yield (flags & 0x8000) != 0 ? 8 : 4;
            }
            case ProtocolNumbers.UDP -> RealServers.isTunnelEnd(
                            c.snapshot.services(), quoted.dstHi, quoted.dstLo, quoted.dstPort)
                    ? UDP_AND_GUE
                    : -1;
            default -> -1;
        };
    }

    private int tell(PacketContext c, int id) {
        final int type = c.packet.icmpType;
        final int code = c.packet.icmpCode;
        final int word = c.buffer.getInt(c.packet.l4Offset + 4, ByteOrder.BIG_ENDIAN);
        int mtu = 0;
        if (type == UNREACHABLE && code == FRAGMENTATION_NEEDED) {
            final long hi = table.destinationHi(id);
            final long lo = table.destinationLo(id);
            final int route = egress.routeToDestination(c);
            final int routeMtu = route == RouteTable.NONE
                    ? word & 0xFFFF
                    : c.snapshot.routes().mtu(route);
            egress.pathMtu().learn(hi, lo, word & 0xFFFF, routeMtu, c.nowTick);
            mtu = egress.pathMtu().told(hi, lo, routeMtu);
            mtu = mtu > SMALLEST_MTU + IPV4_BYTES ? mtu - IPV4_BYTES : mtu;
            if (inner.isV4() && !inner.dontFragment) {
                return PacketBatch.CONSUMED;
            }
        }
        c.follow(inner, c.buffer, 0);
        if (inner.isV4()) {
            egress.icmp().send(c, type, code, mtu == 0 ? word : mtu);
        } else if (mtu != 0) {
            egress.icmp().tooBig(c, Math.max(mtu, SMALLEST_IPV6_MTU));
        } else {
            egress.icmp().send(c, IcmpErrors.V6_UNREACHABLE, IcmpErrors.V6_ADDRESS, 0);
        }
        return PacketBatch.CONSUMED;
    }
}
