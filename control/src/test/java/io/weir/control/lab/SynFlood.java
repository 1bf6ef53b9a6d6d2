package io.weir.control.lab;

import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;
import io.weir.dataplane.io.PacketDevices;
import io.weir.packet.InternetChecksum;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A SYN flood with an end: {@code DEVICE MAC ADDRESS PORT COUNT PER-SECOND}.
 *
 * <p>Each SYN has a source of its own in 198.18.0.0/15, which RFC 2544 keeps free for tests like this one. Says {@code
 * begun} with the first and {@code sent COUNT} after the last.
 */
final class SynFlood {
    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final int TCP = 20;
    private static final int FRAME = ETHERNET + IPV4 + TCP;
    private static final int NETWORK = 198 << 24 | 18 << 16;
    private static final int HOSTS = 1 << 17;
    private static final int TURNS_PER_SECOND = 50;
    private static final int FIRST_PORT = 1024;
    private static final int WINDOW = 65_535;

    private final SplittableRandom random = new SplittableRandom(1);
    private final UnsafeBuffer memory =
            new UnsafeBuffer(ByteBuffer.allocateDirect(PacketBatch.CAPACITY * Long.BYTES * Long.BYTES));
    private final byte[] macs;
    private final int address;
    private final int port;

    private SynFlood(byte[] macs, int address, int port) {
        this.macs = macs;
        this.address = address;
        this.port = port;
    }

    /** Sends the flood and ends. */
    public static void main(String[] arguments) throws Exception {
        final int count = Integer.parseInt(arguments[4]);
        final int perTurn = Math.max(1, Integer.parseInt(arguments[5]) / TURNS_PER_SECOND);
        final byte[] address = InetAddress.getByName(arguments[2]).getAddress();
        try (PacketDevice device = PacketDevices.open("afpacket:" + arguments[0])) {
            final byte[] macs = HexFormat.of()
                    .parseHex(arguments[1].replace(":", "") + String.format("%012x", device.macAddress()));
            final SynFlood flood =
                    new SynFlood(macs, ByteBuffer.wrap(address).getInt(), Integer.parseInt(arguments[3]));
            System.out.println("begun");
            int sent = 0;
            while (sent < count) {
                for (int left = Math.min(perTurn, count - sent); left > 0; ) {
                    final int some = Math.min(left, PacketBatch.CAPACITY);
                    flood.send(device, some);
                    left -= some;
                    sent += some;
                }
                Thread.sleep(1000 / TURNS_PER_SECOND);
            }
            System.out.println("sent " + sent);
        }
    }

    private void send(PacketDevice device, int count) {
        final PacketBatch batch = new PacketBatch();
        for (int i = 0; i < count; i++) {
            final int at = i * Long.BYTES * Long.BYTES;
            syn(at);
            batch.add(memory, at, FRAME, 0, 0);
            batch.egress[i] = 0;
            batch.verdict[i] = PacketBatch.TRANSMIT;
        }
        device.transmit(batch, 0);
    }

    private void syn(int at) {
        final UnsafeBuffer b = memory;
        b.setMemory(at, FRAME, (byte) 0);
        b.putBytes(at, macs);
        b.putShort(at + 12, (short) ProtocolNumbers.ETHERTYPE_IPV4, ByteOrder.BIG_ENDIAN);
        final int ip = at + ETHERNET;
        b.putShort(ip, (short) 0x4500, ByteOrder.BIG_ENDIAN);
        b.putShort(ip + 2, (short) (IPV4 + TCP), ByteOrder.BIG_ENDIAN);
        b.putShort(ip + 8, (short) (64 << 8 | ProtocolNumbers.TCP), ByteOrder.BIG_ENDIAN);
        b.putInt(ip + 12, NETWORK + random.nextInt(HOSTS), ByteOrder.BIG_ENDIAN);
        b.putInt(ip + 16, address, ByteOrder.BIG_ENDIAN);
        b.putShort(
                ip + 10, (short) InternetChecksum.finish(InternetChecksum.sum(b, ip, IPV4, 0)), ByteOrder.BIG_ENDIAN);
        final int tcp = ip + IPV4;
        b.putShort(tcp, (short) random.nextInt(FIRST_PORT, 1 << 16), ByteOrder.BIG_ENDIAN);
        b.putShort(tcp + 2, (short) port, ByteOrder.BIG_ENDIAN);
        b.putInt(tcp + 4, random.nextInt(), ByteOrder.BIG_ENDIAN);
        b.putShort(tcp + 12, (short) (TCP << 10 | TcpFlags.SYN), ByteOrder.BIG_ENDIAN);
        b.putShort(tcp + 14, (short) WINDOW, ByteOrder.BIG_ENDIAN);
        final long pseudo = InternetChecksum.sum(b, ip + 12, 8, ProtocolNumbers.TCP + TCP);
        b.putShort(
                tcp + 16,
                (short) InternetChecksum.finish(InternetChecksum.sum(b, tcp, TCP, pseudo)),
                ByteOrder.BIG_ENDIAN);
    }
}
