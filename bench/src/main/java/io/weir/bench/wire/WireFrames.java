package io.weir.bench.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The frames of the probe and what must become of them, made from nothing: every checksum is computed over the whole
 * header or packet, as no forwarder does it.
 */
final class WireFrames {
    private static final int ETHERNET = 14;
    private static final int UDP = 34;
    private static final int PAYLOAD = 42;
    private static final int TTL = 64;
    private static final int FIRST_PORT = 1024;
    private static final int PROTOCOL_UDP = 17;

    /** What a forwarder does to a frame. */
    enum Change {
        /** Other MACs and nothing else. */
        MACS,
        /** Other MACs, TTL less one. */
        ROUTED,
        /** As ROUTED, and another destination address and port. */
        NAT
    }

    private WireFrames() {}

    /** Frame {@code i} as it is sent, its number in its last four bytes. */
    static byte[] sent(int i, int flows, int bytes) {
        return frame(i, flows, bytes, WireLab.SENDER_MAC, WireLab.IN_MAC, WireLab.VIP, WireLab.VIP_PORT, TTL);
    }

    /** The same as it must arrive. */
    static byte[] expected(int i, int flows, int bytes, Change change) {
        final int ttl = change == Change.MACS ? TTL : TTL - 1;
        final String to = change == Change.NAT ? WireLab.SERVER : WireLab.VIP;
        final int port = change == Change.NAT ? WireLab.SERVER_PORT : WireLab.VIP_PORT;
        return frame(i, flows, bytes, WireLab.OUT_MAC, WireLab.SERVER_MAC, to, port, ttl);
    }

    private static byte[] frame(int i, int flows, int bytes, String from, String toMac, String to, int port, int ttl) {
        final ByteBuffer f = ByteBuffer.allocate(bytes);
        f.put(mac(toMac)).put(mac(from)).putShort((short) 0x0800);
        f.put((byte) 0x45).put((byte) 0).putShort((short) (bytes - ETHERNET)).putShort((short) 0);
        f.putShort((short) 0x4000).put((byte) ttl).put((byte) PROTOCOL_UDP).putShort((short) 0);
        f.put(address(WireLab.SENDER)).put(address(to));
        f.putShort((short) (FIRST_PORT + i % flows)).putShort((short) port);
        f.putShort((short) (bytes - UDP)).putShort((short) 0);
        f.putInt(bytes - Integer.BYTES, i);
        f.putShort(ETHERNET + 10, (short) checksum(f, ETHERNET, UDP, 0));
        final int sum = checksum(f, UDP, bytes, PROTOCOL_UDP + bytes - UDP + words(f, ETHERNET + 12, UDP));
        f.putShort(UDP + 6, (short) (sum == 0 ? 0xFFFF : sum));
        return f.array();
    }

    private static int words(ByteBuffer f, int from, int to) {
        int sum = 0;
        for (int at = from; at < to; at += Short.BYTES) {
            sum += at + 1 < to ? f.getShort(at) & 0xFFFF : (f.get(at) & 0xFF) << Byte.SIZE;
        }
        return sum;
    }

    private static int checksum(ByteBuffer f, int from, int to, int start) {
        int sum = start + words(f, from, to);
        while (sum >>> Short.SIZE != 0) {
            sum = (sum & 0xFFFF) + (sum >>> Short.SIZE);
        }
        return ~sum & 0xFFFF;
    }

    private static byte[] mac(String text) {
        return HexFormat.ofDelimiter(":").parseHex(text);
    }

    private static byte[] address(String text) {
        final String[] parts = text.split("\\.", -1);
        final byte[] bytes = new byte[parts.length];
        for (int i = 0; i < parts.length; i++) {
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return bytes;
    }

    /** The probe's frame file: {@code count} frames, each after its length. */
    static void write(Path file, int count, int flows, int bytes) throws IOException {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.write(bytes >>> Byte.SIZE);
            all.write(bytes);
            all.write(sent(i, flows, bytes));
        }
        Files.write(file, all.toByteArray());
    }

    /** What is wrong with the frames that arrived, which are the first of a probe; empty if nothing is. */
    static List<String> problems(Path record, int flows, int bytes, Change change) throws IOException {
        final List<String> problems = new ArrayList<>();
        final ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(record));
        int count = 0;
        while (all.remaining() > Short.BYTES) {
            final byte[] got = new byte[all.getShort() & 0xFFFF];
            all.get(got);
            final int i = ByteBuffer.wrap(got).getInt(got.length - Integer.BYTES);
            final byte[] wanted = expected(i, flows, bytes, change);
            if (!java.util.Arrays.equals(got, wanted)) {
                problems.add("frame " + i + ": " + HexFormat.of().formatHex(got, 0, Math.min(PAYLOAD, got.length))
                        + ", expected " + HexFormat.of().formatHex(wanted, 0, PAYLOAD));
            }
            count++;
        }
        if (count == 0) {
            problems.add("no frame arrived");
        }
        return problems;
    }
}
