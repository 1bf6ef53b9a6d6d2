package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows the SCTP common header and the first chunk's type.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 source port   2 destination port   4 verification tag   8 checksum (CRC-32C)   (12 bytes)
 *  12 chunk type   13 chunk flags       14 chunk length
 * </pre>
 *
 * <p>The CRC covers no address and cannot be patched: a {@code rewriteX} computes it over the whole packet. To change
 * both ports, set them and call {@link #fillChecksum} once.
 *
 * <p><b>Source</b>: RFC 9260 section 3.
 */
public final class SctpView extends TransportView {
    public static final int HEADER_LENGTH = 12;
    public static final int CHUNK_HEADER_LENGTH = 4;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int VERIFICATION_TAG = 4;
    private static final int CHECKSUM = 8;

    @Override
    public SctpView wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    @Override
    public int check() {
        return available() < HEADER_LENGTH ? ParseStatus.TRUNCATED : ParseStatus.OK;
    }

    @Override
    public int protocol() {
        return ProtocolNumbers.SCTP;
    }

    public int sourcePort() {
        return u16(SOURCE_PORT);
    }

    public int destinationPort() {
        return u16(DESTINATION_PORT);
    }

    public int verificationTag() {
        return s32(VERIFICATION_TAG);
    }

    /** The checksum field as it stands in the packet. */
    public int checksum() {
        return s32(CHECKSUM);
    }

    /** The type of the first chunk, or -1 if there is none. */
    public int firstChunkType() {
        return available() < HEADER_LENGTH + CHUNK_HEADER_LENGTH ? -1 : u8(HEADER_LENGTH);
    }

    public boolean isChecksumValid() {
        return Crc32c.sctp(buffer, offset, available()) == checksum();
    }

    public void setSourcePort(int value) {
        put16(SOURCE_PORT, value);
    }

    public void setDestinationPort(int value) {
        put16(DESTINATION_PORT, value);
    }

    public void setVerificationTag(int value) {
        put32(VERIFICATION_TAG, value);
    }

    public void rewriteSourcePort(int value) {
        put16(SOURCE_PORT, value);
        fillChecksum();
    }

    public void rewriteDestinationPort(int value) {
        put16(DESTINATION_PORT, value);
        fillChecksum();
    }

    public void fillChecksum() {
        Crc32c.fillSctp(buffer, offset, available());
    }

    @Override
    public void rewritePseudoHeaderAddress(long oldHi, long oldLo, long newHi, long newLo) {}

    @Override
    public void fillChecksum(long srcHi, long srcLo, long dstHi, long dstLo) {
        fillChecksum();
    }
}
