package io.weir.dataplane;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The IPv4 option a host must fill in: Record Route. A host it arrives at adds the address it was sent to, a router the
 * address it sends from.
 *
 * <p><b>Source</b>: RFC 791 section 3.1; ip_options_compile() of the Linux kernel.
 */
final class IpOptions {
    private static final int FIXED_BYTES = 20;
    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int RECORD_ROUTE = 7;
    private static final int ADDRESS_BYTES = 4;

    private IpOptions() {}

    /** Records an address if the packet asks for that; computes the header checksum anew. */
    static void record(PacketContext c, int address) {
        final ParsedPacket p = c.packet;
        if (!p.isV4() || p.l3HeaderLength <= FIXED_BYTES) {
            return;
        }
        final UnsafeBuffer b = c.buffer;
        final int end = p.l3Offset + p.l3HeaderLength;
        int at = p.l3Offset + FIXED_BYTES;
        while (at + 2 < end) {
            final int kind = b.getByte(at) & 0xFF;
            if (kind == END) {
                return;
            }
            final int length = kind == NO_OPERATION ? 1 : b.getByte(at + 1) & 0xFF;
            if (length == 0 || at + length > end) {
                return;
            }
            if (kind == RECORD_ROUTE) {
                fill(b, at, length, address);
                final int sumAt = p.l3Offset + 10;
                b.putShort(sumAt, (short) 0);
                final int sum = InternetChecksum.finish(InternetChecksum.sum(b, p.l3Offset, p.l3HeaderLength, 0));
                b.putShort(sumAt, (short) sum, ByteOrder.BIG_ENDIAN);
                return;
            }
            at += length;
        }
    }

    private static void fill(UnsafeBuffer b, int option, int length, int address) {
        // The pointer counts from 1 and says where the next address goes.
        final int pointer = b.getByte(option + 2) & 0xFF;
        if (pointer >= ADDRESS_BYTES && pointer - 1 + ADDRESS_BYTES <= length) {
            b.putInt(option + pointer - 1, address, ByteOrder.BIG_ENDIAN);
            b.putByte(option + 2, (byte) (pointer + ADDRESS_BYTES));
        }
    }
}
