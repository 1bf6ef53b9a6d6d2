package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Super-frames and partial checksums, as local senders leave them to the network card. */
@Tag("netns")
class AfPacketOffloadsIT extends AfPacketFixture {
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
}
