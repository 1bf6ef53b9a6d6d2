package io.weir.dataplane.segment;

import io.weir.packet.InternetChecksum;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;

/** Packets for the tests of this package: layer 3, headers right, payload from a seed. */
final class Packets {
    private Packets() {}

    /** A UDP packet of {@code payload} bytes behind the IP header (whose content is random), v4 with options. */
    static byte[] v4(Random random, int payload, byte[] options) {
        final int header = 20 + options.length;
        final byte[] bytes = new byte[header + payload];
        random.nextBytes(bytes);
        final UnsafeBuffer b = new UnsafeBuffer(bytes);
        b.putByte(0, (byte) (0x40 | header / 4));
        b.putByte(1, (byte) 0);
        IpHeader.putU16(b, 2, bytes.length);
        IpHeader.putU16(b, 6, 0);
        b.putByte(8, (byte) 61);
        b.putByte(9, (byte) ProtocolNumbers.UDP);
        b.putInt(12, 0xC6336407, ByteOrder.BIG_ENDIAN);
        b.putInt(16, 0xCB007101, ByteOrder.BIG_ENDIAN);
        b.putBytes(20, options);
        if (payload >= 8) {
            IpHeader.putU16(b, header + 4, payload);
        }
        IpHeader.computeChecksumV4(b, 0, header);
        return bytes;
    }

    static byte[] v6(Random random, int payload) {
        final byte[] bytes = new byte[40 + payload];
        random.nextBytes(bytes);
        final UnsafeBuffer b = new UnsafeBuffer(bytes);
        b.putInt(0, 0x60012345, ByteOrder.BIG_ENDIAN);
        IpHeader.putU16(b, 4, payload);
        b.putByte(6, (byte) ProtocolNumbers.UDP);
        b.putByte(7, (byte) 61);
        b.putByte(8, (byte) 0x20);
        b.putByte(24, (byte) 0x20);
        if (payload >= 8) {
            IpHeader.putU16(b, 44, payload);
        }
        return bytes;
    }

    /** A TCP packet whose checksum is right. */
    static byte[] tcp(Random random, boolean v4, int flags, int payload) {
        final byte[] bytes = v4 ? v4(random, 32 + payload, new byte[0]) : v6(random, 32 + payload);
        final int ip = v4 ? 20 : 40;
        final UnsafeBuffer b = new UnsafeBuffer(bytes);
        b.putByte(v4 ? 9 : 6, (byte) ProtocolNumbers.TCP);
        b.putByte(ip + 12, (byte) 0x80);
        b.putByte(ip + 13, (byte) flags);
        if (v4) {
            IpHeader.computeChecksumV4(b, 0, 20);
        }
        final ParsedPacket p = parse(bytes);
        IpHeader.putU16(b, ip + 16, InternetChecksum.transport(b, p));
        return bytes;
    }

    static ParsedPacket parse(byte[] bytes) {
        final ParsedPacket p = new ParsedPacket();
        final int status = new PacketParser().parse(new UnsafeBuffer(bytes), 0, bytes.length, false, p);
        if (status != ParseStatus.OK) {
            throw new AssertionError("not parsed: status=" + status);
        }
        return p;
    }
}
