package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PartialChecksumFinderTest {
    private final PacketBatch batch = new PacketBatch();

    private boolean find(byte[] frame) {
        batch.clear();
        return PartialChecksumFinder.find(batch, batch.add(new UnsafeBuffer(frame), 0, frame.length, 0, 0));
    }

    private static byte[] ipv6(int... nextHeaders) {
        final ByteBuffer b = ByteBuffer.allocate(14 + 40 + 8 * nextHeaders.length + 20);
        TestFrames.ethernet(b, 1, 0x86DD);
        b.put(14 + 6, (byte) nextHeaders[0]);
        for (int i = 1; i < nextHeaders.length; i++) {
            b.put(14 + 40 + 8 * (i - 1), (byte) nextHeaders[i]);
        }
        return b.array();
    }

    @Test
    void shouldFindTcpBehindIpv4() {
        assertTrue(find(TestFrames.partialTcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 5)));
        assertEquals(34, batch.checksumStart[0]);
        assertEquals(16, batch.checksumOffset[0]);
    }

    @Test
    void shouldFindUdpBehindIpv6Options() {
        assertTrue(find(ipv6(0, 60, 17)));
        assertEquals(14 + 40 + 16, batch.checksumStart[0]);
        assertEquals(6, batch.checksumOffset[0]);
    }

    @Test
    void shouldFindNothingInOtherFrames() {
        assertFalse(find(TestFrames.numbered(true, 1, 60)));
        assertFalse(find(ipv6(59)));
        assertFalse(find(new byte[20]));
        assertEquals(-1, batch.checksumStart[0]);
    }
}
