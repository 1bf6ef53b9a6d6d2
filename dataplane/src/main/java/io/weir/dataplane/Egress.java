package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.dataplane.forward.OuterHeader;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.RouteTable;
import io.weir.dataplane.segment.Fragmenter;
import io.weir.dataplane.segment.TcpSegmenter;
import io.weir.packet.ProtocolNumbers;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The way out: route, TTL, MTU, next hop, link header; fragments and segments where a packet does not fit.
 *
 * <p>Order and rules are those of __ip_vs_get_out_rt() for requests and ip_forward() for replies: TTL first, then MTU.
 *
 * <p><b>Owner</b>: one worker.
 */
public final class Egress {
    private static final int DIRECT_ROUTING = 3;
    private static final int NOT_ASKED = RouteTable.NONE - 1;

    private final NeighbourTable neighbours;
    private final NextHops nextHops;
    private final FrameOutput output;
    private final PathMtu pathMtu = new PathMtu();
    private final Fragmenter fragmenter = new Fragmenter();
    private final TcpSegmenter segmenter = new TcpSegmenter();
    private final IcmpSender icmp;
    private boolean[] carriesOffloads = new boolean[0];
    /** The route towards each destination, by its slot, as far as it was asked for since the last configuration. */
    private int[] routeOfSlot = new int[0];

    public Egress(NeighbourTable neighbours, FrameOutput output) {
        this.neighbours = neighbours;
        this.nextHops = new NextHops(neighbours);
        this.output = output;
        this.icmp = new IcmpSender(this, output);
    }

    /** Says which interfaces' devices take partial checksums and super-frames as they are; once, before the start. */
    public void carriesOffloads(boolean[] byInterface) {
        carriesOffloads = byInterface.clone();
    }

    /** Sends the ICMP errors of this worker. */
    IcmpSender icmp() {
        return icmp;
    }

    PathMtu pathMtu() {
        return pathMtu;
    }

    /** Takes a new configuration, whose routes may be others; between batches. */
    void snapshot(ConfigSnapshot snapshot) {
        final int slots = snapshot.destinations().capacity();
        if (routeOfSlot.length < slots) {
            routeOfSlot = new int[slots];
        }
        Arrays.fill(routeOfSlot, NOT_ASKED);
        nextHops.snapshot(snapshot);
    }

    /** The route towards the connection's real server, or {@link RouteTable#NONE}. */
    public int routeToDestination(PacketContext c) {
        // A data connection that goes to another address than its real server's has that server's slot all the same.
        if (c.slot >= routeOfSlot.length || HotRecord.hasFlags(c.record, ConnectionFlags.ELSEWHERE)) {
            return routeTo(c, HotRecord.destinationHi(c.record), HotRecord.destinationLo(c.record));
        }
        int route = routeOfSlot[c.slot];
        if (route == NOT_ASKED) {
            route = routeTo(c, HotRecord.destinationHi(c.record), HotRecord.destinationLo(c.record));
            routeOfSlot[c.slot] = route;
        }
        return route;
    }

    /** The route towards an address, or {@link RouteTable#NONE}. */
    public int routeTo(PacketContext c, long hi, long lo) {
        return c.snapshot.routes().lookup(hi, lo);
    }

    /**
     * The MTU towards the connection's destination: the route's, or less if a path MTU was learnt. Under DR the kernel has a
     * route of its own to the same real server, which nothing is learnt for.
     */
    public int mtu(PacketContext c, int route) {
        if (route == RouteTable.NONE) {
            return 0;
        }
        final int routeMtu = c.snapshot.routes().mtu(route);
        return c.connection == ConnectionTable.NONE || HotRecord.methodCode(c.record) == DIRECT_ROUTING
                ? routeMtu
                : pathMtu.of(HotRecord.destinationHi(c.record), HotRecord.destinationLo(c.record), routeMtu, c.nowTick);
    }

    /**
     * May this request go on? Checks route, TTL and MTU; lowers the TTL; answers the client where it may not.
     *
     * @param mtu for this packet, without what a tunnel will add
     * @return TRANSMIT, or DROP with the reason noted
     */
    public int admit(PacketContext c, int route, int mtu) {
        if (route == RouteTable.NONE) {
            return c.drop(DropReason.NO_ROUTE);
        }
        if (c.packet.ttl <= 1) {
            icmp.timeExceeded(c);
            return c.drop(DropReason.TTL_EXCEEDED);
        }
        Rewriter.decrementTtl(c.buffer, c.l3Offset, c.packet.isV4());
        return fits(c, mtu) ? PacketBatch.TRANSMIT : tooBig(c, mtu);
    }

    /** The same for a reply, which is judged as a router would judge it: MTU before anything is changed. */
    int admitReply(PacketContext c, int route) {
        if (route == RouteTable.NONE) {
            return c.drop(DropReason.NO_ROUTE);
        }
        if (c.packet.ttl <= 1) {
            icmp.timeExceeded(c);
            return c.drop(DropReason.TTL_EXCEEDED);
        }
        final int mtu = c.snapshot.routes().mtu(route);
        if (!fits(c, mtu)) {
            icmp.tooBig(c, mtu);
            return c.drop(DropReason.TOO_BIG);
        }
        Rewriter.decrementTtl(c.buffer, c.l3Offset, c.packet.isV4());
        return PacketBatch.TRANSMIT;
    }

    private static boolean fits(PacketContext c, int mtu) {
        if (c.packet.isV4()) {
            return c.wireLength() <= mtu || !c.packet.dontFragment || c.icmpError;
        }
        // Routers do not fragment IPv6: of a reassembled packet only the fragments it came in count.
        return (c.largestFragment > 0 ? c.largestFragment : c.wireLength()) <= mtu;
    }

    private int tooBig(PacketContext c, int mtu) {
        if (!c.icmpError) {
            icmp.tooBig(c, mtu);
        }
        return c.drop(DropReason.TOO_BIG);
    }

    /**
     * Cuts a super-frame and hands each segment to a tunnel's header before it leaves.
     *
     * @param overhead bytes that {@code outer} puts in front of a segment
     */
    public int sendSegments(PacketContext c, int route, long hi, long lo, OuterHeader outer, int overhead) {
        if (!isTcp(c)) {
            return c.drop(DropReason.SUPER_FRAME);
        }
        segmenter.begin(c.buffer, c.l3Offset, c.l3Length, c.batch.segmentSize[c.index]);
        while (segmenter.hasNext()) {
            final int at = output.begin(c.wireLength());
            final int length = segmenter.next(output.buffer(), at);
            outer.prepend(output.buffer(), at, length);
            if (!emit(c, route, hi, lo, at - overhead, length + overhead)) {
                return c.drop(DropReason.NEIGHBOUR_UNRESOLVED);
            }
        }
        return PacketBatch.CONSUMED;
    }

    /** Sends the packet towards its own destination address: the way of replies. */
    public int sendToDestination(PacketContext c) {
        final int route = routeTo(c, c.packet.dstHi, c.packet.dstLo);
        return route == RouteTable.NONE ? c.drop(DropReason.NO_ROUTE) : send(c, route, c.packet.dstHi, c.packet.dstLo);
    }

    /** Sends the packet towards the connection's real server. */
    public int sendToServer(PacketContext c, int route) {
        final long hi = HotRecord.destinationHi(c.record);
        final long lo = HotRecord.destinationLo(c.record);
        final int mtu = mtu(c, route);
        return c.simple && c.l3Length <= mtu
                ? link(c, route, hi, lo, nextHops.keyOfSlot(c.slot))
                : send(c, route, hi, lo, mtu);
    }

    /**
     * Sends what the context points at: in place if it can be, else as fragments or segments in the worker's output.
     *
     * @return a PacketBatch verdict
     */
    public int send(PacketContext c, int route, long hi, long lo) {
        return send(c, route, hi, lo, c.snapshot.routes().mtu(route));
    }

    private int send(PacketContext c, int route, long hi, long lo, int mtu) {
        final RouteTable routes = c.snapshot.routes();
        if (crossesVlan(c, routes.interfaceIndex(route))) {
            return c.drop(DropReason.VLAN_CROSSING);
        }
        if (c.isSuperFrame() && !carriesOffloads[routes.interfaceIndex(route)]) {
            return sendSegments(c, route, hi, lo);
        }
        final int limit = c.largestFragment > 0 ? Math.min(c.largestFragment, mtu) : mtu;
        // IPv4 that came in fragments leaves in fragments, IPv6 only if it must (ip_finish_output(),
        // ip6_finish_output()).
        final boolean recut = c.largestFragment > 0 && (c.etherType == ProtocolNumbers.ETHERTYPE_IPV4 || c.alwaysCut);
        if (!c.isSuperFrame() && (c.l3Length > limit || recut)) {
            return sendFragments(c, route, hi, lo, limit);
        }
        if (c.reassembled) {
            return sendCopy(c, route, hi, lo);
        }
        return sendInPlace(c, route, hi, lo);
    }

    private int sendInPlace(PacketContext c, int route, long hi, long lo) {
        if (!carriesOffloads[c.snapshot.routes().interfaceIndex(route)]) {
            Rewriter.completeChecksum(c);
        }
        return link(c, route, hi, lo, NextHops.NO_KEY);
    }

    /** Puts the link header on, and the frame on its way. */
    private int link(PacketContext c, int route, long hi, long lo, int keyOnLink) {
        final RouteTable routes = c.snapshot.routes();
        final InterfaceInfo out = c.interfaces[routes.interfaceIndex(route)];
        final PacketBatch batch = c.batch;
        final int i = c.index;
        int start = c.l3Offset;
        if (out.linkLayer()) {
            final int key = routes.isOnLink(route) ? keyOnLink : nextHops.keyOfRoute(route);
            final long mac = nextHops.resolve(
                    key, out.index(), routes.nextHopHi(route, hi), routes.nextHopLo(route, lo), c.nowNs);
            start -= LinkHeader.BYTES;
            if (mac == NeighbourTable.UNRESOLVED) {
                return park(c, route, hi, lo);
            }
            LinkHeader.write(c.buffer, start, mac, out.mac(), c.etherType);
        }
        if (batch.checksumStart[i] >= 0) {
            batch.checksumStart[i] += batch.offset[i] - start;
        }
        batch.length[i] = c.l3Offset + c.l3Length - start;
        batch.headroom[i] += start - batch.offset[i];
        batch.offset[i] = start;
        batch.egress[i] = out.index();
        return PacketBatch.TRANSMIT;
    }

    /** Keeps the packet until its next hop is resolved; then there is no NIC's help any more, so it must be finished. */
    private int park(PacketContext c, int route, long hi, long lo) {
        if (c.isSuperFrame()) {
            return sendSegments(c, route, hi, lo);
        }
        Rewriter.completeChecksum(c);
        return park(c, route, hi, lo, c.buffer, c.l3Offset, c.l3Length)
                ? PacketBatch.CONSUMED
                : c.drop(DropReason.NEIGHBOUR_UNRESOLVED);
    }

    private boolean park(PacketContext c, int route, long hi, long lo, UnsafeBuffer bytes, int at, int length) {
        final RouteTable routes = c.snapshot.routes();
        return neighbours.park(
                routes.interfaceIndex(route),
                routes.nextHopHi(route, hi),
                routes.nextHopLo(route, lo),
                bytes,
                at,
                length);
    }

    /** A tag belongs to the interface it came by; elsewhere it would leak from one VLAN into another. */
    private static boolean crossesVlan(PacketContext c, int egress) {
        return vlanTci(c) >= 0 && c.batch.ingress[c.index] != egress;
    }

    private static int vlanTci(PacketContext c) {
        if (c.packet.vlanTci >= 0) {
            c.batch.vlanTci[c.index] = c.packet.vlanTci;
        }
        return c.batch.vlanTci[c.index];
    }

    private int sendCopy(PacketContext c, int route, long hi, long lo) {
        final int at = output.begin(c.l3Length);
        output.buffer().putBytes(at, c.buffer, c.l3Offset, c.l3Length);
        return emit(c, route, hi, lo, at, c.l3Length) ? PacketBatch.CONSUMED : c.drop(DropReason.NEIGHBOUR_UNRESOLVED);
    }

    private int sendFragments(PacketContext c, int route, long hi, long lo, int limit) {
        Rewriter.completeChecksum(c);
        fragmenter.begin(c.buffer, c.l3Offset, c.l3Length, limit, c.largestFragment > 0 && c.alwaysCut);
        if (c.largestFragment > 0 && c.pieces != null) {
            fragmenter.keepPieces(c.pieces);
        }
        while (fragmenter.hasNext()) {
            final int at = output.begin(limit);
            final int length = fragmenter.next(output.buffer(), at);
            if (!emit(c, route, hi, lo, at, length)) {
                return c.drop(DropReason.NEIGHBOUR_UNRESOLVED);
            }
        }
        return PacketBatch.CONSUMED;
    }

    private static boolean isTcp(PacketContext c) {
        return c.packet.protocol == ProtocolNumbers.TCP;
    }

    private int sendSegments(PacketContext c, int route, long hi, long lo) {
        if (!isTcp(c)) {
            return c.drop(DropReason.SUPER_FRAME);
        }
        segmenter.begin(c.buffer, c.l3Offset, c.l3Length, c.batch.segmentSize[c.index]);
        while (segmenter.hasNext()) {
            final int at = output.begin(c.wireLength());
            final int length = segmenter.next(output.buffer(), at);
            if (!emit(c, route, hi, lo, at, length)) {
                return c.drop(DropReason.NEIGHBOUR_UNRESOLVED);
            }
        }
        return PacketBatch.CONSUMED;
    }

    /** Commits one generated packet towards a next hop, or has it wait for that; false if it is lost. */
    boolean emit(PacketContext c, int route, long hi, long lo, int at, int length) {
        final RouteTable routes = c.snapshot.routes();
        final InterfaceInfo out = c.interfaces[routes.interfaceIndex(route)];
        final UnsafeBuffer b = output.buffer();
        final int etherType = (b.getByte(at) & 0xF0) == 0x40 ? 0x0800 : 0x86DD;
        long mac = 0;
        if (out.linkLayer()) {
            mac = nextHop(c, route, hi, lo);
            if (mac == NeighbourTable.UNRESOLVED) {
                return park(c, route, hi, lo, b, at, length);
            }
        }
        final int tci = c.batch.ingress[c.index] == out.index() ? vlanTci(c) : -1;
        output.commit(at, length, out.index(), out.linkLayer(), mac, out.mac(), etherType, tci);
        return true;
    }

    /** Routes and commits a packet the director made; without a route, or to ourselves, it is forgotten. */
    void emitTo(PacketContext c, long hi, long lo, int at, int length) {
        if (c.snapshot.isOwn(hi, lo)) {
            return;
        }
        final int route = routeTo(c, hi, lo);
        if (route != RouteTable.NONE) {
            emit(c, route, hi, lo, at, length);
        }
    }

    private long nextHop(PacketContext c, int route, long hi, long lo) {
        final RouteTable routes = c.snapshot.routes();
        return neighbours.resolve(
                routes.interfaceIndex(route), routes.nextHopHi(route, hi), routes.nextHopLo(route, lo), c.nowNs);
    }
}
