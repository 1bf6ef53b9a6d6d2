package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is special to AF_XDP: who sees which frame, tags, queues, and what is left behind. */
@Tag("netns")
class AfXdpDeviceIT {
    private static final String VIP = "10.9.0.1";
    private static final String CLIENT = "10.9.0.2";
    private static final long PATIENCE_NS = 2_000_000_000L;

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

    private AfXdpDevice open(String uri) {
        final AfXdpDevice device = (AfXdpDevice) pair.device(uri);
        device.follow(vip());
        return device;
    }

    private static GuardRules vip() {
        return new GuardRules(
                List.of(new Prefix(IpAddress.parse(VIP), 32)), List.of(), List.of(), List.of(), List.of());
    }

    private static byte[] tagged(byte[] frame, int tci) {
        final ByteBuffer b = ByteBuffer.allocate(frame.length + 4);
        b.put(frame, 0, 12).putShort((short) 0x8100).putShort((short) tci).put(frame, 12, frame.length - 12);
        return b.array();
    }

    private static byte[] arp() {
        final byte[] frame = new byte[60];
        Arrays.fill(frame, 0, 6, (byte) 0xFF);
        ByteBuffer.wrap(frame).putShort(12, (short) 0x0806).putLong(14, 0x0001_0800_0604_0001L);
        return frame;
    }

    /** Receives until so many frames are in the batch. */
    private static PacketBatch receive(PacketDevice device, int expected) {
        final PacketBatch batch = new PacketBatch();
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (batch.size < expected && System.nanoTime() - deadline < 0) {
            device.receive(batch, 0);
        }
        assertEquals(expected, batch.size);
        return batch;
    }

    private String link() {
        return pair.lb().exec("ip", "-d", "link", "show", "l0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "generic"})
    void shouldSplitTrafficBetweenDirectorAndHost(String mode) {
        try (AfXdpDevice device = open("xdp:l0?frames=64&mode=" + mode);
                RawPort host = pair.lb().call(() -> new RawPort("l0"));
                RawPort peer = pair.peer()) {
            peer.send(TestFrames.tcp(1, CLIENT, 4000, "10.9.0.77", 22, 10));
            peer.send(TestFrames.tcp(1, CLIENT, 4000, VIP, 80, 10));
            peer.send(arp());
            final PacketBatch batch = receive(device, 2);
            assertEquals(0x0800, etherType(TestFrames.bytes(batch, 0)));
            assertEquals(0x0806, etherType(TestFrames.bytes(batch, 1)), "ARP is for both");
            final List<RawPort.Frame> left = host.receive(2);
            assertEquals(2, left.size());
            assertEquals(22, ByteBuffer.wrap(left.get(0).bytes()).getShort(36));
            assertEquals(0x0806, etherType(left.get(1).bytes()));
            device.release();
        }
    }

    private static int etherType(byte[] frame) {
        return ByteBuffer.wrap(frame).getShort(12) & 0xFFFF;
    }

    @Test
    void shouldTakeATagOutAndPutItBack() {
        final byte[] frame = TestFrames.tcp(1, CLIENT, 4000, VIP, 80, 100);
        try (AfXdpDevice device = open("xdp:l0?frames=64");
                RawPort peer = pair.peer()) {
            peer.send(tagged(frame, 0x0123));
            final PacketBatch batch = receive(device, 1);
            assertEquals(0x0123, batch.vlanTci[0]);
            assertArrayEquals(frame, TestFrames.bytes(batch, 0));
            batch.verdict[0] = PacketBatch.TRANSMIT;
            batch.egress[0] = 0;
            assertEquals(1, device.transmit(batch, 0));
            device.release();
            // The peer's tap takes it out again: seen as what its frame does not hold.
            assertArrayEquals(frame, peer.receive(1).get(0).bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "generic"})
    void shouldFindAChecksumThatALocalSenderLeft(String mode) {
        final byte[] frame = TestFrames.partialTcp(1, CLIENT, 4000, VIP, 80, 100);
        try (AfXdpDevice device = open("xdp:l0?frames=64&mode=" + mode);
                RawPort peer = pair.peer()) {
            peer.send(new RawPort.Frame(1, 0, 0, 34, 16, frame));
            peer.send(TestFrames.tcp(1, CLIENT, 4000, VIP, 80, 100));
            final PacketBatch batch = receive(device, 2);
            assertEquals(34, batch.checksumStart[0]);
            assertEquals(-1, batch.checksumStart[1]);
            device.release();
        }
    }

    @Test
    void shouldCountWhatFindsNoFreeFrame() {
        final AfXdpDevice device = open("xdp:l0?frames=64");
        try (device;
                RawPort peer = pair.peer()) {
            for (int n = 0; n < 100; n++) {
                peer.send(TestFrames.tcp(1, CLIENT, 4000, VIP, 80, 10));
            }
            receive(device, 64);
            device.release();
        }
        // Closing reads the statistics.
        assertEquals(36, device.receiveDrops());
    }

    @Test
    void shouldHearAllQueues() {
        pair.lb().exec("ip", "link", "del", "l0");
        pair.lb()
                .exec(
                        "ip",
                        "link",
                        "add",
                        "l0",
                        "numrxqueues",
                        "4",
                        "numtxqueues",
                        "4",
                        "type",
                        "veth",
                        "peer",
                        "name",
                        "p0",
                        "numrxqueues",
                        "4",
                        "numtxqueues",
                        "4",
                        "netns",
                        pair.other().name());
        pair.lb().exec("ip", "link", "set", "l0", "up");
        pair.other().exec("ip", "link", "set", "p0", "up");
        try (AfXdpDevice device = open("xdp:l0?frames=64");
                RawPort peer = pair.peer()) {
            assertEquals(4, device.queues());
            for (int n = 0; n < 60; n++) {
                peer.send(TestFrames.tcp(1, CLIENT, 4000 + n, VIP, 80, 10));
            }
            final PacketBatch batch = receive(device, 60);
            assertTrue(device.busiestQueue() < 60, "all by one queue");
            for (int i = 0; i < batch.size; i++) {
                batch.verdict[i] = PacketBatch.TRANSMIT;
                batch.egress[i] = 0;
            }
            assertEquals(60, device.transmit(batch, 0));
            device.release();
            assertEquals(60, peer.receive(60).size());
        }
    }

    @Test
    void shouldDetachWhenClosed() {
        final AfXdpDevice device = open("xdp:l0?frames=64");
        assertTrue(link().contains("xdp"), link());
        device.close();
        assertFalse(link().contains("xdp"), link());
        // The queue is free again, perhaps a moment later.
        open("xdp:l0?frames=64").close();
    }

    /** Opens a device and waits to be killed. */
    public static final class Holding {
        private Holding() {}

        public static void main(String[] arguments) throws InterruptedException {
            final PacketDevice device = PacketDevices.open("xdp:l0?frames=64");
            System.out.println("holding " + device.uri());
            TimeUnit.SECONDS.sleep(60);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    void shouldLeaveNoProgramBehindWhenItsProcessDies(String signal) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        pair.lb().name(),
                        System.getProperty("java.home") + "/bin/java",
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holding.class.getName())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            final List<String> lines = new ArrayList<>();
            String line = output.readLine();
            while (line != null && !line.startsWith("holding")) {
                lines.add(line);
                line = output.readLine();
            }
            assertTrue(line != null, lines::toString);
            assertTrue(link().contains("xdp"), link());
            pair.lb().exec("kill", "-" + signal, Long.toString(process.pid()));
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertFalse(link().contains("xdp"), link());
        } finally {
            process.destroyForcibly();
        }
    }

    private String failure(String uri) {
        return String.valueOf(
                assertThrows(RuntimeException.class, () -> pair.device(uri)).getMessage());
    }

    @Test
    void shouldSayThatAnotherProgramIsThere() {
        try (AfXdpDevice device = open("xdp:l0?frames=64")) {
            assertEquals("xdp l0: busy: another XDP program is attached", failure("xdp:l0?frames=64"));
            assertEquals("xdp l0: busy: another XDP program is attached", failure("xdp:l0?frames=64&mode=generic"));
            assertEquals(64, receiveDropsStill(device));
        }
    }

    /** It still works after others have tried. */
    private int receiveDropsStill(AfXdpDevice device) {
        try (RawPort peer = pair.peer()) {
            for (int n = 0; n < 64; n++) {
                peer.send(TestFrames.tcp(1, CLIENT, 4000, VIP, 80, 10));
            }
            final int received = receive(device, 64).size;
            device.release();
            return received;
        }
    }

    @Test
    void shouldFallBackToGenericWhereTheDriverRefuses() {
        pair.lb().exec("ip", "link", "set", "l0", "mtu", "3700");
        pair.other().exec("ip", "link", "set", "p0", "mtu", "9000");
        final String refused = failure("xdp:l0?frames=64&mode=native");
        assertTrue(refused.startsWith("xdp l0: driver veth does not take the XDP program"), refused);
        try (AfXdpDevice device = open("xdp:l0?frames=64")) {
            assertTrue(link().contains("xdpgeneric"), link());
            assertEquals(3700, device.mtu());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "xdp:l0?mode=fast | option mode of xdp is best, native or generic: mode=fast",
                "xdp:l0?queues=2 | xdp l0: has no queue 1",
                "xdp:l0?ring=9 | unknown option of xdp, allowed: copy, frames, mode, queues, send: option=ring",
                "xdp:eth9 | interface eth9: no such device",
                "auto:eth9 | interface eth9: no such device",
            })
    void shouldTellInOneLineWhatIsWrong(String uri, String message) {
        assertEquals(message, failure(uri));
        assertFalse(link().contains("xdp"), link());
    }

    @Test
    void shouldSayThatTheMtuIsTooLarge() {
        pair.lb().exec("ip", "link", "set", "l0", "mtu", "9000");
        assertEquals("interface l0: MTU 9000 is too large for AF_XDP, at most 3820", failure("xdp:l0"));
    }

    @Test
    void shouldChoosePacketSocketsForAVirtualInterface() {
        try (PacketDevice device = pair.device("auto:l0?slots=64")) {
            assertEquals("afpacket:l0?slots=64", device.uri());
        }
    }
}
