package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows a TCP header, options included.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 source port              2 destination port
 *   4 sequence number
 *   8 acknowledgment number
 *  12 data offset (4 bits)    13 flags             14 window
 *  16 checksum                18 urgent pointer
 *  20 options, up to data offset * 4
 * </pre>
 *
 * <p><b>Voids the check</b>: {@link #setDataOffsetBytesAndFlags}. The option walk never leaves the packet, even so.
 *
 * <p><b>Source</b>: RFC 9293 section 3.1, RFC 7323 section 3.
 */
public final class TcpView extends TransportView {
    public static final int MIN_HEADER_LENGTH = 20;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGMENT = 8;
    private static final int OFFSET_AND_FLAGS = 12;
    private static final int WINDOW = 14;
    private static final int CHECKSUM = 16;
    private static final int URGENT = 18;

    @Override
    public TcpView wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    @Override
    public int check() {
        if (available() < MIN_HEADER_LENGTH) {
            return ParseStatus.TRUNCATED;
        }
        final int header = dataOffsetBytes();
        return header < MIN_HEADER_LENGTH || header > available() ? ParseStatus.BAD_HEADER_LENGTH : ParseStatus.OK;
    }

    @Override
    public int protocol() {
        return ProtocolNumbers.TCP;
    }

    public int sourcePort() {
        return u16(SOURCE_PORT);
    }

    public int destinationPort() {
        return u16(DESTINATION_PORT);
    }

    /** 32 bits, modulo 2^32: compare by the sign of a difference. */
    public int sequenceNumber() {
        return s32(SEQUENCE);
    }

    public int acknowledgmentNumber() {
        return s32(ACKNOWLEDGMENT);
    }

    /** The header's length, options included. */
    public int dataOffsetBytes() {
        return u8(OFFSET_AND_FLAGS) >>> 4 << 2;
    }

    /** The flags byte; the bits are those of {@link TcpFlags}. */
    public int flags() {
        return u8(OFFSET_AND_FLAGS + 1);
    }

    public int window() {
        return u16(WINDOW);
    }

    public int checksum() {
        return u16(CHECKSUM);
    }

    public int urgentPointer() {
        return u16(URGENT);
    }

    public int payloadOffset() {
        return offset + dataOffsetBytes();
    }

    public int payloadLengthBytes() {
        return available() - dataOffsetBytes();
    }

    /**
     * Where the option {@code kind} starts, counted from the header's start, or -1.
     *
     * <p>An option whose length is below 2 or leaves the header ends the walk; the length found is at least
     * {@code minLength}.
     */
    public int findOption(int kind, int minLength) {
        final int end = Math.min(dataOffsetBytes(), available());
        int at = MIN_HEADER_LENGTH;
        while (at < end) {
            final int found = u8(at);
            if (found == ProtocolNumbers.TCP_OPTION_END) {
                return -1;
            }
            if (found == ProtocolNumbers.TCP_OPTION_NOP) {
                at++;
                continue;
            }
            final int length = at + 1 < end ? u8(at + 1) : 0;
            if (length < 2 || length > end - at) {
                return -1;
            }
            if (found == kind && length >= minLength) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    /** The maximum segment size option, or -1. */
    public int maximumSegmentSize() {
        final int at = findOption(ProtocolNumbers.TCP_OPTION_MSS, 4);
        return at < 0 ? -1 : u16(at + 2);
    }

    /** TSval of the timestamps option as an unsigned 32-bit value, or -1. */
    public long timestampValue() {
        final int at = findOption(ProtocolNumbers.TCP_OPTION_TIMESTAMP, 10);
        return at < 0 ? -1 : s32(at + 2) & 0xFFFF_FFFFL;
    }

    /** TSecr of the timestamps option as an unsigned 32-bit value, or -1. */
    public long timestampEchoReply() {
        final int at = findOption(ProtocolNumbers.TCP_OPTION_TIMESTAMP, 10);
        return at < 0 ? -1 : s32(at + 6) & 0xFFFF_FFFFL;
    }

    public void setSourcePort(int value) {
        put16(SOURCE_PORT, value);
    }

    public void setDestinationPort(int value) {
        put16(DESTINATION_PORT, value);
    }

    public void setSequenceNumber(int value) {
        put32(SEQUENCE, value);
    }

    public void setAcknowledgmentNumber(int value) {
        put32(ACKNOWLEDGMENT, value);
    }

    public void setDataOffsetBytesAndFlags(int dataOffsetBytes, int flags) {
        put16(OFFSET_AND_FLAGS, dataOffsetBytes >>> 2 << 12 | flags & 0xFF);
    }

    public void setWindow(int value) {
        put16(WINDOW, value);
    }

    public void setChecksum(int value) {
        put16(CHECKSUM, value);
    }

    public void setUrgentPointer(int value) {
        put16(URGENT, value);
    }

    public void rewriteSourcePort(int value) {
        rewrite16(SOURCE_PORT, value);
    }

    public void rewriteDestinationPort(int value) {
        rewrite16(DESTINATION_PORT, value);
    }

    public void rewriteSequenceNumber(int value) {
        rewrite32(SEQUENCE, value);
    }

    public void rewriteAcknowledgmentNumber(int value) {
        rewrite32(ACKNOWLEDGMENT, value);
    }

    public void rewriteFlags(int value) {
        rewrite16(OFFSET_AND_FLAGS, u8(OFFSET_AND_FLAGS) << 8 | value & 0xFF);
    }

    /** Changes the maximum segment size option if there is one; says whether there was. */
    public boolean rewriteMaximumSegmentSize(int value) {
        final int at = findOption(ProtocolNumbers.TCP_OPTION_MSS, 4);
        if (at < 0) {
            return false;
        }
        rewrite16(at + 2, value);
        return true;
    }

    @Override
    public void rewritePseudoHeaderAddress(long oldHi, long oldLo, long newHi, long newLo) {
        put16(CHECKSUM, InternetChecksum.updateAddress(u16(CHECKSUM), oldHi, oldLo, newHi, newLo));
    }

    @Override
    public void fillChecksum(long srcHi, long srcLo, long dstHi, long dstLo) {
        put16(CHECKSUM, computeWithPseudoHeader(srcHi, srcLo, dstHi, dstLo, available()));
    }

    private void rewrite16(int at, int value) {
        final int old = u16(at);
        final int checksum = u16(CHECKSUM);
        // options need no alignment: at an odd place the two bytes belong to two words
        put16(
                CHECKSUM,
                (at & 1) == 0
                        ? InternetChecksum.update16(checksum, old, value)
                        : InternetChecksum.update16Odd(checksum, old, value));
        put16(at, value);
    }

    private void rewrite32(int at, int value) {
        put16(CHECKSUM, InternetChecksum.update32(u16(CHECKSUM), s32(at), value));
        put32(at, value);
    }
}
