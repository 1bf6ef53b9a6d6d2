package io.weir.dataplane.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.Route;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What we answer is, byte for byte, what Linux 6.1 answered; numbers it chooses at random are masked. */
class KernelAnswersTest {
    private static final int ETHERNET = 14;
    private static final int AT = 64;

    private final List<InterfaceInfo> interfaces = List.of(
            new InterfaceInfo(
                    0, "cli0", true, 0x020000000101L, 1500, List.of(prefix("10.10.0.1", 24), prefix("fd00:10::1", 64))),
            new InterfaceInfo(
                    1, "rs0", true, 0x020000000201L, 1500, List.of(prefix("10.20.0.1", 24), prefix("fd00:20::1", 64))));
    private final LocalAddresses own = LocalAddresses.ofInterfaces(interfaces);
    private final LocalAddresses vips =
            LocalAddresses.of(List.of(), List.of(prefix("203.0.113.0", 24), prefix("2001:db8:f::", 64)));
    private final RouteTable routes = RouteTable.of(
            Stream.concat(
                            Route.connected(interfaces).stream(),
                            Stream.of(
                                    Route.via(prefix("0.0.0.0", 0), IpAddress.parse("10.10.0.254"), 0),
                                    Route.via(prefix("::", 0), IpAddress.parse("fd00:10::fe"), 0)))
                    .toList(),
            interfaces);

    private static InterfaceInfo.Prefix prefix(String address, int length) {
        return new InterfaceInfo.Prefix(IpAddress.parse(address), length);
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerAsTheKernelDid() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(KernelAnswersTest.class.getResourceAsStream("kernel-answers.txt"))) {
            final List<String> lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .toList();
            return lines.stream().map(line -> {
                final String[] f = line.split(" ", -1);
                return DynamicTest.dynamicTest(f[0] + " " + f[1], () -> check(f[0], f[2], f[3]));
            });
        }
    }

    private void check(String kind, String received, String sent) {
        final byte[] frame = HexFormat.of().parseHex(received);
        final ParsedPacket packet = new ParsedPacket();
        final int status = new PacketParser().parse(new UnsafeBuffer(frame), 0, frame.length, true, packet);
        if (kind.equals("silent") && status != ParseStatus.OK) {
            // The parser refuses it already (an AH header whose length is wrong).
            return;
        }
        assertEquals(ParseStatus.OK, status);
        final UnsafeBuffer out = new UnsafeBuffer(new byte[AT + 2048]);
        out.setMemory(0, out.capacity(), (byte) 0xA5);
        final byte[] wanted =
                sent.equals("-") ? new byte[ETHERNET] : HexFormat.of().parseHex(sent);
        final int length = kind.equals("error") ? error(packet, wanted, out) : answer(packet, out);
        final byte[] made = new byte[length];
        out.getBytes(AT, made);
        assertEquals(
                HexFormat.of().formatHex(masked(Arrays.copyOfRange(wanted, ETHERNET, wanted.length))),
                HexFormat.of().formatHex(masked(made)));
    }

    private int answer(ParsedPacket packet, UnsafeBuffer out) {
        final HostStack stack = new HostStack(new IcmpRateLimiter());
        return stack.answer(packet, false, routes, own, out, AT, 0);
    }

    /** Builds the error the kernel sent, about the packet as it stood then (its TTL may have been lowered already). */
    private int error(ParsedPacket packet, byte[] wanted, UnsafeBuffer out) {
        final UnsafeBuffer w = new UnsafeBuffer(wanted);
        final UnsafeBuffer in = Objects.requireNonNull(packet.buffer);
        final boolean v4 = packet.isV4();
        final int icmp = ETHERNET + (v4 ? 20 : 40);
        final int ttl = v4 ? 8 : 7;
        in.putByte(packet.l3Offset + ttl, w.getByte(icmp + 8 + ttl));
        if (v4) {
            in.putShort(packet.l3Offset + 10, w.getShort(icmp + 8 + 10));
        }
        final int route = routes.lookup(packet.srcHi, packet.srcLo);
        final int type = w.getByte(icmp) & 0xFF;
        final int code = w.getByte(icmp + 1) & 0xFF;
        final int rest = w.getInt(icmp + 4, ByteOrder.BIG_ENDIAN);
        if (v4) {
            final long source = vips.contains(0, packet.dstLo) ? packet.dstLo : routes.sourceLo(route);
            return IcmpErrors.buildV4(out, AT, packet, (int) source, type, code, rest);
        }
        return IcmpErrors.buildV6(out, AT, packet, routes.sourceHi(route), routes.sourceLo(route), type, code, rest);
    }

    /** Blanks IPv4 identification and header checksum unless DF is set, IPv6 flow label, time in a timestamp reply. */
    private static byte[] masked(byte[] packet) {
        if (packet.length == 0) {
            return packet;
        }
        final boolean v4 = packet[0] >>> 4 == 4;
        if (!v4) {
            packet[1] &= (byte) 0xF0;
            packet[2] = 0;
            packet[3] = 0;
        } else if ((packet[6] & 0x40) == 0) {
            packet[4] = 0;
            packet[5] = 0;
            packet[10] = 0;
            packet[11] = 0;
        }
        if (v4 && packet[9] == 1 && packet[20] == 14) {
            packet[22] = 0;
            packet[23] = 0;
            Arrays.fill(packet, 32, 40, (byte) 0);
        }
        return packet;
    }
}
