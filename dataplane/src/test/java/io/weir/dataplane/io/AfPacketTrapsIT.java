package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What AF_PACKET does that a reader of its manual page would not expect; one test for each. */
@Tag("netns")
class AfPacketTrapsIT {
    private static final String V2 = "afpacket:l0?slots=1024";
    private static final String V3 = "afpacket:l0?v3&blocks=32";
    private static final long PATIENCE_NS = 2_000_000_000L;
    private static final int NEEDS_CSUM = 1;
    private static final int MSS = 1448;

    private final PacketBatch batch = new PacketBatch();

    @SuppressWarnings("NullAway.Init")
    private VethPair pair;

    @BeforeEach
    void makePair() {
        pair = new VethPair();
    }

    @AfterEach
    void deletePair() {
        pair.close();
    }

    private static byte[] tcp(int payload) {
        return TestFrames.partialTcp(1, "10.9.0.2", 40_000, "10.9.0.1", 80, payload);
    }

    private static RawPort.Frame superFrame(int payload) {
        return new RawPort.Frame(NEEDS_CSUM, PacketBatch.SEGMENT_TCPV4, MSS, 34, 16, tcp(payload));
    }

    /** Receives into the batch until it holds so many frames; other devices' noise is not expected. */
    private void receive(PacketDevice device, int expected) {
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (batch.size < expected && System.nanoTime() - deadline < 0) {
            device.receive(batch, 0);
        }
        assertEquals(expected, batch.size);
    }

    /** Receives and releases until a frame passes; leaves it in the batch at the index returned. */
    private int receiveOneThat(PacketDevice device, Predicate<Integer> wanted) {
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (System.nanoTime() - deadline < 0) {
            device.release();
            batch.clear();
            device.receive(batch, 0);
            for (int i = 0; i < batch.size; i++) {
                if (wanted.test(i)) {
                    return i;
                }
            }
        }
        throw new AssertionError("no such frame came");
    }

    private void sendAll(PacketDevice device) {
        for (int i = 0; i < batch.size; i++) {
            batch.verdict[i] = PacketBatch.TRANSMIT;
            batch.egress[i] = 0;
        }
        assertEquals(batch.size, device.transmit(batch, 0));
    }

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

    private void describeSuperFrame(int i) {
        batch.checksumStart[i] = 34;
        batch.checksumOffset[i] = 16;
        batch.segmentType[i] = PacketBatch.SEGMENT_TCPV4;
        batch.segmentSize[i] = MSS;
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
    @ValueSource(strings = {V2, V3})
    void shouldReceiveSuperFramesWholeAndInOrder(String uri) {
        try (PacketDevice device = pair.device(uri);
                RawPort peer = pair.peer()) {
            final List<RawPort.Frame> frames = new ArrayList<>();
            for (int n = 0; n < 20; n++) {
                frames.add(superFrame(2_000 + 3_000 * n));
                frames.add(RawPort.Frame.plain(TestFrames.numbered(true, n, 60)));
                frames.add(superFrame(65_000 - n));
            }
            frames.forEach(peer::send);
            receive(device, 60);
            for (int i = 0; i < 60; i++) {
                assertArrayEquals(frames.get(i).bytes(), TestFrames.bytes(batch, i), "frame " + i);
                final boolean large = frames.get(i).gsoSize() > 0;
                assertEquals(large ? MSS : 0, batch.segmentSize[i]);
                assertEquals(large ? PacketBatch.SEGMENT_TCPV4 : PacketBatch.SEGMENT_NONE, batch.segmentType[i]);
                assertEquals(large ? 34 : -1, batch.checksumStart[i]);
                assertTrue(batch.headroom[i] >= 64);
            }
            assertEquals(0, device.receiveDrops());
        }
    }

    @Test
    void shouldGoOnWithSuperFramesForManyBatches() {
        try (PacketDevice device = pair.device(V2);
                RawPort peer = pair.peer()) {
            for (int n = 0; n < 50; n++) {
                for (int i = 0; i < 10; i++) {
                    peer.send(superFrame(30_000 + n * 10 + i));
                }
                receive(device, 10);
                for (int i = 0; i < 10; i++) {
                    assertEquals(54 + 30_000 + n * 10 + i, batch.length[i]);
                }
                batch.clear();
                device.release();
            }
            assertEquals(0, device.receiveDrops());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {V2, V3})
    void shouldSendSuperFramesWholeAndInOrder(String uri) {
        try (PacketDevice device = pair.device(uri);
                RawPort peer = pair.peer()) {
            final List<byte[]> frames = List.of(
                    TestFrames.numbered(true, 1, 60),
                    tcp(65_000),
                    TestFrames.numbered(true, 2, 60),
                    tcp(1_900),
                    tcp(9_000));
            for (final byte[] frame : frames) {
                final int i = batch.add(TestFrames.offHeap(frame, 64), 64, frame.length, 64, 0);
                if (frame.length > 1_000) {
                    describeSuperFrame(i);
                }
            }
            sendAll(device);
            final List<RawPort.Frame> received = peer.receive(5);
            assertEquals(5, received.size());
            for (int i = 0; i < 5; i++) {
                final RawPort.Frame frame = received.get(i);
                assertArrayEquals(frames.get(i), frame.bytes(), "frame " + i);
                assertEquals(frame.bytes().length > 1_000 ? MSS : 0, frame.gsoSize());
            }
            assertEquals(0, device.transmitDrops());
        }
    }

    @Test
    void shouldSendAReceivedSuperFrameOn() {
        try (PacketDevice device = pair.device(V2);
                RawPort peer = pair.peer()) {
            final RawPort.Frame frame = superFrame(50_000);
            peer.send(frame);
            receive(device, 1);
            sendAll(device);
            device.release();
            final RawPort.Frame back = peer.receive(1).get(0);
            assertArrayEquals(frame.bytes(), back.bytes());
            assertEquals(MSS, back.gsoSize());
            assertEquals(34, back.checksumStart());
        }
    }

    /** Our egress then completes the checksum, and a wrong partial one would show. */
    @Test
    void shouldLetTheKernelCompleteAPartialChecksum() {
        pair.lb().exec("ethtool", "-K", "l0", "tx", "off");
        try (PacketDevice device = pair.device(V2);
                RawPort peer = pair.peer()) {
            final byte[] frame = tcp(100);
            final int i = batch.add(TestFrames.offHeap(frame, 64), 64, frame.length, 64, 0);
            batch.checksumStart[i] = 34;
            batch.checksumOffset[i] = 16;
            assertFalse(TestFrames.hasRightTcpChecksum(frame));
            sendAll(device);
            final RawPort.Frame received = peer.receive(1).get(0);
            assertEquals(0, received.flags() & NEEDS_CSUM);
            assertTrue(TestFrames.hasRightTcpChecksum(received.bytes()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {V2, V3, V2 + "&novnet", V3 + "&novnet"})
    void shouldTellThatALocalSenderLeftTheChecksumUndone(String uri) {
        final int ackSynRst = 47;
        addressPeer();
        try (PacketDevice device = pair.device(uri)) {
            pair.other().call(() -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress("10.9.0.1", 80), 50);
                } catch (SocketTimeoutException e) {
                    // nobody answers
                }
                return 0;
            });
            final int syn = receiveOneThat(device, i -> TestFrames.bytes(batch, i)[23] == 6);
            assertEquals(34, batch.checksumStart[syn]);
            assertEquals(16, batch.checksumOffset[syn]);
            assertEquals(2, TestFrames.bytes(batch, syn)[ackSynRst]);
            pair.other().call(() -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(new DatagramPacket(new byte[100], 100, InetAddress.getByName("10.9.0.1"), 53));
                }
                return 0;
            });
            final int datagram = receiveOneThat(device, i -> TestFrames.bytes(batch, i)[23] == 17);
            assertEquals(34, batch.checksumStart[datagram]);
            assertEquals(6, batch.checksumOffset[datagram]);
            assertEquals(!uri.contains("novnet"), device.carriesOffloads());
        }
    }

    private void addressPeer() {
        pair.other().exec("ip", "address", "add", "10.9.0.2/24", "dev", "p0");
        pair.other().exec("ip", "neighbour", "add", "10.9.0.1", "lladdr", "02:00:00:00:00:01", "dev", "p0");
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
            final long before = threads.getThreadAllocatedBytes(thread);
            turns(device, peer, back, 3_000);
            assertEquals(0, threads.getThreadAllocatedBytes(thread) - before);
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
