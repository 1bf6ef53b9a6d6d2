package io.weir.dataplane;

import io.weir.dataplane.host.ArpResponder;
import io.weir.dataplane.host.NeighbourDiscovery;
import io.weir.dataplane.route.AddressWatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;

/**
 * Asks a network who has an address of the director: nobody should answer.
 *
 * <p>The request has no sender (RFC 5227, RFC 4862), so that it changes nobody's neighbour table. What is answered is seen
 * by {@link AddressWatch}, as is what others say unasked. <b>Owner</b>: one worker, between batches.
 */
public final class AddressProbes {
    private final NeighbourTable neighbours;
    private final FrameOutput output;

    AddressProbes(NeighbourTable neighbours, FrameOutput output) {
        this.neighbours = neighbours;
        this.output = output;
    }

    /** Who else claimed an address. */
    public AddressWatch watch() {
        return neighbours.watch();
    }

    /** Asks on one interface, which must have a link layer. */
    public void ask(InterfaceInfo out, IpAddress address) {
        final int at = output.begin(NeighbourDiscovery.MAX_BYTES);
        final int length;
        final int etherType;
        final long to;
        if (address.isV4()) {
            length = ArpResponder.writeProbe(output.buffer(), at, out.mac(), address.lo());
            etherType = ProtocolNumbers.ETHERTYPE_ARP;
            to = NeighbourTable.BROADCAST;
        } else {
            length = NeighbourDiscovery.writeProbe(output.buffer(), at, address.hi(), address.lo());
            etherType = ProtocolNumbers.ETHERTYPE_IPV6;
            to = NeighbourDiscovery.solicitedNodeMac(address.lo());
        }
        output.commit(at, length, out.index(), true, to, out.mac(), etherType, -1);
    }
}
