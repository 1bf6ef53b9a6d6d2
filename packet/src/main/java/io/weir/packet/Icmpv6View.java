package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows an ICMPv6 message, neighbour discovery included.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 type   1 code   2 checksum
 *   4 echo: identifier, sequence number; packet too big: MTU; neighbour advertisement: flags
 *   8 errors: the packet complained about; neighbour discovery: target address, then options from 24
 * </pre>
 *
 * <p><b>Source</b>: RFC 4443, RFC 4861 sections 4.3, 4.4 and 4.6.
 */
public final class Icmpv6View extends TransportView {
    public static final int HEADER_LENGTH = 8;
    /** Header and target address of a neighbour solicitation or advertisement. */
    public static final int NEIGHBOR_LENGTH = 24;

    public static final int NEIGHBOR_ROUTER = 0x8000_0000;
    public static final int NEIGHBOR_SOLICITED = 0x4000_0000;
    public static final int NEIGHBOR_OVERRIDE = 0x2000_0000;

    public static final int OPTION_SOURCE_LINK_LAYER = 1;
    public static final int OPTION_TARGET_LINK_LAYER = 2;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;
    private static final int TARGET = 8;

    @Override
    public Icmpv6View wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    /** Also asks neighbour solicitations and advertisements for their target address. */
    @Override
    public int check() {
        if (available() < HEADER_LENGTH) {
            return ParseStatus.TRUNCATED;
        }
        return isNeighbor() && available() < NEIGHBOR_LENGTH ? ParseStatus.TRUNCATED : ParseStatus.OK;
    }

    @Override
    public int protocol() {
        return ProtocolNumbers.ICMPV6;
    }

    /** Error messages, which quote a packet, have types below 128. */
    public static boolean isErrorType(int type) {
        return type >= 0 && type < 128;
    }

    public int type() {
        return u8(TYPE);
    }

    public int code() {
        return u8(CODE);
    }

    public int checksum() {
        return u16(CHECKSUM);
    }

    /** The four bytes behind the checksum, whose meaning depends on the type. */
    public int restOfHeader() {
        return s32(REST);
    }

    public int identifier() {
        return u16(REST);
    }

    public int sequenceNumber() {
        return u16(REST + 2);
    }

    /** Of "packet too big", as an unsigned 32-bit value. */
    public long mtu() {
        return s32(REST) & 0xFFFF_FFFFL;
    }

    /** Neighbour solicitation or advertisement? */
    public boolean isNeighbor() {
        final int type = type();
        return type == ProtocolNumbers.ICMPV6_NEIGHBOR_SOLICITATION
                || type == ProtocolNumbers.ICMPV6_NEIGHBOR_ADVERTISEMENT;
    }

    /** Of neighbour discovery only. */
    public long targetHi() {
        return s64(TARGET);
    }

    public long targetLo() {
        return s64(TARGET + 8);
    }

    /** The MAC address in the link-layer option {@code kind} of neighbour discovery, or -1. */
    public long linkLayerAddress(int kind) {
        int at = NEIGHBOR_LENGTH;
        while (available() - at >= 8) {
            final int length = u8(at + 1) << 3;
            if (length == 0 || length > available() - at) {
                return -1;
            }
            if (u8(at) == kind) {
                return mac(at + 2);
            }
            at += length;
        }
        return -1;
    }

    /** Where an error's quoted packet, or an echo's data, starts in the buffer. */
    public int embeddedOffset() {
        return offset + HEADER_LENGTH;
    }

    public int embeddedLengthBytes() {
        return available() - HEADER_LENGTH;
    }

    public void setTypeAndCode(int type, int code) {
        put8(TYPE, type);
        put8(CODE, code);
    }

    public void setChecksum(int value) {
        put16(CHECKSUM, value);
    }

    public void setRestOfHeader(int value) {
        put32(REST, value);
    }

    public void setTarget(long hi, long lo) {
        put64(TARGET, hi);
        put64(TARGET + 8, lo);
    }

    public void rewriteTypeAndCode(int type, int code) {
        final int value = (type & 0xFF) << 8 | code & 0xFF;
        put16(CHECKSUM, InternetChecksum.update16(u16(CHECKSUM), u16(TYPE), value));
        put16(TYPE, value);
    }

    public void rewriteMtu(int value) {
        put16(CHECKSUM, InternetChecksum.update32(u16(CHECKSUM), s32(REST), value));
        put32(REST, value);
    }

    @Override
    public void rewritePseudoHeaderAddress(long oldHi, long oldLo, long newHi, long newLo) {
        put16(CHECKSUM, InternetChecksum.updateAddress(u16(CHECKSUM), oldHi, oldLo, newHi, newLo));
    }

    @Override
    public void fillChecksum(long srcHi, long srcLo, long dstHi, long dstLo) {
        put16(CHECKSUM, computeWithPseudoHeader(srcHi, srcLo, dstHi, dstLo, available()));
    }

    public boolean isChecksumValid(long srcHi, long srcLo, long dstHi, long dstLo) {
        final long initial =
                InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, ProtocolNumbers.ICMPV6, available());
        return InternetChecksum.finish(InternetChecksum.sum(buffer, offset, available(), initial)) == 0;
    }
}
