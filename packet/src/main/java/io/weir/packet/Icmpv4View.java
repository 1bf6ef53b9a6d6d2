package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows an ICMP message.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 type   1 code   2 checksum
 *   4 echo: identifier, sequence number; fragmentation needed: unused, next-hop MTU
 *   8 echo data; errors: the IP header and at least 8 bytes of the packet complained about
 * </pre>
 *
 * <p><b>Source</b>: RFC 792, RFC 1191 section 4.
 */
public final class Icmpv4View extends TransportView {
    public static final int HEADER_LENGTH = 8;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;

    @Override
    public Icmpv4View wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    @Override
    public int check() {
        return available() < HEADER_LENGTH ? ParseStatus.TRUNCATED : ParseStatus.OK;
    }

    @Override
    public int protocol() {
        return ProtocolNumbers.ICMP;
    }

    /** Is {@code type} one that quotes the packet it complains about? */
    public static boolean isErrorType(int type) {
        switch (type) {
            case ProtocolNumbers.ICMP_DESTINATION_UNREACHABLE:
            case ProtocolNumbers.ICMP_SOURCE_QUENCH:
            case ProtocolNumbers.ICMP_REDIRECT:
            case ProtocolNumbers.ICMP_TIME_EXCEEDED:
            case ProtocolNumbers.ICMP_PARAMETER_PROBLEM:
                return true;
            default:
                return false;
        }
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

    /** Of "fragmentation needed"; 0 from routers older than RFC 1191. */
    public int nextHopMtu() {
        return u16(REST + 2);
    }

    /** Where an error's quoted packet, or an echo's data, starts in the buffer. */
    public int embeddedOffset() {
        return offset + HEADER_LENGTH;
    }

    public int embeddedLengthBytes() {
        return available() - HEADER_LENGTH;
    }

    public boolean isChecksumValid() {
        return InternetChecksum.finish(InternetChecksum.sum(buffer, offset, available(), 0)) == 0;
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

    public void rewriteTypeAndCode(int type, int code) {
        final int value = (type & 0xFF) << 8 | code & 0xFF;
        put16(CHECKSUM, InternetChecksum.update16(u16(CHECKSUM), u16(TYPE), value));
        put16(TYPE, value);
    }

    public void rewriteNextHopMtu(int value) {
        put16(CHECKSUM, InternetChecksum.update16(u16(CHECKSUM), u16(REST + 2), value));
        put16(REST + 2, value);
    }

    public void rewriteIdentifier(int value) {
        put16(CHECKSUM, InternetChecksum.update16(u16(CHECKSUM), u16(REST), value));
        put16(REST, value);
    }

    /** Computes the checksum of the whole message anew. */
    public void fillChecksum() {
        final long sum = InternetChecksum.sumWithout(buffer, offset, available(), CHECKSUM, 0);
        put16(CHECKSUM, InternetChecksum.finish(sum));
    }

    @Override
    public void rewritePseudoHeaderAddress(long oldHi, long oldLo, long newHi, long newLo) {}

    @Override
    public void fillChecksum(long srcHi, long srcLo, long dstHi, long dstLo) {
        fillChecksum();
    }
}
