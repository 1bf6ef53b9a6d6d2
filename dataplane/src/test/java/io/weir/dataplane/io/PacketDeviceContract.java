package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every device must do. */
abstract class PacketDeviceContract {
    private static final int INTERFACE = 3;
    private static final long PATIENCE_NS = 2_000_000_000L;

    private final DeviceHarness.Factory factory;
    private final boolean linkLayer;

    PacketDeviceContract(String name, DeviceHarness.Factory factory) {
        this.factory = factory;
        this.linkLayer = !name.startsWith("tun") && !name.contains("l3");
    }

    private List<byte[]> frames(int count, int length) {
        return IntStream.range(0, count)
                .mapToObj(n -> TestFrames.numbered(linkLayer, n, length))
                .toList();
    }

    /** Receives until the expected number of our frames is there, or it takes too long. */
    private static List<byte[]> receiveAll(PacketDevice device, int expected) {
        final List<byte[]> frames = new ArrayList<>();
        final PacketBatch batch = new PacketBatch();
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (frames.size() < expected && System.nanoTime() - deadline < 0) {
            batch.clear();
            if (device.receive(batch, INTERFACE) > 0) {
                deadline = System.nanoTime() + PATIENCE_NS;
                take(device, batch, frames);
                device.release();
            }
        }
        return frames;
    }

    private static void take(PacketDevice device, PacketBatch batch, List<byte[]> frames) {
        for (int i = 0; i < batch.size; i++) {
            final byte[] frame = TestFrames.bytes(batch, i);
            if (TestFrames.isNumbered(device.hasLinkLayer(), frame)) {
                frames.add(frame);
            }
        }
    }

    /** A batch with the first of our frames in it. */
    private static PacketBatch receiveOne(PacketDevice device) {
        final PacketBatch batch = new PacketBatch();
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (System.nanoTime() - deadline < 0) {
            if (device.receive(batch, INTERFACE) > 0
                    && TestFrames.isNumbered(device.hasLinkLayer(), TestFrames.bytes(batch, 0))) {
                return batch;
            }
            if (batch.size > 0) {
                batch.clear();
                device.release();
            }
        }
        throw new AssertionError("nothing was received");
    }

    private static void assertFrames(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "frame " + i);
        }
    }

    private static void mark(PacketBatch batch, int i, int egress) {
        batch.verdict[i] = PacketBatch.TRANSMIT;
        batch.egress[i] = egress;
    }

    private PacketBatch batchOf(List<byte[]> frames) {
        final PacketBatch batch = new PacketBatch();
        for (final byte[] frame : frames) {
            mark(batch, batch.add(TestFrames.offHeap(frame, 64), 64, frame.length, 64, -1), INTERFACE);
        }
        return batch;
    }

    @Test
    void shouldDeliverFramesWholeAndInOrder() {
        final List<byte[]> frames = new ArrayList<>(frames(150, 60));
        frames.addAll(frames(50, 1000));
        try (DeviceHarness harness = factory.open(frames)) {
            assertFrames(frames, receiveAll(harness.device(), frames.size()));
            assertEquals(0, harness.device().receiveDrops());
        }
    }

    @Test
    void shouldAddNothingToAFullBatch() {
        try (DeviceHarness harness = factory.open(frames(10, 60))) {
            final PacketBatch batch = receiveOne(harness.device());
            final byte[] other = TestFrames.numbered(linkLayer, 99, 60);
            while (!batch.isFull()) {
                batch.add(TestFrames.offHeap(other, 0), 0, other.length, 0, 0);
            }
            assertEquals(0, harness.device().receive(batch, INTERFACE));
            harness.device().release();
            assertEquals(PacketBatch.CAPACITY, batch.size);
        }
    }

    @Test
    void shouldDescribeAReceivedFrame() {
        try (DeviceHarness harness = factory.open(frames(1, 60))) {
            final PacketBatch batch = receiveOne(harness.device());
            assertEquals(INTERFACE, batch.ingress[0]);
            assertEquals(PacketBatch.PASS, batch.verdict[0]);
            assertEquals(-1, batch.vlanTci[0]);
            assertEquals(-1, batch.checksumStart[0]);
            assertEquals(0, batch.segmentSize[0]);
            assertTrue(batch.headroom[0] >= 64, "headroom " + batch.headroom[0]);
            harness.device().release();
        }
    }

    @Test
    void shouldAlignTheIpHeader() {
        try (DeviceHarness harness = factory.open(frames(1, 60))) {
            final PacketBatch batch = receiveOne(harness.device());
            final long address = batch.buffer[0].addressOffset() + batch.offset[0] + (linkLayer ? 14 : 0);
            assertEquals(0, address & 3);
            harness.device().release();
        }
    }

    @Test
    void shouldLetTheHeadroomBeOverwritten() {
        final List<byte[]> frames = frames(5, 100);
        try (DeviceHarness harness = factory.open(frames)) {
            final List<byte[]> received = new ArrayList<>();
            final PacketBatch batch = new PacketBatch();
            final long deadline = System.nanoTime() + PATIENCE_NS;
            while (received.size() < frames.size() && System.nanoTime() - deadline < 0) {
                batch.clear();
                harness.device().receive(batch, INTERFACE);
                for (int i = 0; i < batch.size; i++) {
                    batch.buffer[i].setMemory(batch.offset[i] - batch.headroom[i], batch.headroom[i], (byte) 0xEE);
                }
                take(harness.device(), batch, received);
                if (batch.size > 0) {
                    harness.device().release();
                }
            }
            assertFrames(frames, received);
        }
    }

    @Test
    void shouldGoOnForMoreFramesThanItHasMemoryFor() {
        final List<byte[]> frames = frames(60, 200);
        try (DeviceHarness harness = factory.open(frames)) {
            assertFrames(frames, receiveAll(harness.device(), 60));
            final PacketDevice device = harness.device();
            for (int n = 0; n < 200; n++) {
                final PacketBatch nothing = new PacketBatch();
                if (device.receive(nothing, INTERFACE) > 0) {
                    device.release();
                }
            }
            assertEquals(0, device.receiveDrops());
        }
    }

    @Test
    void shouldSendFramesWholeAndInOrder() {
        final List<byte[]> frames = new ArrayList<>(frames(30, 60));
        frames.addAll(frames(34, 1000));
        try (DeviceHarness harness = factory.open(List.of())) {
            assertEquals(64, harness.device().transmit(batchOf(frames), INTERFACE));
            assertFrames(frames, harness.sent(64));
            assertEquals(0, harness.device().transmitDrops());
        }
    }

    @Test
    void shouldSendOnlyWhatIsToLeaveByThisInterface() {
        final List<byte[]> frames = frames(4, 60);
        final PacketBatch batch = batchOf(frames);
        batch.verdict[0] = PacketBatch.DROP;
        batch.egress[1] = INTERFACE + 1;
        batch.verdict[2] = PacketBatch.PASS;
        try (DeviceHarness harness = factory.open(List.of())) {
            assertEquals(1, harness.device().transmit(batch, INTERFACE));
            assertFrames(frames.subList(3, 4), harness.sent(1));
            assertEquals(0, harness.device().transmitDrops());
        }
    }

    @Test
    void shouldCountAndDropAFrameLongerThanTheMtu() {
        final int header = linkLayer ? 14 : 0;
        final List<byte[]> frames = List.of(
                TestFrames.numbered(linkLayer, 0, 1500 + header + 1), TestFrames.numbered(linkLayer, 1, 1500 + header));
        try (DeviceHarness harness = factory.open(List.of())) {
            assertEquals(1, harness.device().transmit(batchOf(frames), INTERFACE));
            assertEquals(1, harness.device().transmitDrops());
            assertFrames(frames.subList(1, 2), harness.sent(1));
        }
    }

    @Test
    void shouldSendAFrameWithAnOuterHeaderPutInFront() {
        final byte[] inner = TestFrames.numbered(linkLayer, 7, 200);
        try (DeviceHarness harness = factory.open(List.of(inner))) {
            final PacketBatch batch = receiveOne(harness.device());
            final byte[] outer = TestFrames.numbered(linkLayer, 9, 40);
            batch.offset[0] -= 40;
            batch.length[0] += 40;
            batch.headroom[0] -= 40;
            batch.buffer[0].putBytes(batch.offset[0], outer);
            mark(batch, 0, INTERFACE);
            assertEquals(1, harness.device().transmit(batch, INTERFACE));
            harness.device().release();
            final byte[] sent = harness.sent(1).get(0);
            assertEquals(240, sent.length);
            assertEquals(9, TestFrames.number(linkLayer, sent));
            assertEquals(inner[199], sent[239]);
        }
    }

    @Test
    void shouldRefuseOffloadsItCannotCarry() {
        final PacketBatch batch = batchOf(frames(1, 100));
        batch.checksumStart[0] = 50;
        batch.checksumOffset[0] = 1;
        try (DeviceHarness harness = factory.open(List.of())) {
            final int sent = harness.device().transmit(batch, INTERFACE);
            assertEquals(harness.device().carriesOffloads() ? 1 : 0, sent);
            assertEquals(1 - sent, harness.device().transmitDrops());
        }
    }

    @Test
    void shouldTellWhatItIs() {
        try (DeviceHarness harness = factory.open(List.of())) {
            final PacketDevice device = harness.device();
            assertTrue(PacketDevices.schemes()
                    .contains(DeviceUri.parse(device.uri()).scheme()));
            assertFalse(device.interfaceName().isEmpty());
            assertEquals(linkLayer, device.hasLinkLayer());
            assertEquals(linkLayer, device.macAddress() != 0);
            assertEquals(1500, device.mtu());
        }
    }

    @Test
    void shouldBearToBeClosedTwice() {
        final DeviceHarness harness = factory.open(List.of());
        harness.device().close();
        harness.close();
    }
}
