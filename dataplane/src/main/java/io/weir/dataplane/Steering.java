package io.weir.dataplane;

import io.weir.dataplane.host.NeighbourDiscovery;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;

/**
 * Sees to it that a worker decides only what it owns: whatever else its devices gave it goes to the owner.
 *
 * <p>The kernel's fan-out mostly gave it to the right one already, by the same rule. It cannot look into an ICMP error or
 * put fragments together, and its program is a moment behind when services change: this is the authority, that only saves
 * the copy. A frame that tells of neighbours is worker 0's to answer, and all learn from it.
 *
 * <p><b>Owner</b>: one worker; there is none where there is one worker only.
 */
final class Steering {
    private static final int ICMP_HEADER = 8;
    private static final int UDP_AND_GUE = 12;
    private static final int FIRST_ICMPV6_INFORMATION = 128;
    /** The owner of a frame that tells of neighbours. */
    static final int EVERYBODY = -1;

    private final Shard shard;
    private final HandOver handOver;
    private final PathCounters counters;
    private final LocalDelivery localDelivery;
    private final PacketContext c = new PacketContext();
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket packet = new ParsedPacket();
    private final ParsedPacket quoted = new ParsedPacket();
    private final ParsedPacket inner = new ParsedPacket();
    private InterfaceInfo[] interfaces = {};
    private final VipCheck vips = new VipCheck();
    private LocalAddresses own = LocalAddresses.EMPTY;
    private LocalAddresses lips = LocalAddresses.EMPTY;
    private boolean hasLips;

    Steering(WorkerParts parts, HandOver handOver) {
        this.shard = parts.shard();
        this.handOver = handOver;
        this.counters = parts.counters();
        this.localDelivery = parts.localDelivery();
    }

    /** Takes a new configuration; between batches. */
    void snapshot(ConfigSnapshot snapshot) {
        c.take(snapshot);
        interfaces = snapshot.interfaces().toArray(new InterfaceInfo[0]);
        vips.take(snapshot.vips());
        own = snapshot.own();
        lips = snapshot.localAddressSet();
        hasLips = !snapshot.localAddresses().isEmpty();
    }

    /** Hands over what is others', and closes the gaps in the batch. */
    void keepOwn(PacketBatch batch) {
        int kept = 0;
        for (int i = 0; i < batch.size; i++) {
            final int owner = owner(batch, i);
            if (owner == shard.index() || owner == EVERYBODY && shard.index() == 0) {
                if (owner == EVERYBODY) {
                    tellOthers(batch, i);
                }
                if (kept != i) {
                    batch.move(i, kept);
                }
                kept++;
            } else {
                give(owner == EVERYBODY ? 0 : owner, batch, i);
            }
        }
        batch.size = kept;
    }

    private void give(int owner, PacketBatch batch, int i) {
        if (handOver.offer(owner, HandOver.FRAME, batch, i)) {
            counters.increment(PathCounters.HANDED_OVER);
        } else {
            lost();
        }
    }

    private void lost() {
        counters.increment(PathCounters.RECEIVED);
        counters.dropped(DropReason.HAND_OVER_FULL.code());
    }

    private void tellOthers(PacketBatch batch, int i) {
        for (int worker = 1; worker < shard.workers(); worker++) {
            if (!handOver.offer(worker, HandOver.NEIGHBOUR, batch, i)) {
                counters.increment(PathCounters.NEIGHBOURS_UNTOLD);
            }
        }
    }

    /** Worker 0 has taken this frame from another worker: does it tell of neighbours, then all the others hear of it. */
    void tellOfNeighbours(PacketBatch batch) {
        for (int i = 0; shard.index() == 0 && i < batch.size; i++) {
            if (owner(batch, i) == EVERYBODY) {
                tellOthers(batch, i);
            }
        }
    }

    /** Takes in what frames that another worker decides tell of neighbours. */
    void learn(PacketBatch batch, long nowNs) {
        c.nowNs = nowNs;
        for (int i = 0; i < batch.size; i++) {
            final InterfaceInfo in = interfaces[batch.ingress[i]];
            final int status = parser.parse(batch.buffer[i], batch.offset[i], batch.length[i], in.linkLayer(), packet);
            c.start(batch, i, packet);
            localDelivery.learn(c, in, status == ParseStatus.OK);
        }
    }

    /**
     * Hands a packet that was just put together of fragments to its owner, if that is another worker: only now can be seen
     * what it holds.
     *
     * @return false if it is this worker's
     */
    boolean handsOver(PacketContext gathered) {
        final int owner = owner(gathered.packet, true);
        if (owner == shard.index() || owner == EVERYBODY) {
            return false;
        }
        final InterfaceInfo in = interfaces[gathered.batch.ingress[gathered.index]];
        if (handOver.offerWhole(owner, gathered, in.linkLayer())) {
            counters.increment(PathCounters.HANDED_OVER);
            counters.add(PathCounters.RECEIVED, -1);
            counters.add(PathCounters.CONSUMED, -1);
        } else {
            counters.dropped(DropReason.HAND_OVER_FULL.code());
            counters.add(PathCounters.CONSUMED, -1);
        }
        return true;
    }

    /** The worker that is to decide a frame, or {@link #EVERYBODY}. */
    int owner(PacketBatch batch, int i) {
        final boolean ethernet = interfaces[batch.ingress[i]].linkLayer();
        final int status = parser.parse(batch.buffer[i], batch.offset[i], batch.length[i], ethernet, packet);
        if (status != ParseStatus.OK) {
            final boolean arp = status == ParseStatus.NOT_IP && packet.etherType == ProtocolNumbers.ETHERTYPE_ARP;
            return arp ? EVERYBODY : shard.index();
        }
        return owner(packet, false);
    }

    private int owner(ParsedPacket p, boolean whole) {
        final boolean lip = hasLips && lips.contains(p.dstHi, p.dstLo);
        final boolean in = lip || vips.contains(p.dstHi, p.dstLo) || own.contains(p.dstHi, p.dstLo);
        final boolean fragment = p.fragment != ParsedPacket.FRAGMENT_NONE && !whole;
        if (!fragment && Protocols.isIcmp(p)) {
            if (NeighbourDiscovery.isNeighbourMessage(p)) {
                return EVERYBODY;
            }
            if (isError(p) && parseQuoted(p)) {
                return ownerOfQuoted(p, lip, in);
            }
        }
        if (lip && !fragment && p.dstPort != 0) {
            return shard.ownership().ownerOfPort(p.dstPort);
        }
        return in ? ownerOf(p.srcHi, p.srcLo) : ownerOf(p.dstHi, p.dstLo);
    }

    private int ownerOf(long hi, long lo) {
        return shard.ownership().owner(hi, lo);
    }

    private static boolean isError(ParsedPacket p) {
        return p.isV4()
                ? p.icmpType == 3 || p.icmpType == 4 || p.icmpType == 11 || p.icmpType == 12
                : p.icmpType < FIRST_ICMPV6_INFORMATION;
    }

    private boolean parseQuoted(ParsedPacket p) {
        final int bytes = p.l4Length - ICMP_HEADER;
        return p.buffer != null
                && bytes > 0
                && parser.parseEmbedded(p.buffer, p.l4Offset + ICMP_HEADER, bytes, quoted) == ParseStatus.OK;
    }

    /** Of an error the client is in the packet it quotes: we, or a real server, sent that to the client, or for it. */
    private int ownerOfQuoted(ParsedPacket p, boolean lip, boolean in) {
        if (lip) {
            return quoted.srcPort != 0 ? shard.ownership().ownerOfPort(quoted.srcPort) : ownerOf(p.srcHi, p.srcLo);
        }
        if (!in) {
            return ownerOf(quoted.srcHi, quoted.srcLo);
        }
        return isTunnelled(p) ? ownerOf(inner.srcHi, inner.srcLo) : ownerOf(quoted.dstHi, quoted.dstLo);
    }

    /** Does it quote one of our tunnel packets? Then the client's packet is inside. */
    private boolean isTunnelled(ParsedPacket p) {
        final int skip = outerBytes(p);
        final int at = quoted.l4Offset + skip;
        final int bytes = p.l3Offset + p.l3Length - at;
        return skip >= 0
                && bytes > 0
                && p.buffer != null
                && parser.parseEmbedded(p.buffer, at, bytes, inner) == ParseStatus.OK
                && vips.contains(inner.dstHi, inner.dstLo);
    }

    private int outerBytes(ParsedPacket p) {
        if (quoted.protocol == ProtocolNumbers.IPIP || quoted.protocol == ProtocolNumbers.IPV6) {
            return 0;
        }
        if (quoted.protocol == ProtocolNumbers.GRE && p.buffer != null && quoted.l4Length >= 4) {
            return (p.buffer.getShort(quoted.l4Offset, ByteOrder.BIG_ENDIAN) & 0x8000) != 0 ? 8 : 4;
        }
        // UDP from one of our own addresses, not from a VIP: GUE.
        return quoted.protocol == ProtocolNumbers.UDP && own.contains(quoted.srcHi, quoted.srcLo) ? UDP_AND_GUE : -1;
    }
}
