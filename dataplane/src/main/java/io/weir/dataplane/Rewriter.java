package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.Crc32c;
import io.weir.packet.DirectBytes;
import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Changes addresses and ports of a packet in place and keeps its checksums as right, or as wrong, as they were.
 *
 * <p>Sums are patched after RFC 1624. A partial checksum (the sender left it to the NIC) holds only the sum of the pseudo
 * header, not inverted: an address change patches it uninverted, a port change leaves it. A UDP checksum of 0 is replaced
 * by a computed one, as the kernel does under NAT; SCTP's CRC32c is computed anew if a port changed.
 *
 * <p><b>Thread</b>: stateless.
 */
public final class Rewriter {
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int NO_CHECKSUM = -1;
    /** Where TCP begins in a plain packet over IPv4. */
    private static final int TCP4 = 20;
    /** One TTL, in the word of TTL, protocol and checksum. */
    private static final int ONE_TTL = 0x0100_0000;
    /** What one TTL less adds to a sum: 0x0100 taken away, modulo 0xFFFF. */
    private static final long LOWER_TTL = 0xFEFF;

    private static final long LOW_32 = 0xFFFF_FFFFL;

    private Rewriter() {}

    /** Gives the packet another source address and port. */
    public static void source(PacketContext c, long hi, long lo, int port) {
        endpoint(c, c.packet.srcHi, c.packet.srcLo, hi, lo, true, port);
        c.packet.srcHi = hi;
        c.packet.srcLo = lo;
    }

    /** Gives the packet another destination address and port. */
    public static void destination(PacketContext c, long hi, long lo, int port) {
        endpoint(c, c.packet.dstHi, c.packet.dstLo, hi, lo, false, port);
        c.packet.dstHi = hi;
        c.packet.dstLo = lo;
    }

    /** Gives the packet another source and another destination: both in one patch of each checksum. */
    public static void both(PacketContext c, long srcHi, long srcLo, int srcPort, long dstHi, long dstLo, int dstPort) {
        final ParsedPacket p = c.packet;
        if (!p.isV4() || p.protocol != ProtocolNumbers.TCP || c.batch.checksumStart[c.index] >= 0) {
            source(c, srcHi, srcLo, srcPort);
            destination(c, dstHi, dstLo, dstPort);
            return;
        }
        final UnsafeBuffer b = c.buffer;
        final int l3 = c.l3Offset;
        final long addresses = change(p.srcLo, srcLo) + change(p.dstLo, dstLo);
        final long ip = ~b.getShort(l3 + 10, ByteOrder.BIG_ENDIAN) & 0xFFFFL;
        b.putLong(l3 + 12, srcLo << 32 | dstLo & LOW_32, ByteOrder.BIG_ENDIAN);
        b.putShort(l3 + 10, (short) InternetChecksum.finish(ip + addresses), ByteOrder.BIG_ENDIAN);
        final int oldPorts = b.getInt(p.l4Offset, ByteOrder.BIG_ENDIAN);
        final int newPorts = srcPort << 16 | dstPort;
        final int at = p.l4Offset + TCP_CHECKSUM;
        final long tcp = ~b.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFFL;
        b.putInt(p.l4Offset, newPorts, ByteOrder.BIG_ENDIAN);
        final int sum = InternetChecksum.finish(tcp + addresses + change(oldPorts, newPorts));
        b.putShort(at, (short) sum, ByteOrder.BIG_ENDIAN);
        p.srcLo = srcLo;
        p.dstLo = dstLo;
    }

    /**
     * Gives a plain TCP segment over IPv4, with a whole checksum, another destination, and lowers its TTL.
     *
     * @param ip the address in memory of its IP header (PlainPacket)
     */
    public static void tcpDestination(long ip, long address, int port) {
        final long changed = change(DirectBytes.getInt(ip + 16), address);
        lowerTtl(ip, changed);
        DirectBytes.putInt(ip + 16, (int) address);
        final int oldPort = DirectBytes.getShort(ip + TCP4 + 2);
        final long sum = ~DirectBytes.getShort(ip + TCP4 + TCP_CHECKSUM) & 0xFFFFL;
        final long ports = (~oldPort & 0xFFFFL) + port;
        DirectBytes.putShort(ip + TCP4 + 2, port);
        DirectBytes.putShort(ip + TCP4 + TCP_CHECKSUM, InternetChecksum.finish(sum + changed + ports));
    }

    /** The same with another source, too. */
    public static void tcpBoth(long ip, long srcLo, int srcPort, long dstLo, int dstPort) {
        final long addresses = change(DirectBytes.getInt(ip + 12), srcLo) + change(DirectBytes.getInt(ip + 16), dstLo);
        lowerTtl(ip, addresses);
        DirectBytes.putLong(ip + 12, srcLo << 32 | dstLo & LOW_32);
        final int ports = srcPort << 16 | dstPort;
        final long sum = ~DirectBytes.getShort(ip + TCP4 + TCP_CHECKSUM) & 0xFFFFL;
        final long changed = addresses + change(DirectBytes.getInt(ip + TCP4), ports);
        DirectBytes.putInt(ip + TCP4, ports);
        DirectBytes.putShort(ip + TCP4 + TCP_CHECKSUM, InternetChecksum.finish(sum + changed));
    }

    /** Lowers the TTL of an IPv4 header by one, and patches its checksum for that and for what else changes in it. */
    private static void lowerTtl(long ip, long changed) {
        final int word = DirectBytes.getInt(ip + 8);
        final int sum = InternetChecksum.finish((~word & 0xFFFFL) + changed + LOWER_TTL);
        DirectBytes.putInt(ip + 8, word - ONE_TTL & 0xFFFF_0000 | sum);
    }

    /** What replacing 32 bits adds to a sum (RFC 1624). */
    private static long change(long before, long after) {
        return (~before & LOW_32) + (after & LOW_32);
    }

    /** To be called once after the last change: computes what cannot be patched. */
    public static void finish(PacketContext c, boolean portChanged) {
        final ParsedPacket p = c.packet;
        if (p.protocol == ProtocolNumbers.UDP && c.batch.checksumStart[c.index] < 0) {
            final int at = p.l4Offset + UDP_CHECKSUM;
            if (c.buffer.getShort(at) == 0) {
                c.buffer.putShort(at, (short) InternetChecksum.transport(c.buffer, p), ByteOrder.BIG_ENDIAN);
            }
        } else if (p.protocol == ProtocolNumbers.SCTP && portChanged) {
            Crc32c.fillSctp(c.buffer, p.l4Offset, p.l4Length);
        }
    }

    /** Writes an address into the IP header at {@code l3Offset}; patches an IPv4 header checksum. */
    static void address(UnsafeBuffer b, int l3Offset, boolean v4, boolean source, long hi, long lo) {
        if (v4) {
            final int at = l3Offset + (source ? 12 : 16);
            final int old = b.getInt(at, ByteOrder.BIG_ENDIAN);
            final int sum = b.getShort(l3Offset + 10, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            b.putInt(at, (int) lo, ByteOrder.BIG_ENDIAN);
            b.putShort(l3Offset + 10, (short) InternetChecksum.update32(sum, old, (int) lo), ByteOrder.BIG_ENDIAN);
        } else {
            final int at = l3Offset + (source ? 8 : 24);
            b.putLong(at, hi, ByteOrder.BIG_ENDIAN);
            b.putLong(at + 8, lo, ByteOrder.BIG_ENDIAN);
        }
    }

    private static void endpoint(PacketContext c, long oldHi, long oldLo, long hi, long lo, boolean source, int port) {
        final ParsedPacket p = c.packet;
        address(c.buffer, c.l3Offset, p.isV4(), source, hi, lo);
        if (Protocols.isIpsec(p.protocol)) {
            return;
        }
        final int portAt = source ? p.l4Offset : p.l4Offset + 2;
        final int oldPort = c.buffer.getShort(portAt, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        if (oldPort != port) {
            c.buffer.putShort(portAt, (short) port, ByteOrder.BIG_ENDIAN);
        }
        final int at = checksumAt(p);
        if (at == NO_CHECKSUM) {
            return;
        }
        final int field = c.buffer.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final int patched;
        if (c.batch.checksumStart[c.index] >= 0) {
            patched = ~InternetChecksum.updateAddress(~field & 0xFFFF, oldHi, oldLo, hi, lo);
        } else if (field == 0 && p.protocol == ProtocolNumbers.UDP) {
            return;
        } else {
            patched = mangled(p, InternetChecksum.updateEndpoint(field, oldHi, oldLo, oldPort, hi, lo, port));
        }
        c.buffer.putShort(at, (short) patched, ByteOrder.BIG_ENDIAN);
    }

    /** RFC 768: a computed UDP checksum of zero is sent as all ones. */
    private static int mangled(ParsedPacket p, int checksum) {
        return checksum == 0 && p.protocol == ProtocolNumbers.UDP ? 0xFFFF : checksum;
    }

    private static int checksumAt(ParsedPacket p) {
        return switch (p.protocol) {
            case ProtocolNumbers.TCP -> p.l4Offset + TCP_CHECKSUM;
            case ProtocolNumbers.UDP -> p.l4Offset + UDP_CHECKSUM;
            default -> NO_CHECKSUM;
        };
    }

    /** Lowers TTL or hop limit by one, with the IPv4 header checksum. */
    static void decrementTtl(UnsafeBuffer b, int l3Offset, boolean v4) {
        if (!v4) {
            b.putByte(l3Offset + 7, (byte) (b.getByte(l3Offset + 7) - 1));
            return;
        }
        // One less in the high byte of its word is 0x0100 more in the checksum (RFC 1141; ip_decrease_ttl()).
        final int sum = (b.getShort(l3Offset + 10, ByteOrder.BIG_ENDIAN) & 0xFFFF) + 0x100;
        b.putShort(l3Offset + 10, (short) (sum + (sum >= 0xFFFF ? 1 : 0)), ByteOrder.BIG_ENDIAN);
        b.putByte(l3Offset + 8, (byte) (b.getByte(l3Offset + 8) - 1));
    }

    /** The same for the IP header at an address in memory (DirectBytes). */
    public static void decrementTtl(long ip, boolean v4) {
        if (!v4) {
            DirectBytes.putByte(ip + 7, DirectBytes.getByte(ip + 7) - 1);
            return;
        }
        // TTL, protocol and checksum are one word
        final int word = DirectBytes.getInt(ip + 8);
        final int sum = (word & 0xFFFF) + 0x100;
        DirectBytes.putInt(ip + 8, word - ONE_TTL & 0xFFFF_0000 | sum + (sum >= 0xFFFF ? 1 : 0) & 0xFFFF);
    }

    /** Completes a checksum that its sender left to the NIC. */
    public static void completeChecksum(PacketContext c) {
        final PacketBatch batch = c.batch;
        final int start = batch.checksumStart[c.index];
        if (start < 0) {
            return;
        }
        final int from = batch.offset[c.index] + start;
        final int at = from + batch.checksumOffset[c.index];
        final int end = c.packet.l3Offset + c.packet.l3Length;
        final int sum = InternetChecksum.finish(InternetChecksum.sum(c.buffer, from, end - from, 0));
        c.buffer.putShort(at, (short) (sum == 0 ? 0xFFFF : sum), ByteOrder.BIG_ENDIAN);
        batch.checksumStart[c.index] = -1;
    }
}
