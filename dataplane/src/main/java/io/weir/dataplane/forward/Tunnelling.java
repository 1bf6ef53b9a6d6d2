package io.weir.dataplane.forward;

import io.weir.conntrack.HotRecord;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.Egress;
import io.weir.dataplane.PacketContext;
import io.weir.dataplane.Rewriter;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import io.weir.service.Destination.Tunnel;
import io.weir.service.Destination.TunnelType;
import org.agrona.UnsafeApi;

/**
 * VS/TUN: the packet travels to the real server inside another, as IPIP, GRE or GUE; the real server unpacks it, has the
 * VIP, and answers the client itself. Client and real server may be of different families.
 *
 * <p><b>Source</b>: ip_vs_tunnel_xmit() of the Linux kernel.
 */
final class Tunnelling implements ForwardingMethod {
    /** The smallest MTU IPv4 allows (RFC 791). */
    private static final int SMALLEST_MTU = 68;

    /** RFC 8200 section 5. */
    private static final int SMALLEST_IPV6_MTU = 1280;

    private final Egress egress;
    private final OuterHeader outer = new OuterHeader();

    Tunnelling(MethodTools tools) {
        this.egress = tools.egress();
    }

    @Override
    public int code() {
        return 2;
    }

    @Override
    public String ipvsName() {
        return "Tunnel";
    }

    @Override
    public String configName() {
        return "tun";
    }

    @Override
    public String cliFlag() {
        return "-i";
    }

    @Override
    public boolean translatesReplies() {
        return false;
    }

    @Override
    public int in(PacketContext c) {
        final long hi = HotRecord.destinationHi(c.record);
        final long lo = HotRecord.destinationLo(c.record);
        final Destination destination = c.snapshot.destinations().destination(c.slot);
        final int route = egress.routeToDestination(c);
        if (route == RouteTable.NONE) {
            return c.drop(DropReason.NO_ROUTE);
        }
        final boolean outerV4 = IpAddress.isV4(hi, lo);
        // A synchronised connection may have a real server that is not configured here.
        final Tunnel tunnel = destination == null ? Tunnel.IPIP : destination.tunnel();
        final int overhead = OuterHeader.bytes(outerV4, tunnel);
        final int mtu = egress.mtu(c, route) - overhead;
        if (mtu < (outerV4 ? SMALLEST_MTU : SMALLEST_IPV6_MTU)) {
            return c.drop(DropReason.TOO_BIG);
        }
        final boolean discover = c.snapshot.sysctls().pmtuDisc();
        final int verdict = egress.admit(c, route, discover || !c.packet.isV4() ? mtu : Integer.MAX_VALUE);
        if (verdict != PacketBatch.TRANSMIT) {
            return verdict;
        }
        final ParsedPacket p = c.packet;
        outer.addresses(c.snapshot.routes().sourceHi(route), c.snapshot.routes().sourceLo(route), hi, lo, outerV4);
        outer.inner(p.isV4(), p.tos, p.ttl - 1, p.isV4() && p.dontFragment && discover, tunnel, flowHash(p));
        return c.isSuperFrame()
                ? egress.sendSegments(c, route, hi, lo, outer, overhead)
                : wrap(c, route, overhead, outerV4);
    }

    /** The words kept: the outer source address; 1 if DF is taken over. */
    @Override
    public int prepareShort(PacketContext c, long kept) {
        final Destination destination = c.snapshot.destinations().destination(c.slot);
        final boolean outerV4 = IpAddress.isV4(HotRecord.destinationHi(c.record), HotRecord.destinationLo(c.record));
        if (destination == null || destination.tunnel().type() != TunnelType.IPIP || !outerV4) {
            return NO_SHORT_WAY;
        }
        UnsafeApi.putLong(kept, c.snapshot.routes().sourceLo(egress.routeToDestination(c)));
        UnsafeApi.putLong(kept + Long.BYTES, c.snapshot.sysctls().pmtuDisc() ? 1 : 0);
        return OuterHeader.bytes(true, Tunnel.IPIP);
    }

    @Override
    public int shortIn(long ip, boolean v4, int id, long record, long kept) {
        if (!v4) {
            return NO_SHORT_WAY;
        }
        Rewriter.decrementTtl(ip, true);
        final boolean takesDf = UnsafeApi.getLong(kept + Long.BYTES) != 0;
        outer.prependIpip(ip, takesDf, UnsafeApi.getLong(kept), HotRecord.destinationLo(record));
        return OuterHeader.IPV4_BYTES;
    }

    private int wrap(PacketContext c, int route, int overhead, boolean outerV4) {
        // The NIC could not find the inner checksum behind the outer header.
        Rewriter.completeChecksum(c);
        if (c.headroom < overhead) {
            return c.drop(DropReason.ENCAPSULATION_FAILED);
        }
        outer.prepend(c.buffer, c.l3Offset, c.l3Length);
        c.l3Offset -= overhead;
        c.l3Length += overhead;
        c.headroom -= overhead;
        if (c.largestFragment > 0) {
            fragmentSizes(c, outerV4);
        }
        c.etherType = outerV4 ? ProtocolNumbers.ETHERTYPE_IPV4 : ProtocolNumbers.ETHERTYPE_IPV6;
        return egress.sendToServer(c, route);
    }

    /**
     * IPv6: longer than the largest fragment that came in (1280 bytes at least), it is cut to that size, which may yield a
     * single piece: it gets a fragment header in any case (ip6_fragment()). IPv4 is cut to the largest that came in. Neither
     * knows what fragments of the other family were like.
     */
    private static void fragmentSizes(PacketContext c, boolean outerV4) {
        if (c.packet.isV4() != outerV4) {
            c.largestFragment = 0;
        } else if (!outerV4) {
            c.alwaysCut = c.l3Length > c.largestFragment;
            c.largestFragment = Math.max(c.largestFragment, SMALLEST_IPV6_MTU);
        }
    }

    private static int flowHash(ParsedPacket p) {
        final long mixed = (p.srcLo ^ p.srcHi ^ (long) p.srcPort << 32 ^ (long) p.dstPort << 16 ^ p.protocol)
                * 0x9E37_79B9_7F4A_7C15L;
        return (int) (mixed >>> 40);
    }

    @Override
    public int out(PacketContext c) {
        return PacketBatch.PASS;
    }
}
