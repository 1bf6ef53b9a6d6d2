package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class UnfinishedChecksumFinderTest {
    private static final String FROM = "10.9.0.2";
    private static final String TO = "10.9.0.1";

    private static PacketBatch found(byte[] frame) {
        final PacketBatch batch = new PacketBatch();
        batch.add(TestFrames.offHeap(frame, 2), 2, frame.length, 2, 0);
        UnfinishedChecksumFinder.find(batch, 0);
        return batch;
    }

    @Test
    void shouldFindTheChecksumALocalSenderLeft() {
        final PacketBatch batch = found(TestFrames.partialTcp(1, FROM, 40_000, TO, 80, 101));
        assertEquals(34, batch.checksumStart[0]);
        assertEquals(16, batch.checksumOffset[0]);
    }

    @Test
    void shouldLeaveAFinishedChecksumAlone() {
        final PacketBatch batch = found(TestFrames.tcp(1, FROM, 40_000, TO, 80, 101));
        assertEquals(-1, batch.checksumStart[0]);
    }

    /** Here the data is such that the finished checksum is the pseudo header's sum. */
    @Test
    void shouldNotBeFooledByAChecksumThatIsBothInOne() {
        final byte[] frame = TestFrames.partialTcp(1, FROM, 40_000, TO, 80, 100);
        final ByteBuffer bytes = ByteBuffer.wrap(frame);
        final int unfinished = bytes.getShort(50) & 0xFFFF;
        int filler = 0;
        while (filler < 0x1_0000 && !TestFrames.hasRightTcpChecksum(frame)) {
            bytes.putShort(60, (short) filler++);
        }
        assertTrue(TestFrames.hasRightTcpChecksum(frame));
        assertEquals(unfinished, bytes.getShort(50) & 0xFFFF);
        assertEquals(-1, found(frame).checksumStart[0]);
    }

    @Test
    void shouldNotLookForOneInFragments() {
        final byte[] frame = TestFrames.partialTcp(1, FROM, 40_000, TO, 80, 100);
        ByteBuffer.wrap(frame).putShort(20, (short) 0x2000);
        assertEquals(-1, found(frame).checksumStart[0]);
    }

    @Test
    void shouldBearWhatIsTooShort() {
        final byte[] frame = TestFrames.partialTcp(1, FROM, 40_000, TO, 80, 0);
        for (int length = 0; length < frame.length; length++) {
            final PacketBatch batch = new PacketBatch();
            batch.add(TestFrames.offHeap(frame, 2), 2, length, 2, 0);
            UnfinishedChecksumFinder.find(batch, 0);
            assertTrue(batch.checksumStart[0] < length, "length " + length);
        }
    }

    @Test
    void shouldIgnorePaddingBehindThePacket() {
        final byte[] frame = java.util.Arrays.copyOf(TestFrames.partialTcp(1, FROM, 40_000, TO, 80, 2), 60);
        assertEquals(34, found(frame).checksumStart[0]);
    }
}
