package io.weir.dataplane.io;

import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames for device tests: numbered ones without meaning, and TCP or UDP with right checksums. */
final class TestFrames {
    static final int ETHERNET = 14;
    static final int ETHERTYPE_IPV4 = 0x0800;
    /** Where numbered frames go. */
    static final String NUMBERED_TO = "192.0.2.2";

    static final long PEER_MAC = 0x02_00_00_00_0B_0BL;
    private static final int PROTOCOL_EXPERIMENTAL = 253;

    private TestFrames() {}

    /** A frame of the given length that carries a number and a pattern made of it. */
    static byte[] numbered(boolean linkLayer, int number, int length) {
        final ByteBuffer b = ByteBuffer.allocate(length);
        if (linkLayer) {
            ethernet(b, -1L >>> 16, ETHERTYPE_IPV4);
        }
        ipv4(b, length - b.position(), PROTOCOL_EXPERIMENTAL, "192.0.2.1", NUMBERED_TO, 0);
        b.putInt(number);
        while (b.hasRemaining()) {
            b.put((byte) (number * 31 + b.position()));
        }
        return b.array();
    }

    /** Is it one of ours? */
    static boolean isNumbered(boolean linkLayer, byte[] frame) {
        final int start = linkLayer ? ETHERNET : 0;
        return frame.length >= start + 24
                && (!linkLayer || ByteBuffer.wrap(frame).getShort(12) == (short) ETHERTYPE_IPV4)
                && (frame[start + 9] & 0xFF) == PROTOCOL_EXPERIMENTAL;
    }

    static int number(boolean linkLayer, byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(linkLayer ? ETHERNET + 20 : 20);
    }

    static void ethernet(ByteBuffer b, long destination, int etherType) {
        b.putShort((short) (destination >> 32)).putInt((int) destination);
        b.putShort((short) (PEER_MAC >> 32)).putInt((int) PEER_MAC);
        b.putShort((short) etherType);
    }

    private static void ipv4(ByteBuffer b, int totalLength, int protocol, String from, String to, int fragment) {
        final int start = b.position();
        b.putShort((short) 0x4500)
                .putShort((short) totalLength)
                .putShort((short) 1)
                .putShort((short) fragment);
        b.put((byte) 64).put((byte) protocol).putShort((short) 0);
        b.putInt(IpAddress.parse(from).v4Addr()).putInt(IpAddress.parse(to).v4Addr());
        final UnsafeBuffer view = new UnsafeBuffer(b);
        final int sum = InternetChecksum.finish(InternetChecksum.sum(view, start, 20, 0));
        b.putShort(start + 10, (short) sum);
    }

    /** Ethernet, IPv4, TCP with the checksum field as a local sender leaves it: the pseudo header's sum. */
    static byte[] partialTcp(long destinationMac, String from, int fromPort, String to, int toPort, int payload) {
        final ByteBuffer b = ByteBuffer.allocate(ETHERNET + 40 + payload);
        ethernet(b, destinationMac, 0x0800);
        ipv4(b, 40 + payload, 6, from, to, 0x4000);
        b.putShort((short) fromPort).putShort((short) toPort).putInt(1).putInt(1);
        b.putShort((short) 0x5010).putShort((short) 1000);
        b.putShort((short) pseudoSum(from, to, 6, 20 + payload)).putShort((short) 0);
        for (int i = 0; i < payload; i++) {
            b.put((byte) (i * 7));
        }
        return b.array();
    }

    /** The same with a complete checksum. */
    static byte[] tcp(long destinationMac, String from, int fromPort, String to, int toPort, int payload) {
        final byte[] frame = partialTcp(destinationMac, from, fromPort, to, toPort, payload);
        final UnsafeBuffer view = new UnsafeBuffer(frame);
        final int sum = InternetChecksum.finish(InternetChecksum.sum(view, 34, frame.length - 34, 0));
        ByteBuffer.wrap(frame).putShort(34 + 16, (short) sum);
        return frame;
    }

    /** A fragment that is not the first. */
    static byte[] laterFragment(long destinationMac, String from, String to) {
        final ByteBuffer b = ByteBuffer.allocate(ETHERNET + 20 + 64);
        ethernet(b, destinationMac, 0x0800);
        ipv4(b, 20 + 64, 6, from, to, 100);
        return b.array();
    }

    private static int pseudoSum(String from, String to, int protocol, int length) {
        final IpAddress a = IpAddress.parse(from);
        final IpAddress b = IpAddress.parse(to);
        return InternetChecksum.fold(InternetChecksum.pseudoHeader(a.hi(), a.lo(), b.hi(), b.lo(), protocol, length));
    }

    /** Is the transport checksum of an IPv4 TCP frame right? */
    static boolean hasRightTcpChecksum(byte[] frame) {
        final UnsafeBuffer view = new UnsafeBuffer(frame);
        final ByteBuffer b = ByteBuffer.wrap(frame);
        final int length = (b.getShort(16) & 0xFFFF) - 20;
        final long pseudo = InternetChecksum.pseudoHeader(
                0, IpAddress.v4(b.getInt(26)), 0, IpAddress.v4(b.getInt(30)), frame[23] & 0xFF, length);
        return InternetChecksum.finish(InternetChecksum.sum(view, 34, length, pseudo)) == 0;
    }

    static byte[] bytes(PacketBatch batch, int i) {
        final byte[] bytes = new byte[batch.length[i]];
        batch.buffer[i].getBytes(batch.offset[i], bytes);
        return bytes;
    }

    static UnsafeBuffer offHeap(byte[] bytes, int headroom) {
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(headroom + bytes.length));
        buffer.putBytes(headroom, bytes);
        return buffer;
    }
}
