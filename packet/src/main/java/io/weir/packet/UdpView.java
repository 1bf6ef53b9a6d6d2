package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows a UDP header.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 source port   2 destination port   4 length   6 checksum   (8 bytes)
 * </pre>
 *
 * <p><b>Zero checksum</b>: 0 says that the sender computed none. {@code rewriteX} leaves a 0 alone, for a view cannot
 * patch what is not there; a forwarding method that wants one calls {@link #fillChecksum} (IPVS does under
 * masquerading). A checksum that comes out as 0 is written as 0xFFFF.
 *
 * <p><b>Voids the check</b>: {@link #setLengthBytes}.
 *
 * <p><b>Source</b>: RFC 768, RFC 8200 section 8.1.
 */
public final class UdpView extends TransportView {
    public static final int HEADER_LENGTH = 8;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int LENGTH = 4;
    private static final int CHECKSUM = 6;

    @Override
    public UdpView wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    @Override
    public int check() {
        if (available() < HEADER_LENGTH) {
            return ParseStatus.TRUNCATED;
        }
        final int length = lengthBytes();
        return length < HEADER_LENGTH || length > available() ? ParseStatus.BAD_LENGTH : ParseStatus.OK;
    }

    @Override
    public int protocol() {
        return ProtocolNumbers.UDP;
    }

    public int sourcePort() {
        return u16(SOURCE_PORT);
    }

    public int destinationPort() {
        return u16(DESTINATION_PORT);
    }

    /** Header and payload. */
    public int lengthBytes() {
        return u16(LENGTH);
    }

    public int checksum() {
        return u16(CHECKSUM);
    }

    public boolean hasChecksum() {
        return u16(CHECKSUM) != 0;
    }

    public void setSourcePort(int value) {
        put16(SOURCE_PORT, value);
    }

    public void setDestinationPort(int value) {
        put16(DESTINATION_PORT, value);
    }

    public void setLengthBytes(int value) {
        put16(LENGTH, value);
    }

    public void setChecksum(int value) {
        put16(CHECKSUM, value);
    }

    public void rewriteSourcePort(int value) {
        patch16(u16(SOURCE_PORT), value);
        put16(SOURCE_PORT, value);
    }

    public void rewriteDestinationPort(int value) {
        patch16(u16(DESTINATION_PORT), value);
        put16(DESTINATION_PORT, value);
    }

    private void patch16(int oldValue, int newValue) {
        if (hasChecksum()) {
            put16(CHECKSUM, InternetChecksum.udp(InternetChecksum.update16(u16(CHECKSUM), oldValue, newValue)));
        }
    }

    @Override
    public void rewritePseudoHeaderAddress(long oldHi, long oldLo, long newHi, long newLo) {
        if (hasChecksum()) {
            final int patched = InternetChecksum.updateAddress(u16(CHECKSUM), oldHi, oldLo, newHi, newLo);
            put16(CHECKSUM, InternetChecksum.udp(patched));
        }
    }

    @Override
    public void fillChecksum(long srcHi, long srcLo, long dstHi, long dstLo) {
        final int declared = lengthBytes();
        final int length = declared >= HEADER_LENGTH && declared <= available() ? declared : available();
        put16(CHECKSUM, InternetChecksum.udp(computeWithPseudoHeader(srcHi, srcLo, dstHi, dstLo, length)));
    }
}
