package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.segment.Reassembler;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;

/**
 * Gathers fragments before anything else is decided, as the kernel does in front of IPVS.
 *
 * <p>While fragments are missing nothing leaves; the last one to come carries on with the whole packet, which leaves in
 * fragments of the largest size that came in. <b>Owner</b>: one worker.
 */
final class FragmentPath {
    private final Reassembler reassembler;
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket whole = new ParsedPacket();

    FragmentPath(Reassembler reassembler) {
        this.reassembler = reassembler;
    }

    /**
     * Takes in the context's fragment.
     *
     * @return true if the context now stands for the whole packet; else the frame's verdict is set
     */
    boolean reassemble(PacketContext c) {
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
        c.reassembled = true;
        c.batch.checksumStart[c.index] = -1;
        c.batch.segmentSize[c.index] = 0;
        c.follow(whole, reassembler.buffer(), reassembler.headroom());
        return true;
    }

    /** Drops what waited too long for its missing fragments; cheap when there is nothing. */
    void expire(long nowNs) {
        for (int entry = reassembler.expire(nowNs); entry >= 0; entry = reassembler.expire(nowNs)) {
            reassembler.release(entry);
        }
    }
}
