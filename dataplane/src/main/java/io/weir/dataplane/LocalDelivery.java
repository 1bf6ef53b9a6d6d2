package io.weir.dataplane;

import io.weir.dataplane.host.ArpResponder;
import io.weir.dataplane.host.HostStack;
import io.weir.dataplane.host.NeighbourDiscovery;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;

/**
 * What a host does with packets that are its own: ARP and neighbour discovery, and answers for the VIPs.
 *
 * <p>The director's own addresses are its kernel's business: such packets pass. For VIPs and FULLNAT local addresses,
 * which the kernel does not have, the director answers as the kernel would.
 *
 * <p><b>Owner</b>: one worker.
 */
final class LocalDelivery {
    private static final long GROUP_BIT = 0x0100_0000_0000L;
    private static final int LOOPBACK = 127;
    private static final int FIRST_MULTICAST = 224;

    private final Egress egress;
    private final NeighbourTable neighbours;
    private final FrameOutput output;
    private final ArpResponder arp = new ArpResponder();
    private final NeighbourDiscovery discovery = new NeighbourDiscovery();
    private final HostStack host;
    private final PathLanes lanes;
    /** Learns from what it would answer otherwise. */
    private boolean silent;

    LocalDelivery(Egress egress, NeighbourTable neighbours, FrameOutput output, PathLanes lanes) {
        this.lanes = lanes;
        this.egress = egress;
        this.neighbours = neighbours;
        this.output = output;
        this.host = new HostStack(egress.icmp().limiter());
    }

    /** A frame that another worker answers: what it tells of neighbours is taken in. */
    void learn(PacketContext c, InterfaceInfo in, boolean isIp) {
        silent = true;
        if (!isIp) {
            notIp(c, in);
        } else if (NeighbourDiscovery.isNeighbourMessage(c.packet)) {
            final long to = LinkHeader.destination(c.buffer, c.packet.frameOffset);
            if (!in.linkLayer() || to == in.mac() || (to & GROUP_BIT) != 0) {
                neighbour(c, in);
            }
        }
        silent = false;
    }

    /** A frame that is not IP: ARP is answered for VIPs, and read; all of it is the kernel's too. */
    int notIp(PacketContext c, InterfaceInfo in) {
        final ParsedPacket p = c.packet;
        if (p.etherType != ProtocolNumbers.ETHERTYPE_ARP) {
            return PacketBatch.PASS;
        }
        neighbours
                .watch()
                .arp(
                        c.buffer,
                        p.l3Offset,
                        p.frameOffset + p.frameLength - p.l3Offset,
                        in.index(),
                        c.interfaces,
                        c.snapshot.vips(),
                        c.snapshot.own(),
                        c.nowNs);
        final boolean unicast = LinkHeader.destination(c.buffer, p.frameOffset) == in.mac();
        final int at = output.begin(ArpResponder.ARP_BYTES);
        final int length = arp.receive(
                c.buffer,
                p.l3Offset,
                p.frameOffset + p.frameLength - p.l3Offset,
                unicast,
                in.index(),
                in.mac(),
                answersFor(c, arpTarget(c)),
                neighbours,
                output.buffer(),
                at,
                c.nowNs);
        if (length == 0 || silent) {
            return PacketBatch.PASS;
        }
        output.commit(
                at,
                length,
                in.index(),
                true,
                arp.destinationMac(),
                in.mac(),
                ProtocolNumbers.ETHERTYPE_ARP,
                c.batch.vlanTci[c.index]);
        return PacketBatch.CONSUMED;
    }

    private static long arpTarget(PacketContext c) {
        final ParsedPacket p = c.packet;
        return p.frameLength - p.linkHeaderLength < ArpResponder.ARP_BYTES
                ? 0
                : IpAddress.v4(c.buffer.getInt(p.l3Offset + 24, ByteOrder.BIG_ENDIAN));
    }

    /** VIPs, or local addresses if the target is one of these; never the kernel's own. */
    private static LocalAddresses answersFor(PacketContext c, long target) {
        final LocalAddresses lips = c.snapshot.localAddressSet();
        return lips.contains(0, target) ? lips : c.snapshot.vips();
    }

    /** A frame to another MAC address, or to a group: neighbour solicitations are sent to groups. */
    int otherHost(PacketContext c, InterfaceInfo in) {
        final boolean group = (LinkHeader.destination(c.buffer, c.packet.frameOffset) & GROUP_BIT) != 0;
        return group && NeighbourDiscovery.isNeighbourMessage(c.packet) ? neighbour(c, in) : PacketBatch.PASS;
    }

    private int neighbour(PacketContext c, InterfaceInfo in) {
        neighbours
                .watch()
                .neighbourMessage(c.packet, in.index(), c.interfaces, c.snapshot.vips(), c.snapshot.own(), c.nowNs);
        final int at = output.begin(NeighbourDiscovery.MAX_BYTES);
        int length = discovery.receive(
                c.packet, in.index(), in.mac(), c.snapshot.vips(), neighbours, output.buffer(), at, c.nowNs);
        if (length == 0 && c.snapshot.localAddresses().size() > 0) {
            length = discovery.receive(
                    c.packet,
                    in.index(),
                    in.mac(),
                    c.snapshot.localAddressSet(),
                    neighbours,
                    output.buffer(),
                    at,
                    c.nowNs);
        }
        if (length == 0 || silent) {
            return PacketBatch.PASS;
        }
        output.commit(
                at,
                length,
                in.index(),
                in.linkLayer(),
                discovery.destinationMac(),
                in.mac(),
                ProtocolNumbers.ETHERTYPE_IPV6,
                c.batch.vlanTci[c.index]);
        return PacketBatch.CONSUMED;
    }

    /** Sources no packet from outside may have (fib_validate_source() of the Linux kernel; IPv4 only, as there). */
    static boolean isMartian(PacketContext c) {
        final ParsedPacket p = c.packet;
        if (!p.isV4()) {
            return false;
        }
        final int first = (int) (p.srcLo >>> 24) & 0xFF;
        return first == LOOPBACK
                || first == 0
                || first >= FIRST_MULTICAST
                || c.snapshot.vips().contains(p.srcHi, p.srcLo)
                || c.snapshot.own().contains(p.srcHi, p.srcLo);
    }

    /** A packet that {@link #isMartian}; one from a VIP may be a real server's answer to ourselves. */
    int martian(PacketContext c) {
        return lanes.takes(c) ? PacketBatch.CONSUMED : c.drop(DropReason.MARTIAN);
    }

    /** A first fragment to one of our addresses whose transport header is cut; where IPVS looks first, it is just dropped. */
    int headerCut(PacketContext c) {
        if (!c.snapshot.isHooked(false)) {
            egress.icmp().headerCut(c);
        }
        return c.drop(DropReason.FRAGMENT_REFUSED);
    }

    /** A packet to one of our addresses that no service takes. */
    int deliver(PacketContext c, InterfaceInfo in) {
        final ParsedPacket p = c.packet;
        if (NeighbourDiscovery.isNeighbourMessage(p)) {
            return neighbour(c, in);
        }
        if (c.snapshot.own().contains(p.dstHi, p.dstLo)) {
            return lanes.takes(c) ? PacketBatch.CONSUMED : PacketBatch.PASS;
        }
        if (c.snapshot.localAddressSet().contains(p.dstHi, p.dstLo) && lanes.takes(c)) {
            return PacketBatch.CONSUMED;
        }
        final int at = output.begin(Math.max(HostStack.MAX_BYTES, p.l3Length));
        final boolean vouched = c.batch.checksumStart[c.index] >= 0;
        final int length = host.answer(p, vouched, c.snapshot.routes(), c.snapshot.own(), output.buffer(), at, c.nowNs);
        if (length == 0) {
            return c.drop(DropReason.HOST_SILENT);
        }
        egress.emitTo(c, p.srcHi, p.srcLo, at, length);
        return PacketBatch.CONSUMED;
    }

    /** Ties the monotonic clock to the wall clock, for ICMP timestamp replies. */
    void wallClock(long nowNs, long epochMs) {
        host.wallClock(nowNs, epochMs);
    }
}
