package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.segment.Reassembler;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers fragments before anything else is decided, as the kernel does in front of IPVS.
 *
 * <p>While fragments are missing nothing leaves; the last one to come carries on with the whole packet, which leaves in
 * fragments of the largest size that came in. <b>Owner</b>: one worker.
 */
final class FragmentPath {
    private static final int TCP_BYTES = 20;
    private static final int NO_INTERFACE = -1;

    private final Reassembler reassembler;
    private final LocalDelivery localDelivery;
    private final Strays strays;
    private final Egress egress;
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket whole = new ParsedPacket();
    /** For what is not of this batch, but of an earlier one. */
    private final PacketContext late = new PacketContext();
    /** Where there are several workers. */
    private @Nullable Steering steering;

    private final PacketBatch lateBatch = new PacketBatch();

    FragmentPath(Reassembler reassembler, LocalDelivery localDelivery, Strays strays, Egress egress) {
        this.egress = egress;
        this.reassembler = reassembler;
        this.localDelivery = localDelivery;
        this.strays = strays;
    }

    /** Asks from now on who owns a packet that was put together. */
    void steering(Steering steers) {
        steering = steers;
    }

    /** Is the context's packet a fragment, or does it at least say so? */
    static boolean concerns(PacketContext c) {
        return c.packet.fragment != ParsedPacket.FRAGMENT_NONE || isAtomic(c.packet) && c.isGathered();
    }

    /**
     * Gathers, or lets pass alone what the kernel would not gather.
     *
     * @param ours is it for the director?
     * @return true if the context now stands for the whole packet; else the frame's verdict is set
     */
    boolean gather(PacketContext c, boolean ours) {
        final ParsedPacket p = c.packet;
        final boolean cut = isHeaderCut(p);
        if (!ours && (cut || !c.isGathered() || p.isV4() && p.ttl <= 1)) {
            c.batch.verdict[c.index] = strays.pass(c);
            return false;
        }
        if (cut) {
            c.batch.verdict[c.index] = localDelivery.headerCut(c);
            return false;
        }
        return reassemble(c);
    }

    /** A whole IPv6 packet with a fragment header (RFC 6946): what gathers fragments takes that away. */
    private static boolean isAtomic(ParsedPacket p) {
        return p.fragmentHeaderOffset >= 0 && p.fragment == ParsedPacket.FRAGMENT_NONE;
    }

    /** A first fragment of IPv6 that does not hold its whole transport header (RFC 8200 section 4.5): it stays alone. */
    private static boolean isHeaderCut(ParsedPacket p) {
        return !p.isV4()
                && p.fragment == ParsedPacket.FRAGMENT_FIRST
                && p.protocol == ProtocolNumbers.TCP
                && p.l4Length < TCP_BYTES;
    }

    private boolean reassemble(PacketContext c) {
        final int length = reassembler.offer(c.packet, c.nowNs);
        if (length < 0) {
            c.batch.verdict[c.index] =
                    length == Reassembler.DROPPED ? c.drop(DropReason.FRAGMENT_REFUSED) : PacketBatch.CONSUMED;
            return false;
        }
        final int status = parser.parse(reassembler.buffer(), reassembler.offset(), length, false, whole);
        if (status != ParseStatus.OK) {
            c.batch.verdict[c.index] = c.drop(DropReasons.ofParseStatus(status));
            return false;
        }
        whole.vlanTci = c.packet.vlanTci;
        c.largestFragment = reassembler.largestFragment();
        c.alwaysCut = false;
        c.pieces = reassembler;
        c.reassembled = true;
        c.batch.checksumStart[c.index] = -1;
        c.batch.segmentSize[c.index] = 0;
        c.follow(whole, reassembler.buffer(), reassembler.headroom());
        if (steering != null && steering.handsOver(c)) {
            c.batch.verdict[c.index] = PacketBatch.CONSUMED;
            return false;
        }
        return true;
    }

    /** Takes a new configuration; between batches. */
    void snapshot(ConfigSnapshot snapshot) {
        late.take(snapshot);
    }

    /** Drops what waited too long for its missing fragments, and tells its sender; cheap when there is nothing. */
    void expire(long nowNs) {
        for (int entry = reassembler.expire(nowNs); entry >= 0; entry = reassembler.expire(nowNs)) {
            tell(entry, nowNs);
            reassembler.release(entry);
        }
    }

    /** About the first fragment, which is there (ip_expire() and ip6frag_expire_frag_queue() of the Linux kernel). */
    private void tell(int entry, long nowNs) {
        final UnsafeBuffer memory = reassembler.buffer();
        final int at = reassembler.l3Offset(entry);
        final int bytes = reassembler.firstFragmentLength(entry);
        if (parser.parse(memory, at, bytes, false, whole) == ParseStatus.OK) {
            lateBatch.clear();
            late.start(lateBatch, lateBatch.add(memory, at, bytes, 0, NO_INTERFACE), whole);
            late.nowNs = nowNs;
            if (whole.isV4() && !isOurs(whole)) {
                // A router has lowered the TTL by the time IPVS gathers what passes through.
                Rewriter.decrementTtl(memory, at, true);
            }
            egress.icmp().reassemblyTimeout(late);
        }
    }

    private boolean isOurs(ParsedPacket p) {
        return late.snapshot.vips().contains(p.dstHi, p.dstLo)
                || late.snapshot.own().contains(p.dstHi, p.dstLo);
    }
}
