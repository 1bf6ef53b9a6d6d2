package io.weir.dataplane.host;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Headers of the packets the director makes itself, and what it asks of those it answers. */
final class HostPackets {
    static final int V4_BYTES = 20;
    static final int V6_BYTES = 40;
    static final int TTL = 64;
    static final int DF = 0x4000;
    /** The two ECN bits. */
    static final int ECN_MASK = 0x03;

    private HostPackets() {}

    /** Writes an IPv4 header without options, checksum included. */
    static void putV4(
            UnsafeBuffer b, int at, int length, int tos, int id, int fragment, int protocol, long fromLo, long toLo) {
        b.putByte(at, (byte) 0x45);
        b.putByte(at + 1, (byte) tos);
        putU16(b, at + 2, length);
        putU16(b, at + 4, id);
        putU16(b, at + 6, fragment);
        b.putByte(at + 8, (byte) TTL);
        b.putByte(at + 9, (byte) protocol);
        putU16(b, at + 10, 0);
        b.putInt(at + 12, (int) fromLo, ByteOrder.BIG_ENDIAN);
        b.putInt(at + 16, (int) toLo, ByteOrder.BIG_ENDIAN);
        putU16(b, at + 10, InternetChecksum.finish(InternetChecksum.sum(b, at, V4_BYTES, 0)));
    }

    /** Writes an IPv6 header; the flow label is 0. */
    static void putV6(
            UnsafeBuffer b,
            int at,
            int payload,
            int trafficClass,
            int nextHeader,
            int hopLimit,
            long fromHi,
            long fromLo,
            long toHi,
            long toLo) {
        b.putInt(at, 6 << 28 | trafficClass << 20, ByteOrder.BIG_ENDIAN);
        putU16(b, at + 4, payload);
        b.putByte(at + 6, (byte) nextHeader);
        b.putByte(at + 7, (byte) hopLimit);
        putV6Address(b, at + 8, fromHi, fromLo);
        putV6Address(b, at + 24, toHi, toLo);
    }

    static void putV6Address(UnsafeBuffer b, int at, long hi, long lo) {
        b.putLong(at, hi, ByteOrder.BIG_ENDIAN);
        b.putLong(at + 8, lo, ByteOrder.BIG_ENDIAN);
    }

    /** Writes the header of a packet that goes back to where {@code in} came from, from the address it was sent to. */
    static void putReply(UnsafeBuffer b, int at, ParsedPacket in, int payload, int tos, int id, int fragment) {
        if (in.isV4()) {
            putV4(b, at, V4_BYTES + payload, tos, id, fragment, in.protocol, in.dstLo, in.srcLo);
        } else {
            putV6(b, at, payload, tos, in.protocol, TTL, in.dstHi, in.dstLo, in.srcHi, in.srcLo);
        }
    }

    static int headerBytes(ParsedPacket in) {
        return in.isV4() ? V4_BYTES : V6_BYTES;
    }

    /** Writes the ICMPv6 checksum of the packet at {@code at} whose transport part has {@code length} bytes. */
    static void putIcmpv6Checksum(
            UnsafeBuffer b, int icmp, int length, long fromHi, long fromLo, long toHi, long toLo) {
        putU16(b, icmp + 2, 0);
        final long pseudo = InternetChecksum.pseudoHeader(fromHi, fromLo, toHi, toLo, ProtocolNumbers.ICMPV6, length);
        putU16(b, icmp + 2, InternetChecksum.finish(InternetChecksum.sum(b, icmp, length, pseudo)));
    }

    /** Is the checksum over the pseudo header and {@code length} transport bytes right? */
    static boolean checksumHolds(ParsedPacket in, UnsafeBuffer b, int length) {
        final long pseudo = InternetChecksum.pseudoHeader(in.srcHi, in.srcLo, in.dstHi, in.dstLo, in.protocol, length);
        return InternetChecksum.finish(InternetChecksum.sum(b, in.l4Offset, length, pseudo)) == 0;
    }

    /** An identification for an IPv4 packet about {@code in}: different for different packets, without a counter. */
    static int identification(ParsedPacket in) {
        final long x = (in.srcLo * 31 + in.srcPort) * 31 + in.fragmentId + ((long) in.l3Length << 20) + in.dstLo;
        final int id = (int) (x * 0x9E3779B97F4A7C15L >>> 48);
        return id == 0 ? 1 : id;
    }

    /** May a packet be answered that says it comes from there? */
    static boolean isUnicast(boolean v4, long hi, long lo) {
        if (v4) {
            final int first = (int) (lo >>> 24) & 0xFF;
            return first != 0 && first != 127 && first < 224;
        }
        return hi >>> 56 != 0xFF && (hi != 0 || lo != 0 && lo != 1);
    }

    /** Multicast, or IPv4's limited broadcast. */
    static boolean isGroup(boolean v4, long hi, long lo) {
        return v4 ? ((int) (lo >>> 28) & 0xF) == 0xE || (int) lo == -1 : hi >>> 56 == 0xFF;
    }

    static int u16(UnsafeBuffer b, int at) {
        return b.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    static void putU16(UnsafeBuffer b, int at, int value) {
        b.putShort(at, (short) value, ByteOrder.BIG_ENDIAN);
    }
}
