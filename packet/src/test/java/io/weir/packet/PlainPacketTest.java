package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What is read by address, against the parser: random packets, many of them spoiled. */
class PlainPacketTest {
    private static final int PACKETS = 200_000;
    private static final int ROOM = 2048;

    private final Random random = new Random(20261122);
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(ROOM));
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket parsed = new ParsedPacket();

    private byte[] packet(boolean v4) {
        final PacketBuilder packet = PacketBuilder.bare();
        if (v4) {
            packet.ip("192.0.2." + random.nextInt(256), "203.0.113." + random.nextInt(256));
        } else {
            packet.ip("2001:db8::" + random.nextInt(1000), "2001:db8:f::" + random.nextInt(1000));
        }
        if (random.nextBoolean()) {
            packet.dontFragment();
        }
        packet.ttl(random.nextInt(256)).tos(random.nextInt(256));
        if (random.nextBoolean()) {
            packet.udp(random.nextInt(65536), random.nextInt(65536));
        } else {
            packet.tcp(random.nextInt(65536), random.nextInt(65536), random.nextInt(256));
        }
        return packet.payload(random.nextInt(60)).build();
    }

    @Test
    void shouldAcceptWhatTheParserAcceptsAndReadTheSame() {
        int whole = 0;
        int plain = 0;
        for (int n = 0; n < PACKETS; n++) {
            final byte[] bytes = packet(random.nextInt(4) != 0);
            if (random.nextBoolean()) {
                bytes[random.nextInt(Math.min(44, bytes.length))] ^= (byte) (1 << random.nextInt(8));
            }
            final int at = random.nextInt(64);
            memory.setMemory(0, ROOM, (byte) random.nextInt(256));
            memory.putBytes(at, bytes);
            final int available =
                    random.nextInt(8) == 0 ? random.nextInt(bytes.length) : bytes.length + random.nextInt(8);
            final long ip = memory.addressOffset() + at;
            final int status = parser.parse(memory, at, available, false, parsed);
            final boolean isPlain = status == ParseStatus.OK && parsed.isPlain();
            if (PlainPacket.isWholeIpv4(ip, available)) {
                whole++;
                assertTrue(isPlain && parsed.isV4(), "packet " + n);
            }
            if (isPlain) {
                plain++;
                same(ip, "packet " + n);
            }
        }
        assertTrue(whole > PACKETS / 4, "whole=" + whole);
        assertTrue(plain > PACKETS / 2, "plain=" + plain);
    }

    private void same(long ip, String what) {
        final boolean v4 = PlainPacket.isV4(ip);
        assertEquals(parsed.isV4(), v4, what);
        assertEquals(parsed.l3HeaderLength, PlainPacket.headerBytes(v4), what);
        assertEquals(parsed.protocol, PlainPacket.protocol(ip, v4), what);
        assertEquals(parsed.l3Length, PlainPacket.length(ip, v4), what);
        assertEquals(parsed.ttl, PlainPacket.ttl(ip, v4), what);
        assertEquals(parsed.srcPort << 16 | parsed.dstPort, PlainPacket.ports(ip, v4), what);
        if (v4) {
            assertEquals(parsed.srcLo, PlainPacket.source4(ip), what);
            assertEquals(parsed.dstLo, PlainPacket.destination4(ip), what);
        }
        if (parsed.protocol == ProtocolNumbers.TCP) {
            assertEquals(parsed.tcpFlags, PlainPacket.tcpFlags(ip, v4), what);
        }
    }

    @Test
    void shouldLeaveAShortDatagramToTheParser() {
        final byte[] bytes = PacketBuilder.bare()
                .ip("192.0.2.1", "203.0.113.1")
                .udp(1000, 53)
                .payload(3)
                .build();
        memory.putBytes(0, bytes);
        assertEquals(ParseStatus.OK, parser.parse(memory, 0, bytes.length, false, parsed));
        assertFalse(PlainPacket.isWholeIpv4(memory.addressOffset(), bytes.length));
    }
}
