package io.weir.dataplane.forward;

import io.weir.packet.DirectBytes;
import io.weir.packet.InternetChecksum;
import io.weir.packet.PlainPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination.Tunnel;
import io.weir.service.Destination.TunnelChecksum;
import io.weir.service.Destination.TunnelType;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The headers a tunnel puts in front of a packet: IPv4 or IPv6, then nothing (IPIP), GRE, or UDP and GUE.
 *
 * <p><b>Layout</b>: GRE is 4 bytes (flags, EtherType), 8 with checksum (RFC 2784); GUE is UDP and {@code 00 proto 00 00}
 * (variant 0, draft-ietf-intarea-gue).
 *
 * <p><b>Source</b>: ip_vs_tunnel_xmit(), ip_vs_gue_encap() and ip_vs_gre_encap() of the Linux kernel. <b>Owner</b>: one
 * worker; {@link #addresses} and {@link #inner}, then {@link #prepend} for each packet.
 */
public final class OuterHeader {
    static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int GRE_BYTES = 4;
    private static final int GRE_CHECKSUM_BYTES = 8;
    private static final int UDP_BYTES = 8;
    private static final int GUE_BYTES = 4;
    private static final int GRE_CHECKSUM_PRESENT = 0x8000;
    private static final int DF = 0x4000;
    private static final long LOW_32 = 0xFFFF_FFFFL;
    private static final int ECN_MASK = 3;
    private static final int ECN_CE = 3;
    private static final int ECT_0 = 2;

    private long sourceHi;
    private long sourceLo;
    private long destinationHi;
    private long destinationLo;
    private boolean outerV4;
    private boolean innerV4;
    private int tos;
    private int ttl;
    private boolean dontFragment;
    private Tunnel tunnel = Tunnel.IPIP;
    private int sourcePort;
    private int nextId = 1;

    /** Bytes in front of the packet. */
    static int bytes(boolean outerV4, Tunnel tunnel) {
        final int ip = outerV4 ? IPV4_BYTES : IPV6_BYTES;
        return switch (tunnel.type()) {
            case IPIP -> ip;
            case GRE -> ip + (hasChecksum(tunnel) ? GRE_CHECKSUM_BYTES : GRE_BYTES);
            case GUE -> ip + UDP_BYTES + GUE_BYTES;
        };
    }

    private static boolean hasChecksum(Tunnel tunnel) {
        return tunnel.type() == TunnelType.GRE
                ? tunnel.checksum() == TunnelChecksum.CSUM
                : tunnel.checksum() != TunnelChecksum.NONE;
    }

    void addresses(long srcHi, long srcLo, long dstHi, long dstLo, boolean v4) {
        sourceHi = srcHi;
        sourceLo = srcLo;
        destinationHi = dstHi;
        destinationLo = dstLo;
        outerV4 = v4;
    }

    /**
     * What the outer header takes over from the inner one.
     *
     * @param innerTos congestion experienced becomes ECT(0) outside (RFC 3168 section 9.1.1, full functionality)
     * @param innerTtl after the decrement
     * @param flowHash chooses GUE's source port
     */
    void inner(boolean v4, int innerTos, int innerTtl, boolean df, Tunnel how, int flowHash) {
        innerV4 = v4;
        tos = outerTos(innerTos);
        ttl = innerTtl;
        dontFragment = df;
        tunnel = how;
        sourcePort = 0xC000 | flowHash & 0x3FFF;
    }

    private static int outerTos(int innerTos) {
        return (innerTos & ECN_MASK) == ECN_CE ? innerTos & ~ECN_MASK | ECT_0 : innerTos;
    }

    /** Writes the headers so that they end where {@code length} bytes of inner packet begin. */
    public void prepend(UnsafeBuffer b, int innerAt, int length) {
        final int innerProtocol = innerV4 ? ProtocolNumbers.IPIP : ProtocolNumbers.IPV6;
        switch (tunnel.type()) {
            case IPIP -> ip(b, innerAt, length, innerProtocol);
            case GRE -> gre(b, innerAt, length);
            case GUE -> gue(b, innerAt, length, innerProtocol);
        }
    }

    private void gre(UnsafeBuffer b, int innerAt, int length) {
        final boolean checksum = hasChecksum(tunnel);
        final int bytes = checksum ? GRE_CHECKSUM_BYTES : GRE_BYTES;
        final int at = innerAt - bytes;
        b.putShort(at, (short) (checksum ? GRE_CHECKSUM_PRESENT : 0), ByteOrder.BIG_ENDIAN);
        b.putShort(
                at + 2,
                (short) (innerV4 ? ProtocolNumbers.ETHERTYPE_IPV4 : ProtocolNumbers.ETHERTYPE_IPV6),
                ByteOrder.BIG_ENDIAN);
        if (checksum) {
            b.putInt(at + 4, 0);
            final int sum = InternetChecksum.finish(InternetChecksum.sum(b, at, bytes + length, 0));
            b.putShort(at + 4, (short) sum, ByteOrder.BIG_ENDIAN);
        }
        ip(b, at, bytes + length, ProtocolNumbers.GRE);
    }

    private void gue(UnsafeBuffer b, int innerAt, int length, int innerProtocol) {
        final int at = innerAt - GUE_BYTES - UDP_BYTES;
        final int udpLength = UDP_BYTES + GUE_BYTES + length;
        b.putInt(at + UDP_BYTES, innerProtocol << 16, ByteOrder.BIG_ENDIAN);
        b.putShort(at, (short) sourcePort, ByteOrder.BIG_ENDIAN);
        b.putShort(at + 2, (short) tunnel.port(), ByteOrder.BIG_ENDIAN);
        b.putShort(at + 4, (short) udpLength, ByteOrder.BIG_ENDIAN);
        b.putShort(at + 6, (short) 0);
        if (hasChecksum(tunnel)) {
            final long pseudo = InternetChecksum.pseudoHeader(
                    sourceHi, sourceLo, destinationHi, destinationLo, ProtocolNumbers.UDP, udpLength);
            final int sum = InternetChecksum.finish(InternetChecksum.sum(b, at, udpLength, pseudo));
            b.putShort(at + 6, (short) (sum == 0 ? 0xFFFF : sum), ByteOrder.BIG_ENDIAN);
        }
        ip(b, at, udpLength, ProtocolNumbers.UDP);
    }

    private void ip(UnsafeBuffer b, int payloadAt, int payloadLength, int protocol) {
        if (outerV4) {
            ipv4(b, payloadAt - IPV4_BYTES, payloadLength, protocol);
        } else {
            ipv6(b, payloadAt - IPV6_BYTES, payloadLength, protocol);
        }
    }

    /** Puts IPv4 in front of an IPv4 packet at an address (PlainPacket), whose TTL was lowered already. */
    void prependIpip(long ip, boolean takesDf, long source, long destination) {
        final long inner = DirectBytes.getLong(ip);
        final boolean df = takesDf && (inner & DF) != 0;
        final long first = first(outerTos((int) (inner >>> 48) & 0xFF), (int) (inner >>> 32) & 0xFFFF, df);
        final long ttl = PlainPacket.ttl(ip, true);
        final long second = ttl << 56 | (long) ProtocolNumbers.IPIP << 48 | source & LOW_32;
        final long at = ip - IPV4_BYTES;
        DirectBytes.putLong(at, first);
        DirectBytes.putLong(at + 8, second | checksum(first, second, destination));
        DirectBytes.putInt(at + 16, (int) destination);
    }

    private void ipv4(UnsafeBuffer b, int at, int payloadLength, int protocol) {
        final long first = first(tos, payloadLength, dontFragment);
        final long second = (long) ttl << 56 | (long) protocol << 48 | sourceLo & LOW_32;
        // whole words: bytes read back as a word, right after they were written one by one, stall the processor
        b.putLong(at, first, ByteOrder.BIG_ENDIAN);
        b.putLong(at + 8, second | checksum(first, second, destinationLo), ByteOrder.BIG_ENDIAN);
        b.putInt(at + 16, (int) destinationLo, ByteOrder.BIG_ENDIAN);
    }

    /** Version to fragment offset. RFC 6864: an ID has a meaning only where fragmentation may happen. */
    private long first(int outerTos, int payloadLength, boolean df) {
        final int idAndFlags = df ? DF : (nextId++ & 0xFFFF) << 16;
        return 0x45L << 56 | (long) outerTos << 48 | (IPV4_BYTES + payloadLength & 0xFFFFL) << 32 | idAndFlags & LOW_32;
    }

    /** Of the header whose words these are, in its place in the second. */
    private static long checksum(long first, long second, long destination) {
        final long sum = (first >>> 32) + (first & LOW_32) + (second >>> 32) + (second & LOW_32);
        return (long) InternetChecksum.finish(sum + (destination & LOW_32)) << 32;
    }

    private void ipv6(UnsafeBuffer b, int at, int payloadLength, int protocol) {
        b.putInt(at, 0x6000_0000 | tos << 20, ByteOrder.BIG_ENDIAN);
        b.putShort(at + 4, (short) payloadLength, ByteOrder.BIG_ENDIAN);
        b.putByte(at + 6, (byte) protocol);
        b.putByte(at + 7, (byte) ttl);
        b.putLong(at + 8, sourceHi, ByteOrder.BIG_ENDIAN);
        b.putLong(at + 16, sourceLo, ByteOrder.BIG_ENDIAN);
        b.putLong(at + 24, destinationHi, ByteOrder.BIG_ENDIAN);
        b.putLong(at + 32, destinationLo, ByteOrder.BIG_ENDIAN);
    }
}
