package io.weir.dataplane;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Replaces text in a TCP packet by text of another length. What stands before it moves into the headroom, or out of it.
 *
 * <p><b>Thread</b>: one worker. <b>Source</b>: nf_nat_mangle_tcp_packet() of the Linux kernel, which moves the tail instead.
 */
final class TextEdit {
    private static final int TCP_CHECKSUM = 16;
    private static final int LONGEST_PACKET = 65_535;

    private TextEdit() {}

    /**
     * Puts {@code length} bytes of {@code text} in the place of {@code from} to before {@code end}; the checksums follow.
     *
     * @return false if there is no room, and nothing has changed
     */
    static boolean replace(PacketContext c, int from, int end, byte[] text, int length) {
        final int grown = length - (end - from);
        if (grown > c.headroom || c.l3Length + grown > LONGEST_PACKET) {
            return false;
        }
        final UnsafeBuffer b = c.buffer;
        final ParsedPacket p = c.packet;
        if (grown != 0) {
            b.putBytes(c.l3Offset - grown, b, c.l3Offset, from - c.l3Offset);
            move(c, grown);
            length(b, c, grown);
        }
        b.putBytes(from - grown, text, 0, length);
        if (c.batch.checksumStart[c.index] < 0) {
            checksum(c);
        } else {
            final int at = p.l4Offset + TCP_CHECKSUM;
            final int sum = ~b.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            final int patched = ~InternetChecksum.update16(sum, p.l4Length - grown, p.l4Length);
            b.putShort(at, (short) patched, ByteOrder.BIG_ENDIAN);
            c.batch.checksumStart[c.index] -= grown;
        }
        return true;
    }

    /** Computes the TCP checksum anew. */
    static void checksum(PacketContext c) {
        final int sum = InternetChecksum.transport(c.buffer, c.packet);
        c.buffer.putShort(c.packet.l4Offset + TCP_CHECKSUM, (short) sum, ByteOrder.BIG_ENDIAN);
    }

    /** Is the TCP checksum right, or vouched for by whoever handed us the packet? */
    static boolean checksumIsRight(PacketContext c) {
        return c.packet.protocol != ProtocolNumbers.TCP
                || c.batch.checksumStart[c.index] >= 0
                || InternetChecksum.transportValid(c.buffer, c.packet);
    }

    private static void move(PacketContext c, int grown) {
        final ParsedPacket p = c.packet;
        c.l3Offset -= grown;
        c.l3Length += grown;
        c.headroom -= grown;
        p.l3Offset = c.l3Offset;
        p.l3Length = c.l3Length;
        p.l4Offset -= grown;
        p.l4Length += grown;
    }

    private static void length(UnsafeBuffer b, PacketContext c, int grown) {
        final boolean v4 = c.packet.isV4();
        final int at = c.l3Offset + (v4 ? 2 : 4);
        final int old = b.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        b.putShort(at, (short) (old + grown), ByteOrder.BIG_ENDIAN);
        if (v4) {
            final int sum = b.getShort(c.l3Offset + 10, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            b.putShort(c.l3Offset + 10, (short) InternetChecksum.update16(sum, old, old + grown), ByteOrder.BIG_ENDIAN);
        }
    }
}
