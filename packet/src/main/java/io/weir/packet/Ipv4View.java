package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows an IPv4 header, options included.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 version, IHL   1 type of service   2 total length
 *   4 identification                     6 flags (reserved, DF, MF), fragment offset / 8
 *   8 time to live   9 protocol         10 header checksum
 *  12 source address
 *  16 destination address
 *  20 options, up to IHL * 4
 * </pre>
 *
 * <p><b>Voids the check</b>: {@link #setVersionAndHeaderLengthBytes}, {@link #setTotalLengthBytes}.
 *
 * <p><b>Source</b>: RFC 791 section 3.1; the limits of {@link #check} are those of ip_rcv in net/ipv4/ip_input.c.
 */
public final class Ipv4View extends HeaderView {
    public static final int MIN_HEADER_LENGTH = 20;

    public static final int FLAG_DF = 0x4000;
    public static final int FLAG_MF = 0x2000;

    private static final int TOS = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FRAGMENT = 6;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    @Override
    public Ipv4View wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    /** Looks at version and lengths, not at the checksum; see {@link #isHeaderChecksumValid}. */
    @Override
    public int check() {
        if (available() < MIN_HEADER_LENGTH) {
            return ParseStatus.TRUNCATED;
        }
        if (version() != 4) {
            return ParseStatus.BAD_VERSION;
        }
        if (headerLengthBytes() < MIN_HEADER_LENGTH) {
            return ParseStatus.BAD_HEADER_LENGTH;
        }
        if (totalLengthBytes() < headerLengthBytes()) {
            return ParseStatus.BAD_LENGTH;
        }
        return totalLengthBytes() > available() ? ParseStatus.TRUNCATED : ParseStatus.OK;
    }

    public int version() {
        return u8(0) >>> 4;
    }

    public int headerLengthBytes() {
        return (u8(0) & 0x0F) << 2;
    }

    public int tos() {
        return u8(TOS);
    }

    public int totalLengthBytes() {
        return u16(TOTAL_LENGTH);
    }

    public int identification() {
        return u16(IDENTIFICATION);
    }

    /** The 16 bits of flags and fragment offset. */
    public int fragmentField() {
        return u16(FRAGMENT);
    }

    public boolean dontFragment() {
        return (fragmentField() & FLAG_DF) != 0;
    }

    public boolean moreFragments() {
        return (fragmentField() & FLAG_MF) != 0;
    }

    public int fragmentOffsetBytes() {
        return (fragmentField() & 0x1FFF) << 3;
    }

    public int timeToLive() {
        return u8(TTL);
    }

    public int protocol() {
        return u8(PROTOCOL);
    }

    public int headerChecksum() {
        return u16(CHECKSUM);
    }

    public int sourceAddr() {
        return s32(SOURCE);
    }

    public int destinationAddr() {
        return s32(DESTINATION);
    }

    /** Where the payload starts in the buffer. */
    public int payloadOffset() {
        return offset + headerLengthBytes();
    }

    /** Does the header sum up to -0, that is, would a receiver take it? */
    public boolean isHeaderChecksumValid() {
        return InternetChecksum.finish(InternetChecksum.sum(buffer, offset, headerLengthBytes(), 0)) == 0;
    }

    public void setVersionAndHeaderLengthBytes(int headerLengthBytes) {
        put8(0, 0x40 | headerLengthBytes >>> 2);
    }

    public void setTos(int value) {
        put8(TOS, value);
    }

    public void setTotalLengthBytes(int value) {
        put16(TOTAL_LENGTH, value);
    }

    public void setIdentification(int value) {
        put16(IDENTIFICATION, value);
    }

    public void setFragmentField(int value) {
        put16(FRAGMENT, value);
    }

    public void setTimeToLive(int value) {
        put8(TTL, value);
    }

    public void setProtocol(int value) {
        put8(PROTOCOL, value);
    }

    public void setHeaderChecksum(int value) {
        put16(CHECKSUM, value);
    }

    public void setSourceAddr(int value) {
        put32(SOURCE, value);
    }

    public void setDestinationAddr(int value) {
        put32(DESTINATION, value);
    }

    /** Computes the header checksum anew. */
    public void fillHeaderChecksum() {
        final long sum = InternetChecksum.sumWithout(buffer, offset, headerLengthBytes(), CHECKSUM, 0);
        put16(CHECKSUM, InternetChecksum.finish(sum));
    }

    public void rewriteTos(int value) {
        rewrite16(0, u8(0) << 8 | value & 0xFF);
    }

    /** Voids the check. */
    public void rewriteTotalLengthBytes(int value) {
        rewrite16(TOTAL_LENGTH, value);
    }

    public void rewriteIdentification(int value) {
        rewrite16(IDENTIFICATION, value);
    }

    public void rewriteFragmentField(int value) {
        rewrite16(FRAGMENT, value);
    }

    public void rewriteTimeToLive(int value) {
        rewrite16(TTL, (value & 0xFF) << 8 | u8(PROTOCOL));
    }

    /** TTL minus one, checksum patched; the caller has seen that it is above 1. */
    public void decrementTtl() {
        rewriteTimeToLive(u8(TTL) - 1);
    }

    public void rewriteSourceAddr(int value) {
        rewrite32(SOURCE, value);
    }

    public void rewriteDestinationAddr(int value) {
        rewrite32(DESTINATION, value);
    }

    public void rewriteSourceAddrForTransport(int value, TransportView transport) {
        transport.rewritePseudoHeaderAddress(0, IpAddress.v4(sourceAddr()), 0, IpAddress.v4(value));
        rewrite32(SOURCE, value);
    }

    public void rewriteDestinationAddrForTransport(int value, TransportView transport) {
        transport.rewritePseudoHeaderAddress(0, IpAddress.v4(destinationAddr()), 0, IpAddress.v4(value));
        rewrite32(DESTINATION, value);
    }

    private void rewrite16(int at, int value) {
        put16(CHECKSUM, InternetChecksum.update16(u16(CHECKSUM), u16(at), value));
        put16(at, value);
    }

    private void rewrite32(int at, int value) {
        put16(CHECKSUM, InternetChecksum.update32(u16(CHECKSUM), s32(at), value));
        put32(at, value);
    }
}
