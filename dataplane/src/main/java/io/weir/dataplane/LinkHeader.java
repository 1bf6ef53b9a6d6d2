package io.weir.dataplane;

import io.weir.packet.DirectBytes;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes and reads the 14 bytes of an Ethernet header; a MAC address is the low 48 bits of a long. */
final class LinkHeader {
    static final int BYTES = 14;

    private LinkHeader() {}

    static void write(UnsafeBuffer buffer, int at, long destination, long source, int etherType) {
        buffer.putLong(at, destination << 16 | source >>> 32, ByteOrder.BIG_ENDIAN);
        buffer.putInt(at + 8, (int) source, ByteOrder.BIG_ENDIAN);
        buffer.putShort(at + 12, (short) etherType, ByteOrder.BIG_ENDIAN);
    }

    static long destination(UnsafeBuffer buffer, int at) {
        return buffer.getLong(at, ByteOrder.BIG_ENDIAN) >>> 16;
    }

    /** Is the header at an address in memory (DirectBytes) that of an IPv4 packet to a MAC address, without a tag? */
    static boolean isIpv4For(long at, long mac) {
        return DirectBytes.getLong(at) >>> 16 == mac && DirectBytes.getShort(at + 12) == ProtocolNumbers.ETHERTYPE_IPV4;
    }

    static long source(UnsafeBuffer buffer, int at) {
        return buffer.getLong(at + 4, ByteOrder.BIG_ENDIAN) & 0xFFFF_FFFF_FFFFL;
    }
}
