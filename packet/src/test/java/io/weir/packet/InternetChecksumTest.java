package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket packet = new ParsedPacket();

    @Test
    void shouldGiveTheExampleOfRfc1071() {
        final UnsafeBuffer buffer = new UnsafeBuffer(PacketBuilder.bytes(0, 1, 0xF2, 3, 0xF4, 0xF5, 0xF6, 0xF7));
        assertEquals(0xDDF2, InternetChecksum.fold(InternetChecksum.sum(buffer, 0, 8, 0)));
    }

    @Test
    void shouldGiveTheExampleOfRfc1624Section4() {
        // the case that equation 4 of RFC 1141 gets wrong
        assertEquals(0x0000, InternetChecksum.update16(0xDD2F, 0x5555, 0x3285));
    }

    @Test
    void shouldSumMoreThanAnyPacketHolds() {
        final byte[] ones = new byte[1 << 20];
        java.util.Arrays.fill(ones, (byte) 0xFF);
        assertEquals(0xFFFF, InternetChecksum.fold(InternetChecksum.sum(new UnsafeBuffer(ones), 0, ones.length, 0)));
    }

    @Test
    void shouldSendAComputedUdpZeroAsAllOnes() {
        // the last two bytes of the payload make the sum come out as zero
        final PacketBuilder builder =
                PacketBuilder.bare().ip("10.0.0.1", "10.0.0.2").udp(1000, 2000);
        final UnsafeBuffer first = builder.payload(new byte[2]).buffer();
        parser.parse(first, 0, first.capacity(), false, packet);
        final int checksum = InternetChecksum.transport(first, packet);
        final byte[] complement = {(byte) (checksum >>> 8), (byte) checksum};
        final UnsafeBuffer second = builder.payload(complement).buffer();
        assertEquals(ParseStatus.OK, parser.parse(second, 0, second.capacity(), false, packet));
        assertEquals(0xFFFF, InternetChecksum.transport(second, packet));
        final UdpView udp = new UdpView().wrap(second, packet.l4Offset, second.capacity());
        assertEquals(0xFFFF, udp.checksum());
        assertTrue(InternetChecksum.transportValid(second, packet));
    }

    @Test
    void shouldPatchUdpToAllOnesAndNeverToZero() {
        final UnsafeBuffer frame =
                PacketBuilder.bare().ip("10.0.0.1", "10.0.0.2").udp(1000, 2000).buffer();
        final UdpView udp = new UdpView().wrap(frame, 20, frame.capacity());
        // moves the source port by exactly what the checksum is short of zero
        final int wanted = InternetChecksum.fold(udp.sourcePort() + (long) udp.checksum());
        udp.rewriteSourcePort(wanted);
        assertEquals(0xFFFF, udp.checksum());
        parser.parse(frame, 0, frame.capacity(), false, packet);
        assertEquals(0xFFFF, InternetChecksum.transport(frame, packet));
    }

    @Test
    void shouldLeaveAnAbsentUdpChecksumAlone() {
        final UnsafeBuffer frame = PacketBuilder.bare()
                .ip("10.0.0.1", "10.0.0.2")
                .udp(1000, 2000)
                .noChecksum()
                .buffer();
        final UdpView udp = new UdpView().wrap(frame, 20, frame.capacity());
        final Ipv4View ip = new Ipv4View().wrap(frame, 0, frame.capacity());
        udp.rewriteDestinationPort(53);
        ip.rewriteDestinationAddrForTransport(0x0A00_0003, udp);
        assertFalse(udp.hasChecksum());
        assertTrue(ip.isHeaderChecksumValid());
        parser.parse(frame, 0, frame.capacity(), false, packet);
        assertTrue(InternetChecksum.transportValid(frame, packet));
    }

    @Test
    void shouldSayWhichChecksumIsWrong() {
        final UnsafeBuffer frame = PacketBuilder.bare()
                .ip("fd00::1", "fd00::2")
                .tcp(1, 2, TcpFlags.SYN)
                .payload("x")
                .buffer();
        parser.parse(frame, 0, frame.capacity(), false, packet);
        assertTrue(InternetChecksum.transportValid(frame, packet));
        frame.putByte(frame.capacity() - 1, (byte) 'y');
        assertFalse(InternetChecksum.transportValid(frame, packet));
    }

    @Test
    void shouldComputeNothingForAProtocolWithoutChecksum() {
        final UnsafeBuffer frame = PacketBuilder.bare()
                .ip("10.0.0.1", "10.0.0.2")
                .protocol(ProtocolNumbers.GRE)
                .payload(8)
                .buffer();
        parser.parse(frame, 0, frame.capacity(), false, packet);
        assertEquals(-1, InternetChecksum.transport(frame, packet));
    }

    @Test
    void shouldGiveAllOnesForAnAllZeroIcmpMessage() {
        final UnsafeBuffer frame = PacketBuilder.bare()
                .ip("10.0.0.1", "10.0.0.2")
                .icmp(ProtocolNumbers.ICMP_ECHO_REPLY, 0, 0)
                .buffer();
        parser.parse(frame, 0, frame.capacity(), false, packet);
        assertEquals(0xFFFF, InternetChecksum.transport(frame, packet));
        assertTrue(new Icmpv4View().wrap(frame, 20, frame.capacity()).isChecksumValid());
    }
}
