package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/**
 * Memory outside the heap by its address, in network byte order: for the few lines that every packet passes. A buffer may
 * lie on the heap or not, and the compiler puts a barrier around each access to one; not so here.
 *
 * <p><b>Fails</b>: not at all; nothing is checked. The caller knows that the bytes are there. <b>Thread</b>: any.
 */
public final class DirectBytes {
    private static final boolean SWAP = ByteOrder.nativeOrder() != ByteOrder.BIG_ENDIAN;

    private DirectBytes() {}

    public static long getLong(long at) {
        final long value = UnsafeApi.getLong(at);
        return SWAP ? Long.reverseBytes(value) : value;
    }

    public static int getInt(long at) {
        final int value = UnsafeApi.getInt(at);
        return SWAP ? Integer.reverseBytes(value) : value;
    }

    /** 0 to 65535. */
    public static int getShort(long at) {
        final short value = UnsafeApi.getShort(at);
        return (SWAP ? Short.reverseBytes(value) : value) & 0xFFFF;
    }

    /** 0 to 255. */
    public static int getByte(long at) {
        return UnsafeApi.getByte(at) & 0xFF;
    }

    public static void putLong(long at, long value) {
        UnsafeApi.putLong(at, SWAP ? Long.reverseBytes(value) : value);
    }

    public static void putInt(long at, int value) {
        UnsafeApi.putInt(at, SWAP ? Integer.reverseBytes(value) : value);
    }

    public static void putShort(long at, int value) {
        UnsafeApi.putShort(at, SWAP ? Short.reverseBytes((short) value) : (short) value);
    }

    public static void putByte(long at, int value) {
        UnsafeApi.putByte(at, (byte) value);
    }
}
