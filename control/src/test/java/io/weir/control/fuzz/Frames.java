package io.weir.control.fuzz;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Builds packets and Ethernet frames, byte by byte; all numbers in network byte order unless said. */
final class Frames {
    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int FRAGMENT = 44;
    static final int ICMPV6 = 58;
    static final int SCTP = 132;
    static final int IPV4_HEADER = 20;
    static final int IPV6_HEADER = 40;
    private static final int MAC_PREFIX = 0x0200_0000;

    private Frames() {}

    /**
     * What an IP header says besides addresses and protocol.
     *
     * @param tos or traffic class
     * @param ttl or hop limit
     * @param fragment flags and offset as in the IPv4 header
     * @param options padded to four bytes; IPv4 only
     */
    // The bytes are handed on, never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Header(int tos, int ttl, int id, int fragment, byte[] options) {
        static final int DF = 0x4000;
        static final int MF = 0x2000;
        /** The same with hops enough. */
        Header lasting() {
            return new Header(tos, Math.max(ttl, 2), id, fragment, options);
        }

        static final Header PLAIN = new Header(0, 64, 1, DF, new byte[0]);
    }

    /** The 4 or 16 bytes of a literal address. */
    static byte[] address(String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    static boolean isIpv6(String address) {
        return address.indexOf(':') >= 0;
    }

    /** A frame to the director, by the side (1: clients, 2: servers) and the last byte of the sender's MAC. */
    static byte[] ethernet(int side, int station, byte[] packet) {
        final boolean six = packet.length > 0 && (packet[0] & 0xF0) == 0x60;
        return ByteBuffer.allocate(14 + packet.length)
                .putInt(MAC_PREFIX)
                .putShort((short) (side << 8 | 1))
                .putInt(MAC_PREFIX)
                .putShort((short) (side << 8 | station))
                .putShort((short) (six ? 0x86DD : 0x0800))
                .put(packet)
                .array();
    }

    /** A whole packet of the family of its addresses. */
    static byte[] packet(String source, String destination, int protocol, byte[] payload, Header header) {
        return isIpv6(destination)
                ? ipv6(source, destination, protocol, payload, header)
                : ipv4(source, destination, protocol, payload, header);
    }

    private static byte[] ipv4(String source, String destination, int protocol, byte[] payload, Header header) {
        final int headerLength = IPV4_HEADER + header.options().length;
        final ByteBuffer packet = ByteBuffer.allocate(headerLength + payload.length)
                .put((byte) (0x40 | headerLength / 4))
                .put((byte) header.tos())
                .putShort((short) (headerLength + payload.length))
                .putShort((short) header.id())
                .putShort((short) header.fragment())
                .put((byte) header.ttl())
                .put((byte) protocol)
                .putShort((short) 0)
                .put(address(source))
                .put(address(destination))
                .put(header.options())
                .put(payload);
        sumHeader(packet.array());
        return packet.array();
    }

    /** Puts the right header checksum into an IPv4 packet, as far as its bytes go. */
    static void sumHeader(byte[] packet) {
        if (packet.length >= IPV4_HEADER) {
            final ByteBuffer header = ByteBuffer.wrap(packet).putShort(10, (short) 0);
            header.putShort(10, (short) ~sum(packet, 0, Math.min(packet.length, (packet[0] & 15) * 4), 0));
        }
    }

    private static byte[] ipv6(String source, String destination, int protocol, byte[] payload, Header header) {
        return ByteBuffer.allocate(IPV6_HEADER + payload.length)
                .putInt(6 << 28 | header.tos() << 20)
                .putShort((short) payload.length)
                .put((byte) protocol)
                .put((byte) header.ttl())
                .put(address(source))
                .put(address(destination))
                .put(payload)
                .array();
    }

    /** A TCP segment; {@code flags} as in the header. */
    static byte[] tcp(
            String source, String destination, int from, int to, int flags, int sequence, byte[] options, byte[] data) {
        final ByteBuffer segment = ByteBuffer.allocate(20 + options.length + data.length)
                .putShort((short) from)
                .putShort((short) to)
                .putInt(sequence)
                .putInt((flags & 16) == 0 ? 0 : sequence ^ 0x5555)
                .put((byte) (5 + options.length / 4 << 4))
                .put((byte) flags)
                .putShort((short) 0x7000)
                .putInt(0)
                .put(options)
                .put(data);
        return withSum(source, destination, TCP, segment.array(), 16);
    }

    /** A UDP datagram, with a checksum or without. */
    static byte[] udp(String source, String destination, int from, int to, byte[] data, boolean sum) {
        final ByteBuffer datagram = ByteBuffer.allocate(8 + data.length)
                .putShort((short) from)
                .putShort((short) to)
                .putShort((short) (8 + data.length))
                .putShort((short) 0)
                .put(data);
        return sum ? withSum(source, destination, UDP, datagram.array(), 6) : datagram.array();
    }

    /** An SCTP packet of one chunk; its CRC32c lies in little-endian order. */
    static byte[] sctp(int from, int to, int chunkType, int chunkFlags, byte[] value) {
        final int padded = value.length + 3 & ~3;
        final ByteBuffer packet = ByteBuffer.allocate(16 + padded)
                .putShort((short) from)
                .putShort((short) to)
                .putInt(chunkType == 1 ? 0 : 77)
                .putInt(0)
                .put((byte) chunkType)
                .put((byte) chunkFlags)
                .putShort((short) (4 + value.length))
                .put(value);
        final CRC32C crc = new CRC32C();
        crc.update(packet.array());
        packet.order(ByteOrder.LITTLE_ENDIAN).putInt(8, (int) crc.getValue());
        return packet.array();
    }

    /** An ICMP or ICMPv6 message. */
    static byte[] icmp(String source, String destination, int type, int code, int rest, byte[] data) {
        final ByteBuffer message = ByteBuffer.allocate(8 + data.length)
                .put((byte) type)
                .put((byte) code)
                .putShort((short) 0)
                .putInt(rest)
                .put(data);
        if (isIpv6(destination)) {
            return withSum(source, destination, ICMPV6, message.array(), 2);
        }
        message.putShort(2, (short) ~sum(message.array(), 0, message.capacity(), 0));
        return message.array();
    }

    private static byte[] withSum(String source, String destination, int protocol, byte[] bytes, int at) {
        final byte[] from = address(source);
        final byte[] to = address(destination);
        int sum = sum(from, 0, from.length, protocol + bytes.length);
        sum = sum(to, 0, to.length, sum);
        sum = sum(bytes, 0, bytes.length, sum);
        final int complement = ~sum & 0xFFFF;
        ByteBuffer.wrap(bytes).putShort(at, (short) (protocol == UDP && complement == 0 ? 0xFFFF : complement));
        return bytes;
    }

    /** The folded one's complement sum of a range, added to {@code start}. */
    private static int sum(byte[] bytes, int from, int to, int start) {
        int sum = start;
        for (int i = from; i < to; i++) {
            sum += (bytes[i] & 0xFF) << ((i - from & 1) == 0 ? 8 : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return sum;
    }
}
