package io.weir.dataplane.segment;

import io.weir.packet.ParsedPacket;
import java.util.Arrays;

/** One packet in the making: whose fragments it collects, and which bytes of it are there. */
final class FragmentQueue {
    static final int ECN_INVALID = -1;

    private static final int UNITS = 8192;

    boolean open;
    boolean finished;
    boolean v4;
    long openedNs;
    long deadlineNs;
    /** Bytes of the IP header kept so far; while an IPv6 packet is incomplete, with the fragment header. */
    int headerBytes;
    /** Payload bytes of the whole packet, as far as known. */
    int totalBytes;
    /** Bytes of the first fragment as it came, 0 before it came. */
    int firstBytes;

    int largestFragment;
    int largestDontFragment;

    private long srcHi;
    private long srcLo;
    private long dstHi;
    private long dstLo;
    private int id;
    private int protocol;
    private boolean hasLast;
    private int present;
    /** Bit per ECN codepoint seen: 1 not-ECT, 2 ECT(1), 4 ECT(0), 8 CE. */
    private int ecnSeen;

    private final long[] units = new long[UNITS / Long.SIZE];
    /** Bit per unit that a fragment began with. */
    private final long[] starts = new long[UNITS / Long.SIZE];

    boolean isFor(ParsedPacket p) {
        return open
                && !finished
                && id == p.fragmentId
                && srcLo == p.srcLo
                && dstLo == p.dstLo
                && srcHi == p.srcHi
                && dstHi == p.dstHi
                && v4 == p.isV4()
                && (!v4 || protocol == p.protocol);
    }

    void open(ParsedPacket p, long nowNs, long deadline) {
        open = true;
        finished = false;
        v4 = p.isV4();
        srcHi = p.srcHi;
        srcLo = p.srcLo;
        dstHi = p.dstHi;
        dstLo = p.dstLo;
        id = p.fragmentId;
        protocol = p.protocol;
        openedNs = nowNs;
        deadlineNs = deadline;
        headerBytes = 0;
        totalBytes = 0;
        firstBytes = 0;
        largestFragment = 0;
        largestDontFragment = 0;
        hasLast = false;
        present = 0;
        ecnSeen = 0;
    }

    void close() {
        final int used = Math.min(units.length, (totalBytes >> 9) + 1);
        Arrays.fill(units, 0, used, 0L);
        Arrays.fill(starts, 0, used, 0L);
        open = false;
        finished = false;
    }

    /** Notes the bytes from the fragment's offset to {@code end}; HELD, DUPLICATE or DROPPED. */
    int insert(ParsedPacket p, int end) {
        if (p.moreFragments ? hasLast && end > totalBytes : end < totalBytes || hasLast && end != totalBytes) {
            return Reassembler.DROPPED;
        }
        final int from = p.fragmentOffset >> 3;
        final int to = (end + 7) >> 3;
        final int there = count(from, to);
        if (there == to - from) {
            return Reassembler.DUPLICATE;
        }
        if (there != 0) {
            return Reassembler.DROPPED;
        }
        totalBytes = Math.max(totalBytes, end);
        hasLast |= !p.moreFragments;
        present += end - p.fragmentOffset;
        ecnSeen |= 1 << (p.tos & 3);
        for (int i = from; i < to; i++) {
            units[i >> 6] |= 1L << i;
        }
        starts[from >> 6] |= 1L << from;
        return Reassembler.HELD;
    }

    /** Payload bytes of the fragment that began at an offset; of a complete packet. */
    int pieceBytes(int offset) {
        final int units = (totalBytes + 7) >> 3;
        for (int i = (offset >> 3) + 1; i < units; i++) {
            if ((starts[i >> 6] >>> i & 1) != 0) {
                return (i << 3) - offset;
            }
        }
        return totalBytes - offset;
    }

    private int count(int from, int to) {
        int n = 0;
        for (int i = from; i < to; i++) {
            n += (int) (units[i >> 6] >>> i & 1);
        }
        return n;
    }

    boolean dontFragment() {
        return largestDontFragment > 0 && largestDontFragment == largestFragment;
    }

    boolean isComplete() {
        return hasLast && firstBytes > 0 && present == totalBytes;
    }

    /** What the marks of the fragments make together: 3 (CE) or 0 to be OR-ed in, or ECN_INVALID. */
    int ecn() {
        final boolean congested = (ecnSeen & 8) != 0;
        final boolean notCapable = (ecnSeen & 1) != 0;
        if (notCapable && ecnSeen != 1) {
            return ECN_INVALID;
        }
        return congested ? 3 : 0;
    }
}
