package io.weir.dataplane.forward;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.dataplane.PacketContext;
import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * TOA: the client's address and port in a TCP option towards a FULLNAT real server.
 *
 * <p><b>Layout</b>, directly behind the fixed header: kind 254, length 8, port, IPv4 address; for an IPv6 client length
 * 20 and 16 bytes of address. It goes into the first packets only: while the client acknowledges nothing beyond the
 * server's SYN. It is left out if the packet would exceed the MTU or the header 60 bytes. So that full segments have room
 * for it, the MSS the server announces is lowered by the option's length.
 *
 * <p><b>Source</b>: alibaba/LVS and iqiyi/dpvs.
 */
final class ToaOption {
    private static final int KIND = 254;
    private static final int V4_BYTES = 8;
    private static final int V6_BYTES = 20;
    private static final int TCP_FIXED = 20;
    private static final int MOST_TCP_HEADER = 60;
    private static final int MSS_KIND = 2;
    private static final int MSS_BYTES = 4;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;

    private ToaOption() {}

    /** Remembers the server's initial sequence number, and makes room in the client's segments. */
    static void onReply(ConnectionTable table, PacketContext c) {
        final int id = c.connection;
        if (!isWanted(c) || (c.packet.tcpFlags & TcpFlags.SYN) == 0) {
            return;
        }
        table.extra(id, c.buffer.getInt(c.packet.l4Offset + 4, ByteOrder.BIG_ENDIAN));
        table.changeFlags(id, ConnectionFlags.REPLIED, 0);
        lowerMss(c, bytesFor(table, id));
    }

    /** Does this packet of the client carry the option? Asked before anything is rewritten. */
    static boolean isDue(ConnectionTable table, PacketContext c) {
        final int id = c.connection;
        if (!isWanted(c)
                || (c.packet.tcpFlags & (TcpFlags.SYN | TcpFlags.RST)) != 0
                || (c.packet.tcpFlags & TcpFlags.ACK) == 0
                || !table.hasFlags(id, ConnectionFlags.REPLIED)) {
            return false;
        }
        final int ack = c.buffer.getInt(c.packet.l4Offset + 8, ByteOrder.BIG_ENDIAN);
        return ack == table.extra(id) + 1;
    }

    private static boolean isWanted(PacketContext c) {
        return c.packet.protocol == ProtocolNumbers.TCP
                && HotRecord.hasFlags(c.record, ConnectionFlags.ANNOUNCE_CLIENT);
    }

    private static int bytesFor(ConnectionTable table, int id) {
        return IpAddress.isV4(table.clientHi(id), table.clientLo(id)) ? V4_BYTES : V6_BYTES;
    }

    /** Puts the option in: the headers before it move down into the headroom. */
    static void insert(ConnectionTable table, PacketContext c, int mtu) {
        final int id = c.connection;
        final int bytes = bytesFor(table, id);
        if (c.wireLength() + bytes > mtu || c.packet.tcpHeaderLength + bytes > MOST_TCP_HEADER || c.headroom < bytes) {
            return;
        }
        final UnsafeBuffer b = c.buffer;
        final int fixed = c.packet.l3HeaderLength + TCP_FIXED;
        b.putBytes(c.l3Offset - bytes, b, c.l3Offset, fixed);
        c.l3Offset -= bytes;
        c.l3Length += bytes;
        c.headroom -= bytes;
        final int tcp = c.l3Offset + c.packet.l3HeaderLength;
        write(table, id, b, tcp + TCP_FIXED, bytes);
        grow(c, tcp, bytes);
        if (c.batch.checksumStart[c.index] >= 0) {
            c.batch.checksumStart[c.index] -= bytes;
        }
        c.packet.l3Offset = c.l3Offset;
        c.packet.l3Length = c.l3Length;
        c.packet.l4Offset = tcp;
        c.packet.l4Length += bytes;
        c.packet.tcpHeaderLength += bytes;
        if (c.batch.checksumStart[c.index] < 0) {
            final int old = b.getShort(tcp + 16, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            final int optionSum = InternetChecksum.fold(InternetChecksum.sum(b, tcp + TCP_FIXED, bytes, 0));
            b.putShort(tcp + 16, (short) InternetChecksum.update16(old, 0, optionSum), ByteOrder.BIG_ENDIAN);
        }
    }

    private static void write(ConnectionTable table, int id, UnsafeBuffer b, int at, int bytes) {
        b.putByte(at, (byte) KIND);
        b.putByte(at + 1, (byte) bytes);
        b.putShort(at + 2, (short) table.clientPort(id), ByteOrder.BIG_ENDIAN);
        if (bytes == V4_BYTES) {
            b.putInt(at + 4, (int) table.clientLo(id), ByteOrder.BIG_ENDIAN);
        } else {
            b.putLong(at + 4, table.clientHi(id), ByteOrder.BIG_ENDIAN);
            b.putLong(at + 12, table.clientLo(id), ByteOrder.BIG_ENDIAN);
        }
    }

    /** Lengths in the IP header, the data offset, and the checksums they take part in. */
    private static void grow(PacketContext c, int tcp, int bytes) {
        final UnsafeBuffer b = c.buffer;
        if (c.packet.isV4()) {
            final int old = b.getShort(c.l3Offset + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            final int sum = b.getShort(c.l3Offset + 10, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            b.putShort(c.l3Offset + 2, (short) (old + bytes), ByteOrder.BIG_ENDIAN);
            b.putShort(c.l3Offset + 10, (short) InternetChecksum.update16(sum, old, old + bytes), ByteOrder.BIG_ENDIAN);
        } else {
            final int old = b.getShort(c.l3Offset + 4, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            b.putShort(c.l3Offset + 4, (short) (old + bytes), ByteOrder.BIG_ENDIAN);
        }
        final int oldWord = b.getShort(tcp + 12, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final int newWord = oldWord + (bytes / 4 << 12);
        b.putShort(tcp + 12, (short) newWord, ByteOrder.BIG_ENDIAN);
        final int field = b.getShort(tcp + 16, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final int length = c.packet.l4Length;
        final int patched;
        if (c.batch.checksumStart[c.index] >= 0) {
            patched = ~InternetChecksum.update16(~field & 0xFFFF, length & 0xFFFF, length + bytes & 0xFFFF);
        } else {
            patched = InternetChecksum.update16(
                    InternetChecksum.update16(field, oldWord, newWord), length & 0xFFFF, length + bytes & 0xFFFF);
        }
        b.putShort(tcp + 16, (short) patched, ByteOrder.BIG_ENDIAN);
    }

    private static void lowerMss(PacketContext c, int bytes) {
        final UnsafeBuffer b = c.buffer;
        final int end = c.packet.l4Offset + c.packet.tcpHeaderLength;
        int at = c.packet.l4Offset + TCP_FIXED;
        while (at + 1 < end) {
            final int kind = b.getByte(at) & 0xFF;
            if (kind == END_OF_OPTIONS) {
                return;
            }
            final int length = kind == NO_OPERATION ? 1 : b.getByte(at + 1) & 0xFF;
            if (length == 0 || kind != NO_OPERATION && length < 2) {
                return;
            }
            if (kind == MSS_KIND && length == MSS_BYTES && at + MSS_BYTES <= end) {
                patchMss(c, at + 2, bytes);
                return;
            }
            at += length;
        }
    }

    private static void patchMss(PacketContext c, int at, int bytes) {
        final UnsafeBuffer b = c.buffer;
        final int old = b.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final int lower = Math.max(old - bytes, 0);
        b.putShort(at, (short) lower, ByteOrder.BIG_ENDIAN);
        if (c.batch.checksumStart[c.index] < 0) {
            final int sumAt = c.packet.l4Offset + 16;
            final int sum = b.getShort(sumAt, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            // An option may begin at an odd byte: then its bytes stand swapped in the sum.
            final boolean odd = (at - c.packet.l4Offset & 1) != 0;
            final int from = odd ? Short.reverseBytes((short) old) & 0xFFFF : old;
            final int to = odd ? Short.reverseBytes((short) lower) & 0xFFFF : lower;
            b.putShort(sumAt, (short) InternetChecksum.update16(sum, from, to), ByteOrder.BIG_ENDIAN);
        }
    }
}
