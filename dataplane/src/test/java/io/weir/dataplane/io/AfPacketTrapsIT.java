package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What AF_PACKET does that a reader of its manual page would not expect; one test for each. */
@Tag("netns")
class AfPacketTrapsIT extends AfPacketFixture {
    @ParameterizedTest
    @ValueSource(strings = {V2, V3})
    void shouldTellTheTagThatTheKernelStripped(String uri) {
        try (PacketDevice device = pair.device(uri);
                RawPort peer = pair.peer()) {
            final byte[] frame = TestFrames.numbered(true, 3, 100);
            peer.send(tagged(frame, 0x8100, 0xA02A));
            peer.send(tagged(frame, 0x8100, 0));
            receive(device, 2);
            assertEquals(0xA02A, batch.vlanTci[0]);
            assertEquals(0, batch.vlanTci[1]);
            assertArrayEquals(frame, TestFrames.bytes(batch, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {V2, V3})
    void shouldLeaveAnOuterTagOfAProviderInTheFrame(String uri) {
        try (PacketDevice device = pair.device(uri);
                RawPort peer = pair.peer()) {
            final byte[] frame = tagged(TestFrames.numbered(true, 3, 100), 0x88A8, 7);
            peer.send(frame);
            receive(device, 1);
            assertEquals(-1, batch.vlanTci[0]);
            assertArrayEquals(frame, TestFrames.bytes(batch, 0));
        }
    }

    @Test
    void shouldPutTheTagBackWhenItSends() {
        try (PacketDevice device = pair.device(V2);
                PacketDevice peer = pair.other().call(() -> PacketDevices.open("afpacket:p0"))) {
            final byte[] small = TestFrames.numbered(true, 3, 100);
            final byte[] large = tcp(20_000);
            batch.add(TestFrames.offHeap(small, 64), 64, small.length, 64, 0);
            batch.add(TestFrames.offHeap(large, 64), 64, large.length, 64, 0);
            describeSuperFrame(1);
            batch.vlanTci[0] = 0xA02A;
            batch.vlanTci[1] = 0x0005;
            sendAll(device);
            batch.clear();
            receive(peer, 2);
            assertEquals(0xA02A, batch.vlanTci[0]);
            assertArrayEquals(small, TestFrames.bytes(batch, 0));
            assertEquals(5, batch.vlanTci[1]);
            assertEquals(34, batch.checksumStart[1]);
            assertArrayEquals(large, TestFrames.bytes(batch, 1));
        }
    }

    private static byte[] tagged(byte[] frame, int tpid, int tci) {
        final byte[] tagged = new byte[frame.length + 4];
        System.arraycopy(frame, 0, tagged, 0, 12);
        tagged[12] = (byte) (tpid >> 8);
        tagged[13] = (byte) tpid;
        tagged[14] = (byte) (tci >> 8);
        tagged[15] = (byte) tci;
        System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
        return tagged;
    }

    @ParameterizedTest
    @ValueSource(strings = {"afpacket:l0?slots=64&slot=256&novnet", V2 + "&novnet", V3 + "&novnet"})
    void shouldCountAndDropWhatIsNotWhole(String uri) {
        try (PacketDevice device = pair.device(uri);
                RawPort peer = pair.peer()) {
            peer.send(
                    uri.contains("slot=256")
                            ? RawPort.Frame.plain(TestFrames.numbered(true, 1, 300))
                            : superFrame(9_000));
            peer.send(TestFrames.numbered(true, 2, 60));
            receive(device, 1);
            assertEquals(2, TestFrames.number(true, TestFrames.bytes(batch, 0)));
            assertEquals(1, device.receiveDrops());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"afpacket:l0?slots=64&slot=256&novnet", V3 + "&novnet"})
    void shouldHandBackMemoryOfFramesThatWereAllDropped(String uri) {
        try (PacketDevice device = pair.device(uri);
                RawPort peer = pair.peer()) {
            for (int n = 0; n < 300; n++) {
                peer.send(
                        uri.contains("slot=256")
                                ? RawPort.Frame.plain(TestFrames.numbered(true, 1, 300))
                                : superFrame(9_000));
                final long deadline = System.nanoTime() + PATIENCE_NS;
                while (device.receiveDrops() <= n && System.nanoTime() - deadline < 0) {
                    assertEquals(0, device.receive(batch, 0));
                }
            }
            assertEquals(300, device.receiveDrops());
            peer.send(TestFrames.numbered(true, 2, 60));
            receive(device, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {V2, V3})
    void shouldNotReceiveWhatItSends(String uri) {
        try (PacketDevice device = pair.device(uri);
                RawPort peer = pair.peer()) {
            final byte[] frame = TestFrames.numbered(true, 1, 60);
            batch.add(TestFrames.offHeap(frame, 0), 0, frame.length, 0, 0);
            sendAll(device);
            assertEquals(1, peer.receive(1).size());
            batch.clear();
            peer.send(TestFrames.numbered(true, 2, 60));
            receive(device, 1);
            assertEquals(2, TestFrames.number(true, TestFrames.bytes(batch, 0)));
        }
    }

    @Test
    void shouldSwitchReceiveMergingOffAndBackOn() {
        pair.lb().exec("ethtool", "-K", "l0", "gro", "on");
        try (PacketDevice device = pair.device(V2)) {
            assertEquals("l0", device.interfaceName());
            assertTrue(merging().contains("generic-receive-offload: off"), merging());
        }
        assertTrue(merging().contains("generic-receive-offload: on"), merging());
    }

    @Test
    void shouldLeaveReceiveMergingOffWhereItWas() {
        pair.lb().exec("ethtool", "-K", "l0", "gro", "off");
        pair.device(V2).close();
        assertTrue(merging().contains("generic-receive-offload: off"), merging());
    }

    private String merging() {
        return pair.lb().exec("ethtool", "-k", "l0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"afpacket:l0?slots=16", "afpacket:l0?v3&blocks=2&block=65536"})
    void shouldAddUpTheDropsOfTheKernel(String uri) {
        try (AfPacketDevice device = (AfPacketDevice) pair.device(uri);
                RawPort peer = pair.peer()) {
            for (int round = 1; round <= 3; round++) {
                for (int n = 0; n < 400; n++) {
                    peer.send(TestFrames.numbered(true, n, 1_000));
                }
                final long before = device.receiveDrops();
                device.readStatistics();
                final long drops = device.receiveDrops();
                assertTrue(drops > before + 100, "drops " + drops + ", before " + before);
                device.readStatistics();
                assertEquals(drops, device.receiveDrops());
            }
        }
    }

    @Test
    void shouldCountAndDropWhatTheKernelWouldRefuse() {
        try (PacketDevice device = pair.device(V2);
                RawPort peer = pair.peer()) {
            final byte[] frame = TestFrames.numbered(true, 1, 60);
            for (int i = 0; i < 4; i++) {
                batch.add(TestFrames.offHeap(frame, 64), 64, frame.length, 64, 0);
                batch.verdict[i] = PacketBatch.TRANSMIT;
                batch.egress[i] = 0;
            }
            batch.checksumStart[0] = 2_000;
            batch.segmentSize[1] = MSS;
            batch.length[2] = 10;
            assertEquals(1, device.transmit(batch, 0));
            assertEquals(3, device.transmitDrops());
            assertEquals(1, peer.receive(1).size());
        }
    }

    @Test
    void shouldTellWhatTheDriverIsAndThatAnInterfaceIsDown() {
        try (AfPacketDevice device = (AfPacketDevice) pair.device(V2)) {
            assertEquals("veth", device.driver());
        }
        pair.lb().exec("ip", "link", "set", "l0", "down");
        assertEquals(
                "interface l0: interface is down",
                assertThrows(RuntimeException.class, () -> pair.device(V2)).getMessage());
    }

    @Test
    void shouldOutliveThatTheInterfaceGoesDownAndUp() {
        try (PacketDevice device = pair.device(V2);
                RawPort peer = pair.peer()) {
            pair.lb().exec("ip", "link", "set", "l0", "down");
            assertEquals(0, device.receive(batch, 0));
            pair.lb().exec("ip", "link", "set", "l0", "up");
            peer.drain();
            peer.send(superFrame(9_000));
            peer.send(TestFrames.numbered(true, 2, 60));
            receive(device, 2);
            sendAll(device);
            assertEquals(2, peer.receive(2).size());
        }
    }

    @Test
    void shouldAllocateNothing() {
        try (PacketDevice device = pair.device(V2);
                PacketDevice peer = pair.other().call(() -> PacketDevices.open("afpacket:p0?slots=1024"))) {
            final byte[] small = TestFrames.numbered(true, 1, 60);
            final byte[] large = tcp(5_000);
            for (int i = 0; i < 16; i++) {
                final byte[] frame = i % 4 == 0 ? large : small;
                batch.add(TestFrames.offHeap(frame, 64), 64, frame.length, 64, 0);
                if (frame == large) {
                    describeSuperFrame(i);
                }
            }
            final PacketBatch back = new PacketBatch();
            turns(device, peer, back, 3_000);
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long thread = Thread.currentThread().getId();
            threads.getThreadAllocatedBytes(thread);
            // The JIT compiler may allocate on our account while it installs code: the quietest of some runs counts.
            long least = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
                final long before = threads.getThreadAllocatedBytes(thread);
                turns(device, peer, back, 3_000);
                least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
            }
            assertEquals(0, least);
        }
    }

    private void turns(PacketDevice device, PacketDevice peer, PacketBatch back, int turns) {
        for (int n = 0; n < turns; n++) {
            sendAll(device);
            back.clear();
            final long deadline = System.nanoTime() + PATIENCE_NS;
            while (back.size < batch.size && System.nanoTime() - deadline < 0) {
                peer.receive(back, 0);
            }
            peer.release();
        }
    }
}
