package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PacketPrinterTest {
    private static PacketBuilder v4() {
        return PacketBuilder.ethernet().ip("10.0.0.1", "10.0.0.100");
    }

    @Test
    void shouldDescribeTransports() {
        assertEquals(
                "IP 10.0.0.1.40000 > 10.0.0.100.80: Flags [S], seq 1, win 64240, options [mss 1460], length 0",
                PacketPrinter.describe(
                        v4().tcp(40000, 80, TcpFlags.SYN).seq(1).mss(1460).build()));
        assertEquals(
                "IP 10.0.0.1.1 > 10.0.0.100.2: Flags [F.], seq 0, ack 4294967295, win 64240,"
                        + " options [TS val 7 ecr 9], length 2",
                PacketPrinter.describe(v4().tcp(1, 2, TcpFlags.FIN | TcpFlags.ACK)
                        .ack(-1)
                        .timestamps(7, 9)
                        .payload(2)
                        .build()));
        assertEquals(
                "IP6 fd00::1.53 > fd00::2.54: UDP, length 5",
                PacketPrinter.describe(PacketBuilder.ethernet()
                        .ip("fd00::1", "fd00::2")
                        .udp(53, 54)
                        .payload("hello")
                        .build()));
        assertEquals(
                "IP 10.0.0.1.5 > 10.0.0.100.6: SCTP [INIT], length 20",
                PacketPrinter.describe(
                        v4().sctp(5, 6, 0).chunk(1, 0, 1, 2, 3, 4).build()));
        assertEquals(
                "vlan 7, IP 10.0.0.1 > 10.0.0.100: ICMP echo request, id 1, seq 2, length 8",
                PacketPrinter.describe(v4().vlan(7).icmp(8, 0, 0x0001_0002).build()));
        assertEquals(
                "IP 10.0.0.1 > 10.0.0.100: frag (id 9, offset 16, last), UDP, length 4",
                PacketPrinter.describe(v4().fragment(16, false, 9)
                        .protocol(ProtocolNumbers.UDP)
                        .payload(4)
                        .build()));
    }

    @Test
    void shouldShowTheQuotedPacketOfAnError() {
        final byte[] quoted = PacketBuilder.bare()
                .ip("10.0.0.100", "10.0.0.1")
                .udp(53, 999)
                .payload(50)
                .build();
        assertEquals(
                "IP 10.0.0.1 > 10.0.0.100: ICMP need to frag, mtu 1400, length 36"
                        + " [IP 10.0.0.100.53 > 10.0.0.1.999: UDP, length 0]",
                PacketPrinter.describe(
                        v4().icmp(3, 4, 1400).payload(Arrays.copyOf(quoted, 28)).build()));
    }

    @Test
    void shouldShowTunnelsOnRequest() {
        final byte[] inner =
                PacketBuilder.bare().ip("1.1.1.1", "2.2.2.2").udp(1, 2).build();
        final String text = "IP 1.1.1.1.1 > 2.2.2.2.2: UDP, length 0";
        final byte[] ipip = v4().protocol(ProtocolNumbers.IPIP).payload(inner).build();
        assertEquals("IP 10.0.0.1 > 10.0.0.100: IPIP, length 28: " + text, PacketPrinter.describe(ipip));
        assertEquals(
                "IP 10.0.0.1 > 10.0.0.100: GRE, length 32: " + text,
                PacketPrinter.describe(v4().protocol(ProtocolNumbers.GRE)
                        .payload(SeedPackets.gre(inner))
                        .build()));
        assertEquals(
                "IP 10.0.0.1.9 > 10.0.0.100.6080: UDP, length 32, GUE: " + text,
                PacketPrinter.describe(
                        v4().udp(9, 6080).payload(SeedPackets.gue(inner)).build()));
        final String outer = new PacketPrinter(false, false).line(new UnsafeBuffer(ipip), 0, ipip.length, true);
        assertEquals("IP 10.0.0.1 > 10.0.0.100: IPIP, length 28", outer);
    }

    @Test
    void shouldShowMacsAndArp() {
        final byte[] arp = PacketBuilder.ethernet()
                .macs(0x0200_0000_0001L, 0xFFFF_FFFF_FFFFL)
                .arp(1, 0x0200_0000_0001L, "10.0.0.1", 0, "10.0.0.2")
                .build();
        assertEquals(
                "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ARP, Request who-has 10.0.0.2 tell 10.0.0.1",
                new PacketPrinter(true, true).line(new UnsafeBuffer(arp), 0, arp.length, true));
    }

    @Test
    void shouldSayWhatIsWrongWithBytesThatAreNoPacket() {
        assertEquals("malformed (truncated), length 3", PacketPrinter.describe(new byte[3]));
        final byte[] wrong = v4().udp(1, 2).build();
        wrong[22] = 1;
        assertEquals("malformed (bad-ip-checksum), length 42", PacketPrinter.describe(wrong));
        assertEquals("ethertype 0x0000, length 20", PacketPrinter.describe(new byte[20]));
    }
}
