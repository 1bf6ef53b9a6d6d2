package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows the fields of one protocol header in place, without copying.
 *
 * <p><b>Contract</b>: {@code wrap} only notes where the bytes are and reads nothing. {@link #check} looks at the bytes
 * once and returns a {@link ParseStatus}; after OK no getter reads outside {@code [offset, limit)}, until a setter
 * that the class lists under "voids the check" is called. When writing a header into fresh memory, {@code check} means
 * nothing until all fields are set.
 *
 * <p><b>Setters</b>: {@code setX} writes the field and nothing else; {@code rewriteX} also patches the checksum of this
 * header; {@code rewriteXForTransport} patches the transport's checksum too, since its pseudo-header covers the field.
 *
 * <p><b>Units/order</b>: values in host order; lengths in bytes with the unit in the name; IPv4 addresses are ints, MAC
 * addresses the low 48 bits of a long, IPv6 addresses two longs.
 *
 * <p><b>Owner</b>: one worker; reused for every packet, never stored.
 */
public abstract sealed class HeaderView permits EthernetView, ArpView, Ipv4View, Ipv6View, TransportView {
    private static final UnsafeBuffer NOTHING = new UnsafeBuffer(new byte[0]);

    UnsafeBuffer buffer = NOTHING;
    int offset;
    int limit;

    /**
     * Points this view at the header at {@code offset}; its bytes, payload included, end before {@code limit}.
     *
     * @return this view
     */
    public abstract HeaderView wrap(UnsafeBuffer buffer, int offset, int limit);

    /** Looks at lengths and version: a {@link ParseStatus}. */
    public abstract int check();

    /** Where the header starts in the buffer. */
    public final int offset() {
        return offset;
    }

    /** Where the bytes of header and payload end in the buffer. */
    public final int limit() {
        return limit;
    }

    final void point(UnsafeBuffer newBuffer, int newOffset, int newLimit) {
        buffer = newBuffer;
        offset = newOffset;
        limit = newLimit;
    }

    final int available() {
        return limit - offset;
    }

    final int u8(int at) {
        return buffer.getByte(offset + at) & 0xFF;
    }

    final int u16(int at) {
        return buffer.getShort(offset + at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    final int s32(int at) {
        return buffer.getInt(offset + at, ByteOrder.BIG_ENDIAN);
    }

    final long s64(int at) {
        return buffer.getLong(offset + at, ByteOrder.BIG_ENDIAN);
    }

    final long mac(int at) {
        return (long) u16(at) << 32 | s32(at + 2) & 0xFFFF_FFFFL;
    }

    final void put8(int at, int value) {
        buffer.putByte(offset + at, (byte) value);
    }

    final void put16(int at, int value) {
        buffer.putShort(offset + at, (short) value, ByteOrder.BIG_ENDIAN);
    }

    final void put32(int at, int value) {
        buffer.putInt(offset + at, value, ByteOrder.BIG_ENDIAN);
    }

    final void put64(int at, long value) {
        buffer.putLong(offset + at, value, ByteOrder.BIG_ENDIAN);
    }

    final void putMac(int at, long value) {
        put16(at, (int) (value >>> 32));
        put32(at + 2, (int) value);
    }
}
