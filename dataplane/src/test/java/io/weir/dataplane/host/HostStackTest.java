package io.weir.dataplane.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.Route;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.Crc32c;
import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class HostStackTest {
    private static final String SYN =
            "45000028000140003c06d892c6336407cb0071019c400051000003e80000004d5002ffffa8df0000";
    private static final String UDP =
            "4500002a000140003c11d885c6336407cb0071019c4000500016a9eb6e6f207564702073657276696365";
    private static final int SCTP_AT = 20;

    private final List<InterfaceInfo> interfaces = List.of(new InterfaceInfo(
            0,
            "eth0",
            true,
            0x020000000101L,
            1500,
            List.of(new InterfaceInfo.Prefix(IpAddress.parse("10.10.0.1"), 24))));
    private final RouteTable routes = RouteTable.of(Route.connected(interfaces), interfaces);
    private final LocalAddresses own = LocalAddresses.ofInterfaces(interfaces);
    private final HostStack stack = new HostStack(new IcmpRateLimiter());
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);

    private int answer(byte[] bytes, boolean vouched) {
        final ParsedPacket packet = new ParsedPacket();
        assertEquals(ParseStatus.OK, new PacketParser().parse(new UnsafeBuffer(bytes), 0, bytes.length, false, packet));
        return stack.answer(packet, vouched, routes, own, out, 0, 0);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @Test
    void shouldNotAnswerAWrongTcpChecksumUnlessTheDeviceVouchedForIt() {
        final byte[] syn = bytes(SYN);
        syn[30] ^= 1;
        assertEquals(0, answer(syn, false));
        assertEquals(HostReason.BAD_CHECKSUM, stack.reason());
        assertEquals(40, answer(syn, true));
        assertEquals(HostReason.RESET, stack.reason());
        assertEquals(1, stack.count(HostReason.RESET));
    }

    @Test
    void shouldCheckUdpLengthAndChecksum() {
        final byte[] wrong = bytes(UDP);
        wrong[30] ^= 1;
        assertEquals(0, answer(wrong, false));
        assertEquals(HostReason.BAD_CHECKSUM, stack.reason());
        final byte[] unsummed = bytes(UDP);
        unsummed[26] = 0;
        unsummed[27] = 0;
        assertEquals(70, answer(unsummed, false));
        assertEquals(HostReason.UNREACHABLE, stack.reason());
    }

    @Test
    void shouldLimitUnreachables() {
        int sent = 0;
        for (int i = 0; i < 10; i++) {
            sent += answer(bytes(UDP), false) > 0 ? 1 : 0;
        }
        assertEquals(6, sent);
        assertEquals(HostReason.RATE_LIMITED, stack.reason());
    }

    @Test
    void shouldRefuseFragments() {
        final byte[] fragment = bytes(UDP);
        fragment[6] = 0x20;
        final UnsafeBuffer b = new UnsafeBuffer(fragment);
        HostPackets.putU16(b, 10, 0);
        HostPackets.putU16(b, 10, InternetChecksum.finish(InternetChecksum.sum(b, 0, 20, 0)));
        assertEquals(0, answer(fragment, false));
        assertEquals(HostReason.FRAGMENT, stack.reason());
    }

    /** An SCTP packet with tag 5 and these chunks. */
    private int sctp(String chunks) {
        final byte[] c = bytes(chunks);
        final byte[] packet = new byte[SCTP_AT + 12 + c.length];
        final UnsafeBuffer b = new UnsafeBuffer(packet);
        HostPackets.putV4(
                b,
                0,
                packet.length,
                0,
                1,
                HostPackets.DF,
                132,
                IpAddress.parse("198.51.100.7").lo(),
                IpAddress.parse("203.0.113.1").lo());
        b.putBytes(SCTP_AT, bytes("9c40005000000005"));
        b.putBytes(SCTP_AT + 12, c);
        Crc32c.fillSctp(b, SCTP_AT, packet.length - SCTP_AT);
        return answer(packet, false);
    }

    @Test
    void shouldAnswerSctpOutOfTheBlueAsRfc9260Says() {
        assertEquals(36, sctp("0003001100000000" + "00".repeat(12)));
        assertEquals("06010004", hex(SCTP_AT + 12, 4));
        assertEquals("00000005", hex(SCTP_AT + 4, 4));
        assertEquals(36, sctp("08000004"));
        assertEquals("0e010004", hex(SCTP_AT + 12, 4));
        // Cookie ack, stale cookie error, shutdown complete, data with an abort behind it.
        assertEquals(0, sctp("0b000004"));
        assertEquals(0, sctp("0900000c" + "0003000800000000"));
        assertEquals(0, sctp("0e000004"));
        assertEquals(0, sctp("0300001000000000" + "00".repeat(8) + "06000004"));
        assertEquals(HostReason.NOT_ANSWERED, stack.reason());
        assertEquals(36, sctp("0900000c" + "0001000800000000"));
        assertTrue(stack.count(HostReason.ABORTED) > 0);
    }

    private String hex(int at, int length) {
        final byte[] bytes = new byte[length];
        out.getBytes(at, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
