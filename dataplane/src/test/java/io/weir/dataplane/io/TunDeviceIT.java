package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("netns")
class TunDeviceIT {
    @Test
    void shouldMakeTheInterfaceAndTakeItAwayAgain() {
        try (Netns netns = new Netns("tun")) {
            try (PacketDevice device = netns.call(() -> PacketDevices.open("tun:weir0?mtu=1400"))) {
                final String link = netns.exec("ip", "link", "show", "weir0");
                assertTrue(link.contains("UP"), link);
                assertTrue(link.contains("mtu 1400"), link);
                assertTrue(link.contains("qlen 5000"), link);
                assertEquals(1400, device.mtu());
            }
            assertEquals(1, netns.status("ip", "link", "show", "weir0"));
        }
    }

    @Test
    void shouldTellThatSomebodyElseHasIt() {
        try (Netns netns = new Netns("tun");
                PacketDevice device = netns.call(() -> PacketDevices.open("tun:weir0"))) {
            final RuntimeException e =
                    assertThrows(RuntimeException.class, () -> netns.call(() -> PacketDevices.open(device.uri())));
            assertEquals("tun weir0: busy", e.getMessage());
        }
    }

    @Test
    void shouldTellThatTheNameBelongsToAnotherKindOfInterface() {
        try (VethPair pair = new VethPair()) {
            final RuntimeException e = assertThrows(RuntimeException.class, () -> pair.device("tun:l0"));
            assertEquals("tun l0: the name is taken by another kind of interface", e.getMessage());
        }
    }

    @Test
    void shouldRefuseToTapAnInterfaceWithoutEthernet() {
        try (Netns netns = new Netns("tun");
                PacketDevice device = netns.call(() -> PacketDevices.open("tun:weir0"))) {
            final RuntimeException e = assertThrows(
                    RuntimeException.class,
                    () -> netns.call(() -> PacketDevices.open("afpacket:" + device.interfaceName())));
            assertEquals("interface weir0: is not Ethernet", e.getMessage());
        }
    }

    /** The kernel completes checksums and cuts super-frames before a TUN without virtio_net_hdr. */
    @Test
    void shouldGetWholeChecksumsFromTheKernel() {
        try (Netns netns = new Netns("tun");
                PacketDevice device = netns.call(() -> PacketDevices.open("tun:weir0"))) {
            netns.exec("ip", "address", "add", "10.9.0.2/24", "dev", "weir0");
            netns.call(() -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(new DatagramPacket(new byte[100], 100, InetAddress.getByName("10.9.0.7"), 53));
                }
                return 0;
            });
            final PacketBatch batch = new PacketBatch();
            for (int n = 0; n < 100_000 && batch.size == 0; n++) {
                device.receive(batch, 0);
            }
            assertEquals(1, batch.size);
            final byte[] frame = new byte[14 + batch.length[0]];
            batch.buffer[0].getBytes(batch.offset[0], frame, 14, batch.length[0]);
            assertEquals(17, frame[23]);
            assertTrue(TestFrames.hasRightTcpChecksum(frame));
        }
    }
}
