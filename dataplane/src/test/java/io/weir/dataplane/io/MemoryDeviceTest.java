package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class MemoryDeviceTest {
    private static final byte[] FRAME = TestFrames.numbered(true, 1, 60);

    private final PacketBatch batch = new PacketBatch();

    private static void send(PacketBatch batch, int egress) {
        for (int i = 0; i < batch.size; i++) {
            batch.verdict[i] = PacketBatch.TRANSMIT;
            batch.egress[i] = egress;
        }
    }

    @Test
    void shouldReceiveInOneOfAPairWhatTheOtherSends() {
        final MemoryDevice[] pair = MemoryDevice.pair("mem:a", "mem:b");
        pair[0].inject(new UnsafeBuffer(FRAME), 0, FRAME.length);
        // What was injected into a comes out of a, as if b had sent it.
        assertEquals(1, pair[0].receive(batch, 0));
        send(batch, 0);
        assertEquals(1, pair[0].transmit(batch, 0));
        pair[0].release();
        batch.clear();
        assertEquals(1, pair[1].receive(batch, 1));
        assertArrayEquals(FRAME, TestFrames.bytes(batch, 0));
    }

    @Test
    void shouldCarryOffloadsIfAskedTo() {
        final MemoryDevice device = MemoryDevice.open("mem:a?offloads");
        final byte[] big = TestFrames.partialTcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 20_000);
        final int i = batch.add(TestFrames.offHeap(big, 0), 0, big.length, 0, 0);
        batch.checksumStart[i] = 34;
        batch.checksumOffset[i] = 16;
        batch.segmentType[i] = PacketBatch.SEGMENT_TCPV4;
        batch.segmentSize[i] = 1448;
        batch.vlanTci[i] = 0;
        assertTrue(device.inject(batch, i));
        final PacketBatch received = new PacketBatch();
        assertEquals(1, device.receive(received, 0));
        assertEquals(34, received.checksumStart[0]);
        assertEquals(16, received.checksumOffset[0]);
        assertEquals(PacketBatch.SEGMENT_TCPV4, received.segmentType[0]);
        assertEquals(1448, received.segmentSize[0]);
        assertEquals(0, received.vlanTci[0]);
        assertArrayEquals(big, TestFrames.bytes(received, 0));
    }

    @Test
    void shouldCountWhatFindsNoRoom() {
        final MemoryDevice device = MemoryDevice.open("mem:a?slots=2");
        final UnsafeBuffer frame = new UnsafeBuffer(FRAME);
        assertTrue(device.inject(frame, 0, FRAME.length));
        assertTrue(device.inject(frame, 0, FRAME.length));
        assertFalse(device.inject(frame, 0, FRAME.length));
        assertEquals(1, device.receiveDrops());
    }

    @Test
    void shouldAllocateNothing() {
        final MemoryDevice device = MemoryDevice.open("mem:a");
        final UnsafeBuffer frame = new UnsafeBuffer(FRAME);
        turns(device, frame, 20_000);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        // The JIT compiler may allocate on our account while it installs or drops code: the quietest of some runs
        // counts.
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
            final long before = threads.getThreadAllocatedBytes(thread);
            turns(device, frame, 20_000);
            least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, least);
    }

    private void turns(MemoryDevice device, UnsafeBuffer frame, int turns) {
        for (int n = 0; n < turns; n++) {
            for (int i = 0; i < PacketBatch.CAPACITY; i++) {
                device.inject(frame, 0, FRAME.length);
            }
            batch.clear();
            device.receive(batch, 0);
            send(batch, 0);
            device.transmit(batch, 0);
            device.release();
            device.discardSent();
        }
    }
}
