package io.weir.dataplane.segment;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts an IP packet into fragments, one per call.
 *
 * <p>{@link #begin} looks at the packet, then {@link #next} writes one fragment, header and all, while {@link #hasNext}.
 * The packet must not change meanwhile, and the caller's room must not overlap it. A packet that fits comes out whole.
 *
 * <p>IPv4: the first fragment has all options; in the later ones those without the copied flag become no-operations, so
 * that all headers have the same length (RFC 791 section 3.1, ip_options_fragment() of the Linux kernel). A DF bit is
 * kept: whether the packet may be cut is the caller's decision. A fragment can be cut again. IPv6: the fragment header
 * goes behind hop-by-hop, routing and the destination options before them (RFC 8200 section 4.5).
 *
 * <p><b>Source</b>: ip_do_fragment(), ip6_fragment(). <b>Owner</b>: one worker; no allocation.
 */
public final class Fragmenter {
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_COPIED = 0x80;
    /** Any number will do, but one that does not repeat soon (RFC 6864, RFC 7739). */
    private static final long DEFAULT_SEED = 0x5DEECE66DL;

    private UnsafeBuffer source = new UnsafeBuffer(0, 0);
    private int l3;
    private int l3Length;
    private boolean v4;
    private boolean whole;
    /** Bytes of the part that every fragment repeats, without an IPv6 fragment header. */
    private int headerBytes;
    /** Most payload a fragment carries. */
    private int room;
    /** Payload bytes written so far. */
    private int done;

    private int left;
    private boolean begun;
    /** The fragments that an IPv6 packet came in, if they are kept. */
    private @Nullable Reassembler pieces;
    /** With {@link #pieces}: bytes in front of the first one. */
    private int firstExtra;
    /** IPv4: fragment offset and flags of the packet itself. */
    private int baseOffset;

    private int baseFlags;
    /** IPv6: where in the header the type of what follows it stands. */
    private int nextHeaderAt;

    private int identification;
    private long random;

    public Fragmenter() {
        this(DEFAULT_SEED);
    }

    /** {@code seed} fixes the identifications of IPv6 fragments. */
    public Fragmenter(long seed) {
        random = seed == 0 ? DEFAULT_SEED : seed;
    }

    /**
     * Starts on a packet that stays whole if it fits.
     *
     * @param limit the largest fragment wanted, in bytes of layer 3
     */
    public void begin(UnsafeBuffer packet, int l3Offset, int length, int limit) {
        begin(packet, l3Offset, length, limit, false);
    }

    /**
     * Starts on a packet.
     *
     * @param limit the largest fragment wanted, in bytes of layer 3
     * @param alwaysCut IPv6: it gets a fragment header, and room for that, even if it fits
     */
    public void begin(UnsafeBuffer packet, int l3Offset, int length, int limit, boolean alwaysCut) {
        source = packet;
        l3 = l3Offset;
        l3Length = length;
        v4 = IpHeader.isV4(packet, l3Offset);
        whole = length <= limit && (v4 || !alwaysCut);
        done = 0;
        pieces = null;
        begun = false;
        if (whole) {
            left = length;
        } else if (v4) {
            beginV4(limit);
        } else {
            beginV6(limit);
        }
    }

    /**
     * After {@link #begin}: an IPv6 packet is cut where the fragments it came in were, the first grown by what was put in front,
     * if each of these fits and the first ends at a multiple of 8 bytes (the fast path of ip6_fragment()).
     */
    public void keepPieces(Reassembler from) {
        if (whole || v4) {
            return;
        }
        final int extra = left - from.payloadBytes();
        if (extra < 0 || (extra & 7) != 0) {
            return;
        }
        for (int at = 0; at < from.payloadBytes(); at += from.pieceBytes(at)) {
            if (from.pieceBytes(at) + (at == 0 ? extra : 0) > room) {
                return;
            }
        }
        pieces = from;
        firstExtra = extra;
    }

    private void beginV4(int limit) {
        headerBytes = IpHeader.headerBytesV4(source, l3);
        left = l3Length - headerBytes;
        room = Math.max(8, limit - headerBytes);
        final int field = IpHeader.u16(source, l3 + IpHeader.V4_FRAGMENT);
        baseOffset = (field & IpHeader.V4_OFFSET_MASK) << 3;
        baseFlags = field & ~IpHeader.V4_OFFSET_MASK;
    }

    private void beginV6(int limit) {
        int at = IpHeader.V6_BYTES;
        nextHeaderAt = IpHeader.V6_NEXT_HEADER;
        boolean routing = false;
        while (at + 8 <= l3Length) {
            final int type = source.getByte(l3 + nextHeaderAt) & 0xFF;
            if (type != IpHeader.HOP_BY_HOP
                    && type != IpHeader.ROUTING
                    && (type != IpHeader.DESTINATION_OPTIONS || routing)) {
                break;
            }
            routing |= type == IpHeader.ROUTING;
            nextHeaderAt = at;
            at += IpHeader.extensionBytes(source, l3 + at);
        }
        headerBytes = Math.min(at, l3Length);
        left = l3Length - headerBytes;
        room = Math.max(8, limit - headerBytes - IpHeader.FRAGMENT_BYTES);
        identification = nextIdentification();
    }

    private int nextIdentification() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return (int) (random >>> 32);
    }

    /** Is there another fragment? */
    public boolean hasNext() {
        return left > 0 || !begun && whole;
    }

    /**
     * Writes the next fragment.
     *
     * @return its length in bytes of layer 3
     */
    public int next(UnsafeBuffer out, int at) {
        begun = true;
        if (whole) {
            out.putBytes(at, source, l3, l3Length);
            left = 0;
            return l3Length;
        }
        final int bytes = size();
        left -= bytes;
        final int length = v4 ? nextV4(out, at, bytes) : nextV6(out, at, bytes);
        done += bytes;
        return length;
    }

    private int size() {
        if (pieces != null) {
            return done == 0 ? firstExtra + pieces.pieceBytes(0) : pieces.pieceBytes(done - firstExtra);
        }
        return left <= room ? left : room & ~7;
    }

    private int nextV4(UnsafeBuffer out, int at, int bytes) {
        out.putBytes(at, source, l3, headerBytes);
        out.putBytes(at + headerBytes, source, l3 + headerBytes + done, bytes);
        if (done > 0) {
            clearOptions(out, at);
        }
        IpHeader.putU16(out, at + IpHeader.V4_TOTAL_LENGTH, headerBytes + bytes);
        final int more = left > 0 ? IpHeader.V4_MF : 0;
        IpHeader.putU16(out, at + IpHeader.V4_FRAGMENT, baseFlags | more | (baseOffset + done) >> 3);
        IpHeader.computeChecksumV4(out, at, headerBytes);
        return headerBytes + bytes;
    }

    /** Overwrites the options that only the first fragment has. */
    private void clearOptions(UnsafeBuffer out, int at) {
        int i = at + IpHeader.V4_BYTES;
        final int end = at + headerBytes;
        while (i < end) {
            final int type = out.getByte(i) & 0xFF;
            if (type == OPTION_END) {
                return;
            }
            if (type == OPTION_NOP) {
                i++;
                continue;
            }
            final int bytes = i + 1 < end ? out.getByte(i + 1) & 0xFF : 0;
            if (bytes < 2 || i + bytes > end) {
                return;
            }
            if ((type & OPTION_COPIED) == 0) {
                out.setMemory(i, bytes, (byte) OPTION_NOP);
            }
            i += bytes;
        }
    }

    private int nextV6(UnsafeBuffer out, int at, int bytes) {
        out.putBytes(at, source, l3, headerBytes);
        final int fragment = at + headerBytes;
        final byte type = source.getByte(l3 + nextHeaderAt);
        out.putByte(at + nextHeaderAt, (byte) IpHeader.FRAGMENT);
        out.putByte(fragment, type);
        out.putByte(fragment + 1, (byte) 0);
        IpHeader.putU16(out, fragment + 2, done | (left > 0 ? 1 : 0));
        out.putInt(fragment + 4, identification, ByteOrder.BIG_ENDIAN);
        out.putBytes(fragment + IpHeader.FRAGMENT_BYTES, source, l3 + headerBytes + done, bytes);
        final int length = headerBytes + IpHeader.FRAGMENT_BYTES + bytes;
        IpHeader.putU16(out, at + IpHeader.V6_PAYLOAD_LENGTH, length - IpHeader.V6_BYTES);
        return length;
    }
}
