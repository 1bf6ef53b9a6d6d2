package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows the fixed IPv6 header; the extension headers behind it are walked by {@link Ipv6Extensions}.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 version (4 bits), traffic class (8), flow label (20)
 *   4 payload length      6 next header      7 hop limit
 *   8 source address
 *  24 destination address                                    (40 bytes)
 * </pre>
 *
 * <p>There is no header checksum, so {@code setX} is all that most fields need.
 *
 * <p><b>Voids the check</b>: {@link #setPayloadLengthBytes}.
 *
 * <p><b>Source</b>: RFC 8200 section 3. Not here: jumbograms (RFC 2675).
 */
public final class Ipv6View extends HeaderView {
    public static final int HEADER_LENGTH = 40;

    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    @Override
    public Ipv6View wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    @Override
    public int check() {
        if (available() < HEADER_LENGTH) {
            return ParseStatus.TRUNCATED;
        }
        if (version() != 6) {
            return ParseStatus.BAD_VERSION;
        }
        return HEADER_LENGTH + payloadLengthBytes() > available() ? ParseStatus.TRUNCATED : ParseStatus.OK;
    }

    public int version() {
        return u8(0) >>> 4;
    }

    public int trafficClass() {
        return u16(0) >>> 4 & 0xFF;
    }

    public int flowLabel() {
        return s32(0) & 0xF_FFFF;
    }

    /** Bytes behind the fixed header, extension headers included. */
    public int payloadLengthBytes() {
        return u16(PAYLOAD_LENGTH);
    }

    public int nextHeader() {
        return u8(NEXT_HEADER);
    }

    public int hopLimit() {
        return u8(HOP_LIMIT);
    }

    public long sourceHi() {
        return s64(SOURCE);
    }

    public long sourceLo() {
        return s64(SOURCE + 8);
    }

    public long destinationHi() {
        return s64(DESTINATION);
    }

    public long destinationLo() {
        return s64(DESTINATION + 8);
    }

    public void setVersionClassAndLabel(int trafficClass, int flowLabel) {
        put32(0, 6 << 28 | (trafficClass & 0xFF) << 20 | flowLabel & 0xF_FFFF);
    }

    public void setTrafficClass(int value) {
        setVersionClassAndLabel(value, flowLabel());
    }

    public void setPayloadLengthBytes(int value) {
        put16(PAYLOAD_LENGTH, value);
    }

    public void setNextHeader(int value) {
        put8(NEXT_HEADER, value);
    }

    public void setHopLimit(int value) {
        put8(HOP_LIMIT, value);
    }

    /** Hop limit minus one; the caller has seen that it is above 1. */
    public void decrementHopLimit() {
        put8(HOP_LIMIT, u8(HOP_LIMIT) - 1);
    }

    public void setSource(long hi, long lo) {
        put64(SOURCE, hi);
        put64(SOURCE + 8, lo);
    }

    public void setDestination(long hi, long lo) {
        put64(DESTINATION, hi);
        put64(DESTINATION + 8, lo);
    }

    public void rewriteSourceForTransport(long hi, long lo, TransportView transport) {
        transport.rewritePseudoHeaderAddress(sourceHi(), sourceLo(), hi, lo);
        setSource(hi, lo);
    }

    public void rewriteDestinationForTransport(long hi, long lo, TransportView transport) {
        transport.rewritePseudoHeaderAddress(destinationHi(), destinationLo(), hi, lo);
        setDestination(hi, lo);
    }
}
