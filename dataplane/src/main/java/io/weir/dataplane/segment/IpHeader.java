package io.weir.dataplane.segment;

import io.weir.packet.InternetChecksum;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Offsets and small steps over IP headers that cutting and joining share. */
final class IpHeader {
    static final int V4_BYTES = 20;
    static final int V6_BYTES = 40;
    static final int FRAGMENT_BYTES = 8;

    static final int V4_TOTAL_LENGTH = 2;
    static final int V4_ID = 4;
    static final int V4_FRAGMENT = 6;
    static final int V4_CHECKSUM = 10;
    static final int V6_PAYLOAD_LENGTH = 4;
    static final int V6_NEXT_HEADER = 6;

    static final int V4_DF = 0x4000;
    static final int V4_MF = 0x2000;
    static final int V4_OFFSET_MASK = 0x1FFF;

    static final int HOP_BY_HOP = 0;
    static final int ROUTING = 43;
    static final int FRAGMENT = 44;
    static final int DESTINATION_OPTIONS = 60;

    private IpHeader() {}

    static boolean isV4(UnsafeBuffer b, int l3) {
        return (b.getByte(l3) & 0xF0) == 0x40;
    }

    static int headerBytesV4(UnsafeBuffer b, int l3) {
        return (b.getByte(l3) & 0x0F) << 2;
    }

    static int u16(UnsafeBuffer b, int at) {
        return b.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    static void putU16(UnsafeBuffer b, int at, int value) {
        b.putShort(at, (short) value, ByteOrder.BIG_ENDIAN);
    }

    static void computeChecksumV4(UnsafeBuffer b, int l3, int headerBytes) {
        putU16(b, l3 + V4_CHECKSUM, 0);
        putU16(b, l3 + V4_CHECKSUM, InternetChecksum.finish(InternetChecksum.sum(b, l3, headerBytes, 0)));
    }

    /** Bytes of an IPv6 extension header that says its own length in units of 8. */
    static int extensionBytes(UnsafeBuffer b, int at) {
        return ((b.getByte(at + 1) & 0xFF) + 1) << 3;
    }

    /** The address at {@code at} of an IPv4 header, in the low half's form. */
    static long addressV4(UnsafeBuffer b, int at) {
        return 0xFFFF_0000_0000L | b.getInt(at, ByteOrder.BIG_ENDIAN) & 0xFFFF_FFFFL;
    }
}
