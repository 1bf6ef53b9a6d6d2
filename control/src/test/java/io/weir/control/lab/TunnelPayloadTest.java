package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.packet.PacketParser;
import io.weir.packet.ParsedPacket;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class TunnelPayloadTest {
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    /** What stands for the inner packet. */
    private static final String INNER = "4500001400000000401100000a0000010a000002";

    private static int offset(String header, String payload) {
        final byte[] bytes = HexFormat.of().parseHex(header + payload);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final ParsedPacket parsed = new ParsedPacket();
        new PacketParser().parse(buffer, 0, bytes.length, false, parsed);
        return TunnelPayload.offset(buffer, parsed);
    }

    private static String ipv4(int protocol, String payload) {
        final StringBuilder header =
                new StringBuilder(String.format("4500%04x0000000040%02x", IPV4_BYTES + payload.length() / 2, protocol));
        header.append("00000a1400010a14000b");
        // RFC 1071: the sum over the header, carries folded in, inverted.
        int sum = 0;
        for (int i = 0; i < header.length(); i += 4) {
            sum += Integer.parseInt(header.substring(i, i + 4), 16);
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        return header.replace(20, 24, String.format("%04x", ~sum & 0xFFFF)).toString();
    }

    private static String ipv6(int nextHeader, String payload) {
        return String.format("60000000%04x%02x40", payload.length() / 2, nextHeader)
                + "fd000020000000000000000000000001"
                + "fd000020000000000000000000000011";
    }

    @Test
    void shouldFindPlainIpInIp() {
        assertEquals(IPV4_BYTES, offset(ipv4(4, INNER), INNER));
        assertEquals(IPV6_BYTES, offset(ipv6(4, INNER), INNER));
        assertEquals(IPV6_BYTES, offset(ipv6(41, INNER), INNER));
    }

    @Test
    void shouldStepOverGreWithItsOptions() {
        final String plain = "00000800" + INNER;
        final String checksum = "80000800" + "12340000" + INNER;
        final String all = "b0000800" + "12340000" + "00000001" + "00000002" + INNER;

        assertEquals(IPV4_BYTES + 4, offset(ipv4(47, plain), plain));
        assertEquals(IPV4_BYTES + 8, offset(ipv4(47, checksum), checksum));
        assertEquals(IPV6_BYTES + 16, offset(ipv6(47, all), all));
    }

    @Test
    void shouldStepOverGueWithItsOptions() {
        final String plain = udp(4 + INNER.length() / 2) + "00040000" + INNER;
        final String options = udp(12 + INNER.length() / 2) + "02040001" + "0000000000000000" + INNER;
        final String variant1 = udp(INNER.length() / 2) + INNER;

        assertEquals(IPV4_BYTES + 12, offset(ipv4(17, plain), plain));
        assertEquals(IPV4_BYTES + 20, offset(ipv4(17, options), options));
        assertEquals(IPV4_BYTES + 8, offset(ipv4(17, variant1), variant1));
    }

    @Test
    void shouldFindNothingInOtherPackets() {
        final String control = udp(4) + "20040000";
        final String otherPort = "c0001f900008" + "0000";
        final String cut = "000008";

        assertEquals(TunnelPayload.NONE, offset(ipv4(17, control), control));
        assertEquals(TunnelPayload.NONE, offset(ipv4(17, otherPort), otherPort));
        assertEquals(TunnelPayload.NONE, offset(ipv4(47, cut), cut));
        assertEquals(TunnelPayload.NONE, offset(ipv4(4, ""), ""));
    }

    private static String udp(int payloadBytes) {
        return String.format("c00017c0%04x0000", 8 + payloadBytes);
    }
}
