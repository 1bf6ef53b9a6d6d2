package io.weir.dataplane.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TcpSegmenterTest {
    private static final int FIN = 0x01;
    private static final int PSH = 0x08;
    private static final int ACK = 0x10;
    private static final int CWR = 0x80;

    private final TcpSegmenter segmenter = new TcpSegmenter();

    private List<byte[]> cut(byte[] packet, int size) {
        final List<byte[]> segments = new ArrayList<>();
        final UnsafeBuffer out = new UnsafeBuffer(new byte[70_000]);
        segmenter.begin(new UnsafeBuffer(packet), 0, packet.length, size);
        while (segmenter.hasNext()) {
            final byte[] segment = new byte[segmenter.next(out, 64)];
            out.getBytes(64, segment);
            segments.add(segment);
        }
        return segments;
    }

    @RepeatedTest(100)
    void shouldKeepThePayloadAndMakeEveryChecksumRight(RepetitionInfo info) {
        final Random random = new Random(info.getCurrentRepetition());
        final boolean v4 = random.nextBoolean();
        final byte[] packet = Packets.tcp(random, v4, FIN | PSH | ACK | CWR, 1 + random.nextInt(60_000));
        final int size = 500 + random.nextInt(1000);
        final ParsedPacket whole = Packets.parse(packet);
        final int header = whole.l3HeaderLength + whole.tcpHeaderLength;
        final byte[] payload = new byte[packet.length - header];
        final List<byte[]> segments = cut(packet, size);
        int done = 0;
        for (int i = 0; i < segments.size(); i++) {
            final byte[] segment = segments.get(i);
            final ParsedPacket p = Packets.parse(segment);
            final UnsafeBuffer b = new UnsafeBuffer(segment);
            final boolean last = i == segments.size() - 1;
            assertEquals(segment.length, p.l3Length);
            assertTrue(InternetChecksum.transportValid(b, p));
            assertEquals(
                    new UnsafeBuffer(packet).getInt(whole.l4Offset + 4, ByteOrder.BIG_ENDIAN) + done,
                    b.getInt(p.l4Offset + 4, ByteOrder.BIG_ENDIAN));
            assertEquals(ACK | (i == 0 ? CWR : 0) | (last ? FIN | PSH : 0), p.tcpFlags);
            if (v4) {
                assertEquals(0, InternetChecksum.finish(InternetChecksum.sum(b, 0, 20, 0)));
                assertEquals((IpHeader.u16(new UnsafeBuffer(packet), 4) + i) & 0xFFFF, IpHeader.u16(b, 4));
            }
            final int bytes = segment.length - header;
            assertEquals(last ? payload.length - done : size, bytes);
            System.arraycopy(segment, header, payload, done, bytes);
            done += bytes;
        }
        assertEquals(payload.length, done);
        assertArrayEquals(Arrays.copyOfRange(packet, header, packet.length), payload);
    }

    @Test
    void shouldPassAPacketWithoutPayload() {
        final byte[] packet = Packets.tcp(new Random(1), true, ACK, 0);
        final List<byte[]> segments = cut(packet, 1000);
        assertEquals(1, segments.size());
        assertArrayEquals(packet, segments.get(0));
    }

    @Test
    void shouldYieldNothingForAnotherProtocol() {
        final byte[] packet = Packets.v4(new Random(2), 3000, new byte[0]);
        segmenter.begin(new UnsafeBuffer(packet), 0, packet.length, 1000);
        assertFalse(segmenter.hasNext());
    }

    @Test
    void shouldCompleteAPartialChecksum() {
        final byte[] packet = Packets.tcp(new Random(3), false, ACK, 777);
        final byte[] right = packet.clone();
        final UnsafeBuffer b = new UnsafeBuffer(packet);
        final ParsedPacket p = Packets.parse(packet);
        final long pseudo =
                InternetChecksum.pseudoHeader(p.srcHi, p.srcLo, p.dstHi, p.dstLo, ProtocolNumbers.TCP, p.l4Length);
        IpHeader.putU16(b, p.l4Offset + 16, InternetChecksum.fold(pseudo));
        PartialChecksum.complete(b, p.l4Offset, 16, packet.length);
        assertArrayEquals(right, packet);
    }
}
