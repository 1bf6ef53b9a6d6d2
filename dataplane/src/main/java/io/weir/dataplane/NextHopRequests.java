package io.weir.dataplane;

import io.weir.dataplane.host.ArpResponder;
import io.weir.dataplane.host.NeighbourDiscovery;
import io.weir.dataplane.route.FramePark;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Asks for next hops by ARP and neighbour solicitation, and sees to the packets that waited: they leave when it has
 * answered, and their senders hear of it when it has not.
 *
 * <p><b>Owner</b>: one worker, once a turn.
 */
final class NextHopRequests {
    private final NeighbourTable neighbours;
    private final FrameOutput output;
    private final UnreachableHosts unreachable;

    NextHopRequests(NeighbourTable neighbours, FrameOutput output, UnreachableHosts unreachable) {
        this.neighbours = neighbours;
        this.output = output;
        this.unreachable = unreachable;
    }

    /** Asks for the neighbours that are due, and sends what waited for those that answered. */
    void resolve(ConfigSnapshot snapshot, long nowNs) {
        for (int entry = neighbours.nextRequest(nowNs);
                entry != NeighbourTable.NONE;
                entry = neighbours.nextRequest(nowNs)) {
            ask(snapshot, entry);
        }
        final FramePark park = neighbours.parked();
        for (int slot = park.poll(); slot != FramePark.NONE; slot = park.poll()) {
            if (park.isLost(slot)) {
                unreachable.tell(snapshot, park.buffer(), park.offset(slot), park.length(slot), nowNs);
            } else {
                sendParked(snapshot, park, slot);
            }
            park.free(slot);
        }
    }

    private void ask(ConfigSnapshot snapshot, int entry) {
        final InterfaceInfo out = snapshot.interfaces().get(neighbours.requestInterface(entry));
        final long hi = neighbours.requestHi(entry);
        final long lo = neighbours.requestLo(entry);
        final long mac = neighbours.requestMac(entry);
        final boolean v4 = IpAddress.isV4(hi, lo);
        final IpAddress source = sourceFor(snapshot, out, hi, lo);
        final UnsafeBuffer b = output.buffer();
        final int at = output.begin(NeighbourDiscovery.MAX_BYTES);
        if (v4) {
            final int length = ArpResponder.writeRequest(b, at, out.mac(), source.lo(), lo);
            output.commit(at, length, out.index(), true, mac, out.mac(), ProtocolNumbers.ETHERTYPE_ARP, -1);
            return;
        }
        final boolean unicast = mac != NeighbourTable.BROADCAST;
        final int length =
                NeighbourDiscovery.writeSolicitation(b, at, out.mac(), source.hi(), source.lo(), hi, lo, unicast);
        final long to = unicast ? mac : NeighbourDiscovery.solicitedNodeMac(lo);
        output.commit(at, length, out.index(), true, to, out.mac(), ProtocolNumbers.ETHERTYPE_IPV6, -1);
    }

    /**
     * Who asks: the interface's address in the target's own network, as in the kernel; rather not a VIP, which the target,
     * a real server, may have too: it would not answer itself.
     */
    private static IpAddress sourceFor(ConfigSnapshot snapshot, InterfaceInfo out, long hi, long lo) {
        final boolean v4 = IpAddress.isV4(hi, lo);
        IpAddress best = v4 ? IpAddress.ANY4 : new IpAddress(0, 0);
        int bestRank = -1;
        for (int i = 0; i < out.addresses().size(); i++) {
            final InterfaceInfo.Prefix own = out.addresses().get(i);
            final IpAddress address = own.address();
            if (address.isV4() != v4) {
                continue;
            }
            final int rank =
                    (own.contains(hi, lo) ? 2 : 0) + (snapshot.services().isVip(address.hi(), address.lo()) ? 0 : 1);
            if (rank > bestRank) {
                best = address;
                bestRank = rank;
            }
        }
        return best;
    }

    private void sendParked(ConfigSnapshot snapshot, FramePark park, int slot) {
        final InterfaceInfo out = snapshot.interfaces().get(park.interfaceIndex(slot));
        final int length = park.length(slot);
        final int at = output.begin(length);
        output.buffer().putBytes(at, park.buffer(), park.offset(slot), length);
        final boolean v4 = (output.buffer().getByte(at) & 0xF0) == 0x40;
        output.commit(
                at,
                length,
                out.index(),
                out.linkLayer(),
                park.mac(slot),
                out.mac(),
                v4 ? ProtocolNumbers.ETHERTYPE_IPV4 : ProtocolNumbers.ETHERTYPE_IPV6,
                -1);
    }
}
