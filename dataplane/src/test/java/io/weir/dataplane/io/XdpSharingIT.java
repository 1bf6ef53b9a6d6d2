package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two AF_XDP devices with one memory of frames: what is not copied between them, and that no frame is lost or used twice. */
@Tag("netns")
class XdpSharingIT {
    private static final String VIP = "10.9.0.1";
    private static final String CLIENT = "10.9.0.2";
    private static final long PATIENCE_NS = 2_000_000_000L;
    private static final int FRAMES = 64;

    @SuppressWarnings("NullAway.Init")
    private VethPair pair;

    @SuppressWarnings("NullAway.Init")
    private Netns servers;

    @BeforeEach
    void make() {
        pair = new VethPair();
        servers = new Netns("servers");
        Netns.veth(pair.lb(), "l1", servers, "p1");
    }

    @AfterEach
    void delete() {
        pair.close();
        servers.close();
    }

    private List<PacketDevice> open(String... uris) {
        final List<PacketDevice> devices = pair.lb().call(() -> PacketDevices.openTogether(List.of(uris)));
        for (final PacketDevice device : devices) {
            if (device instanceof RuleFollower follower) {
                follower.follow(new GuardRules(
                        List.of(new Prefix(IpAddress.parse(VIP), 32)), List.of(), List.of(), List.of(), List.of()));
            }
        }
        return devices;
    }

    private static byte[] frame(int n) {
        return TestFrames.tcp(n, CLIENT, 4000 + n, VIP, 80, 10 + n % 50);
    }

    /** One batch from the first device to {@code egress}; gives what was received. */
    private static int forward(List<PacketDevice> devices, int egress, int expected) {
        final PacketBatch batch = new PacketBatch();
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (batch.size < expected && System.nanoTime() - deadline < 0) {
            devices.get(0).receive(batch, 0);
        }
        for (int i = 0; i < batch.size; i++) {
            batch.verdict[i] = PacketBatch.TRANSMIT;
            batch.egress[i] = egress;
        }
        assertEquals(batch.size, devices.get(egress).transmit(batch, egress));
        devices.get(0).release();
        return batch.size;
    }

    private static long inPlace(PacketDevice device) {
        return ((AfXdpDevice) device).sentInPlace();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "generic"})
    void shouldSendWhereTheFrameLiesAndGetItBack(String mode) {
        final List<PacketDevice> devices =
                open("xdp:l0?frames=" + FRAMES + "&mode=" + mode, "xdp:l1?frames=" + FRAMES + "&mode=" + mode);
        try (RawPort client = pair.peer();
                RawPort server = servers.call(() -> new RawPort("p1"))) {
            // Many times as many frames as there are: each has come back, or the ring had run dry.
            for (int round = 0; round < 40; round++) {
                for (int n = 0; n < FRAMES / 2; n++) {
                    client.send(frame(n));
                }
                assertEquals(FRAMES / 2, forward(devices, 1, FRAMES / 2));
                final List<RawPort.Frame> arrived = server.receive(FRAMES / 2);
                assertEquals(FRAMES / 2, arrived.size());
                for (int n = 0; n < arrived.size(); n++) {
                    assertArrayEquals(frame(n), arrived.get(n).bytes());
                }
            }
            assertEquals(40L * FRAMES / 2, inPlace(devices.get(1)));
            assertEquals(0, devices.get(0).receiveDrops());
        } finally {
            devices.forEach(PacketDevice::close);
        }
    }

    @Test
    void shouldSendInPlaceByTheInterfaceItCameFrom() {
        final List<PacketDevice> devices = open("xdp:l0?frames=" + FRAMES);
        try (RawPort client = pair.peer()) {
            client.send(frame(1));
            assertEquals(1, forward(devices, 0, 1));
            assertArrayEquals(frame(1), client.receive(1).get(0).bytes());
            assertEquals(1, inPlace(devices.get(0)));
        } finally {
            devices.forEach(PacketDevice::close);
        }
    }

    @Test
    void shouldLendNoMoreThanHalfOfAQueue() {
        final List<PacketDevice> devices = open("xdp:l0?frames=" + FRAMES, "xdp:l1?frames=" + FRAMES);
        try (RawPort client = pair.peer();
                RawPort server = servers.call(() -> new RawPort("p1"))) {
            // The server reads nothing: what it was sent stays in its socket, and belongs to the kernel.
            for (int n = 0; n < FRAMES; n++) {
                client.send(frame(n));
            }
            assertEquals(FRAMES, forward(devices, 1, FRAMES));
            assertEquals(FRAMES / 2, inPlace(devices.get(1)), "the others are copied");
            client.send(frame(7));
            assertEquals(1, forward(devices, 1, 1), "and the queue still receives");
            assertEquals(FRAMES + 1, server.receive(FRAMES + 1).size());
        } finally {
            devices.forEach(PacketDevice::close);
        }
    }

    @Test
    void shouldCopyBetweenDevicesOfOtherKinds() {
        final List<PacketDevice> devices = open("xdp:l0?frames=" + FRAMES, "afpacket:l1?slots=64");
        try (RawPort client = pair.peer();
                RawPort server = servers.call(() -> new RawPort("p1"))) {
            client.send(frame(3));
            assertEquals(1, forward(devices, 1, 1));
            assertArrayEquals(frame(3), server.receive(1).get(0).bytes());
        } finally {
            devices.forEach(PacketDevice::close);
        }
    }

    @Test
    void shouldOpenAllOrNone() {
        assertThrows(RuntimeException.class, () -> open("xdp:l0?frames=64", "xdp:nowhere"));
        assertTrue(!pair.lb().exec("ip", "-d", "link", "show", "l0").contains("xdp"));
        open("xdp:l1?frames=64", "afpacket:l0?slots=64").forEach(device -> {
            assertEquals(device.uri().startsWith("xdp") ? "l1" : "l0", device.interfaceName());
            device.close();
        });
    }
}
