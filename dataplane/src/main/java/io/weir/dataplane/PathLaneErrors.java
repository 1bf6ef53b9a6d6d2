package io.weir.dataplane;

import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * ICMP errors about packets of {@link PathLanes}: the socket must see its own packet quoted.
 *
 * <p><b>Owner</b>: one worker.
 */
final class PathLaneErrors {
    /** Of ICMP and ICMPv6, before what is quoted. */
    static final int HEADER = 8;

    private static final int UNREACHABLE4 = 3;
    private static final int TIME_EXCEEDED4 = 11;
    private static final int UNREACHABLE6 = 1;
    private static final int TIME_EXCEEDED6 = 3;
    private static final int SHORTEST4 = 20;
    private static final int HEADER6 = 40;
    private static final int PORTS = 4;
    private static final int CHECKSUM4_AT = 10;

    /** Translates the error and hands it to the socket, if it quotes a lane's packet. */
    boolean takes(PacketContext c, PathTun to) {
        final ParsedPacket p = c.packet;
        final UnsafeBuffer b = c.buffer;
        final boolean v4 = p.isV4();
        final int type = b.getByte(p.l4Offset) & 0xFF;
        final boolean error =
                v4 ? type == UNREACHABLE4 || type == TIME_EXCEEDED4 : type == UNREACHABLE6 || type == TIME_EXCEEDED6;
        final int quoted = p.l4Offset + HEADER;
        final int room = p.l4Length - HEADER;
        if (!error || room < (v4 ? SHORTEST4 : HEADER6) + PORTS) {
            return false;
        }
        final int header = v4 ? (b.getByte(quoted) & 0x0F) * Integer.BYTES : HEADER6;
        if (header < SHORTEST4 || room < header + PORTS) {
            return false;
        }
        final int ports = quoted + header;
        final PathLane lane = to.ofPort(b.getShort(ports, ByteOrder.BIG_ENDIAN) & 0xFFFF);
        final int protocol = b.getByte(quoted + (v4 ? 9 : 6)) & 0xFF;
        final long hi = v4 ? 0 : b.getLong(quoted + 8, ByteOrder.BIG_ENDIAN);
        final long lo = v4
                ? IpAddress.v4(b.getInt(quoted + 12, ByteOrder.BIG_ENDIAN))
                : b.getLong(quoted + 16, ByteOrder.BIG_ENDIAN);
        if (lane == null
                || lane.isIcmp()
                || lane.protocol != protocol
                || !lane.isSource(hi, lo)
                || !lane.isSource(p.dstHi, p.dstLo)) {
            return false;
        }
        quote(b, quoted, header, v4, lane);
        Rewriter.address(b, c.l3Offset, v4, true, lane.peer.hi(), lane.peer.lo());
        Rewriter.address(b, c.l3Offset, v4, false, lane.own.hi(), lane.own.lo());
        p.srcHi = lane.peer.hi();
        p.srcLo = lane.peer.lo();
        p.dstHi = lane.own.hi();
        p.dstLo = lane.own.lo();
        checksum(c, p.l4Offset + 2);
        return to.write(b, c.l3Offset, c.l3Length);
    }

    private static void quote(UnsafeBuffer b, int quoted, int header, boolean v4, PathLane lane) {
        Rewriter.address(b, quoted, v4, true, lane.own.hi(), lane.own.lo());
        Rewriter.address(b, quoted, v4, false, lane.peer.hi(), lane.peer.lo());
        b.putShort(quoted + header + 2, (short) lane.virtualPort, ByteOrder.BIG_ENDIAN);
        if (v4) {
            b.putShort(quoted + CHECKSUM4_AT, (short) 0);
            final int sum = InternetChecksum.finish(InternetChecksum.sum(b, quoted, header, 0));
            b.putShort(quoted + CHECKSUM4_AT, (short) sum, ByteOrder.BIG_ENDIAN);
        }
    }

    /** Computes the checksum of an ICMP or ICMPv6 message anew. */
    static void checksum(PacketContext c, int at) {
        final ParsedPacket p = c.packet;
        c.buffer.putShort(at, (short) 0);
        final long pseudo = p.isV4()
                ? 0
                : InternetChecksum.pseudoHeader(p.srcHi, p.srcLo, p.dstHi, p.dstLo, ProtocolNumbers.ICMPV6, p.l4Length);
        final int sum = InternetChecksum.finish(InternetChecksum.sum(c.buffer, p.l4Offset, p.l4Length, pseudo));
        c.buffer.putShort(at, (short) sum, ByteOrder.BIG_ENDIAN);
    }
}
