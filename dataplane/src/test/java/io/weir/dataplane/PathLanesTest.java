package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.LIP;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.checksumHolds;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.NewConnection;
import io.weir.dataplane.forward.LocalAddressPool;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.linux.LibC;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination;
import io.weir.service.Destination.Tunnel;
import io.weir.service.SlotCounters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations of the director's own in the way of its services' traffic; a file stands for the TUN interface. */
@SuppressWarnings("NullAway.Init") // made before each test
class PathLanesTest {
    private static final String OWN = "10.20.0.1";
    private static final int READ_AND_WRITE = 2;
    private static final int LINK = 14;

    @TempDir
    private Path folder;

    private Path file;
    private PathTun tun;
    private int written;

    @BeforeEach
    void open() throws IOException {
        file = Files.createFile(folder.resolve("tun"));
        tun = new PathTun("none", 0, LibC.open(file.toString(), READ_AND_WRITE));
    }

    @AfterEach
    void close() {
        tun.close();
    }

    private PathFixture fixture(int method) {
        final PathFixture f =
                switch (method) {
                    case 0 -> PathFixture.nat().build();
                    case 3 -> PathFixture.dr().build();
                    case 5 -> PathFixture.fullNat().build();
                    default -> PathFixture.tun(Tunnel.IPIP).build();
                };
        f.parts.lanes().serve(tun);
        return f;
    }

    private PathLane lane(int method, int protocol) {
        final Destination server =
                new Destination(0, IpAddress.parse(SERVER), method % 5 == 0 ? 8080 : 80, 1, method, 0, 0, Tunnel.IPIP);
        return Objects.requireNonNull(tun.lane(protocol, way(server), null));
    }

    private static PathLane.Way way(Destination server) {
        return new PathLane.Way(IpAddress.parse(VIP), 80, server, List.of(), false);
    }

    /** A packet of the socket; what leaves, as its inner frame. */
    private byte[] sent(PathFixture f, PathLane lane, PacketBuilder packet) {
        final byte[] bytes = packet.build();
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length));
        buffer.putBytes(0, bytes);
        f.parts.lanes().claim(lane);
        assertFalse(lane.isRefused());
        f.parts.lanes().send(List.of(Objects.requireNonNull(tun.take(buffer, bytes.length))), f.nowNs);
        f.turn();
        assertEquals(1, f.sent.size());
        final byte[] frame = f.sent.get(0);
        if (lane.destination.methodCode() != 2) {
            return frame;
        }
        final ParsedPacket outer = parsed(frame);
        assertEquals(IpAddress.parse(SERVER), new IpAddress(outer.dstHi, outer.dstLo));
        final byte[] inner = Arrays.copyOf(frame, frame.length - 20);
        System.arraycopy(frame, LINK + 20, inner, LINK, inner.length - LINK);
        return inner;
    }

    private static PacketBuilder socket(PathLane lane) {
        return PacketBuilder.bare().ip(lane.own(), lane.peer());
    }

    /** What the socket gets, with a link header in front. */
    private byte[] got() throws IOException {
        final byte[] all = Files.readAllBytes(file);
        final byte[] frame = new byte[LINK + all.length - written];
        System.arraycopy(all, written, frame, LINK, all.length - written);
        frame[12] = 8;
        written = all.length;
        return frame;
    }

    private static String text(long hi, long lo) {
        return new IpAddress(hi, lo).toString();
    }

    @ParameterizedTest
    @CsvSource({"0,8080", "5,8080", "3,80", "2,80"})
    void shouldSpeakAsAClientOfTheService(int method, int port) throws IOException {
        final PathFixture f = fixture(method);
        final PathLane lane = lane(method, ProtocolNumbers.TCP);
        final byte[] frame =
                sent(f, lane, socket(lane).tcp(lane.port(), 80, TcpFlags.SYN).seq(7));
        final ParsedPacket syn = parsed(frame);
        final boolean translated = method % 5 == 0;
        final String source = method == 0 ? lane.peer().toString() : method == 5 ? LIP : OWN;
        assertEquals(0x0A, f.sent.get(0)[5], "the real server's MAC address");
        assertEquals(source, text(syn.srcHi, syn.srcLo));
        assertEquals(translated ? SERVER : VIP, text(syn.dstHi, syn.dstLo));
        assertEquals(lane.port(), syn.srcPort);
        assertEquals(port, syn.dstPort);
        assertTrue(checksumHolds(frame));
        assertEquals(0, f.table.size(), "no connection is left behind");
        assertEquals(0, f.load.counters().get(0, SlotCounters.CONNS));

        f.run(
                fromServer()
                        .ip(translated ? SERVER : VIP, source)
                        .tcp(port, lane.port(), TcpFlags.SYN | TcpFlags.ACK)
                        .payload("text"),
                1);

        assertEquals(PacketBatch.CONSUMED, f.verdict());
        final byte[] back = got();
        final ParsedPacket answer = parsed(back);
        assertEquals(lane.peer().toString(), text(answer.srcHi, answer.srcLo));
        assertEquals(lane.own().toString(), text(answer.dstHi, answer.dstLo));
        assertEquals(80, answer.srcPort);
        assertEquals(lane.port(), answer.dstPort);
        assertTrue(checksumHolds(back));
    }

    @Test
    void shouldTakeNothingElse() throws IOException {
        final PathFixture f = fixture(3);
        final PathLane lane = lane(3, ProtocolNumbers.TCP);
        f.run(fromServer().ip(VIP, OWN).tcp(80, lane.port(), TcpFlags.ACK), 1);
        assertEquals(PacketBatch.DROP, f.verdict(), "nothing has been asked yet");
        sent(f, lane, socket(lane).tcp(lane.port(), 80, TcpFlags.SYN));

        f.run(fromServer().ip(VIP, OWN).tcp(81, lane.port(), TcpFlags.ACK), 1);
        assertEquals(PacketBatch.DROP, f.verdict());
        assertEquals(DropReason.MARTIAN.code(), f.batch.reason[0]);
        f.run(fromServer().ip(VIP, OWN).tcp(80, lane.port() + 1, TcpFlags.ACK), 1);
        assertEquals(PacketBatch.DROP, f.verdict());
        f.run(fromServer().ip(SERVER, OWN).tcp(80, lane.port(), TcpFlags.ACK), 1);
        assertEquals(PacketBatch.PASS, f.verdict());
        f.run(fromServer().ip(VIP, OWN).udp(80, lane.port()), 1);
        assertEquals(PacketBatch.DROP, f.verdict());
        tun.leave(lane);
        f.run(fromServer().ip(VIP, OWN).tcp(80, lane.port(), TcpFlags.ACK), 1);
        assertEquals(PacketBatch.DROP, f.verdict());
        assertEquals(LINK, got().length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 5})
    void shouldCarryEchoes(int method) throws IOException {
        final PathFixture f = fixture(method);
        final PathLane lane = lane(method, ProtocolNumbers.ICMP);
        final byte[] frame = sent(f, lane, socket(lane).icmp(8, 0, 0x1234_0009).payload("nonce..."));
        final ParsedPacket echo = parsed(frame);
        assertEquals(method % 5 == 0 ? SERVER : VIP, text(echo.dstHi, echo.dstLo));
        final int identifier = (frame[echo.l4Offset + 4] & 0xFF) << 8 | frame[echo.l4Offset + 5] & 0xFF;
        assertEquals(lane.port(), identifier);
        final String source = text(echo.srcHi, echo.srcLo);

        f.run(
                fromServer()
                        .ip(method % 5 == 0 ? SERVER : VIP, source)
                        .icmp(0, 0, identifier << 16 | 9)
                        .payload("nonce..."),
                1);
        assertEquals(PacketBatch.CONSUMED, f.verdict());
        assertArrayEquals(
                PacketBuilder.bare()
                        .ip(lane.peer(), lane.own())
                        .icmp(0, 0, 0x1234_0009)
                        .payload("nonce...")
                        .build(),
                Arrays.copyOfRange(got(), LINK, LINK + 20 + 16));
    }

    /** Under DR the server is the VIP's own host when it says so. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5})
    void shouldTellTheSocketThatNobodyListens(int method) throws IOException {
        final PathFixture f = fixture(method);
        final PathLane lane = lane(method, ProtocolNumbers.UDP);
        final byte[] frame = sent(f, lane, socket(lane).udp(lane.port(), 80).payload("ask"));
        final byte[] quoted = Arrays.copyOfRange(frame, LINK, frame.length);
        final ParsedPacket asked = parsed(frame);

        f.run(
                fromServer()
                        .ip(method % 5 == 0 ? SERVER : VIP, text(asked.srcHi, asked.srcLo))
                        .icmp(3, 3, 0)
                        .payload(quoted),
                1);
        assertEquals(PacketBatch.CONSUMED, f.verdict());
        final byte[] error = got();
        final ParsedPacket p = parsed(error);
        assertEquals(lane.peer().toString(), text(p.srcHi, p.srcLo));
        assertEquals(lane.own().toString(), text(p.dstHi, p.dstLo));
        final byte[] inner = new byte[error.length - 28];
        System.arraycopy(error, LINK + 28, inner, LINK, inner.length - LINK);
        inner[12] = 8;
        final ParsedPacket quote = parsed(inner);
        assertEquals(lane.own().toString(), text(quote.srcHi, quote.srcLo));
        assertEquals(lane.peer().toString(), text(quote.dstHi, quote.dstLo));
        assertEquals(lane.port(), quote.srcPort);
        assertEquals(80, quote.dstPort);
    }

    /** As dpvs and alibaba's LVS do it: with the first segments after the server's SYN. */
    @Test
    void shouldTellTheServerOfTheDirectorWhereItTellsOfClients() {
        final PathFixture f = fixture(5);
        final Destination server = new Destination(0, IpAddress.parse(SERVER), 8080, 1, 5, 0, 0, Tunnel.IPIP);
        final PathLane.Way way = new PathLane.Way(IpAddress.parse(VIP), 80, server, List.of(), true);
        final PathLane lane = Objects.requireNonNull(tun.lane(ProtocolNumbers.TCP, way, null));
        assertEquals(20, parsed(sent(f, lane, socket(lane).tcp(lane.port(), 80, TcpFlags.SYN))).tcpHeaderLength);
        f.run(
                fromServer()
                        .ip(SERVER, LIP)
                        .tcp(8080, lane.port(), TcpFlags.SYN | TcpFlags.ACK)
                        .seq(-1),
                1);
        f.sent.clear();

        final byte[] frame =
                sent(f, lane, socket(lane).tcp(lane.port(), 80, TcpFlags.ACK).ack(0));
        final ParsedPacket ack = parsed(frame);
        assertEquals(28, ack.tcpHeaderLength);
        assertTrue(checksumHolds(frame));
        final byte[] option = {(byte) 254, 8, (byte) (lane.port() >> 8), (byte) lane.port(), 10, 20, 0, 1};
        assertArrayEquals(option, Arrays.copyOfRange(frame, ack.l4Offset + 20, ack.l4Offset + 28));
        assertEquals(0, f.table.size());
    }

    private static int connection(PathFixture f, int number) {
        final NewConnection record = new NewConnection();
        final IpAddress server = IpAddress.parse(SERVER);
        record.client(0, IpAddress.v4(0x0A00_0000 + number), 999).destination(0, server.hi(), server.lo(), 8080);
        record.protocol = ProtocolNumbers.TCP;
        record.methodCode = 5;
        record.timeoutTicks = 100;
        return f.table.insert(f.table.hash(6, 0, IpAddress.v4(0x0A00_0000 + number), 999), record, 1);
    }

    @Test
    void shouldShareNoEndsWithAConnection() {
        final PathFixture f = fixture(5);
        final PathLane first = lane(5, ProtocolNumbers.TCP);
        f.parts.lanes().claim(first);
        // Connections come by the port of the lane: it is left out.
        final int before = first.port() - 1025;
        final LocalAddressPool pool =
                new LocalAddressPool(f.table, Shard.all(), f.parts.lanes().ports());
        final Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < before + 100; i++) {
            final int id = connection(f, i);
            assertTrue(pool.bindTo(id, 0));
            ports.add(f.table.localPort(id));
            f.table.remove(id);
        }
        assertTrue(ports.contains(first.port() - 1));
        assertFalse(ports.contains(first.port()));
        // A lane that would have a connection's ends is refused.
        tun.leave(first);
        final PathLane second = lane(5, ProtocolNumbers.TCP);
        assertTrue(f.table.bindLocal(connection(f, 1), 0, second.port()));
        f.parts.lanes().claim(second);
        assertTrue(second.isRefused());
    }

    @Test
    void shouldSpeakFromTheServicesOwnLocalAddressOnly() {
        final PathFixture f = fixture(5);
        final Destination server = new Destination(0, IpAddress.parse(SERVER), 8080, 1, 5, 0, 0, Tunnel.IPIP);
        final PathLane.Way way =
                new PathLane.Way(IpAddress.parse(VIP), 80, server, List.of(IpAddress.parse("10.20.0.201")), false);
        final PathLane lane = Objects.requireNonNull(tun.lane(ProtocolNumbers.TCP, way, null));
        f.parts.lanes().claim(lane);
        assertTrue(lane.isRefused());
    }

    @Test
    void shouldGiveEveryLaneEndsOfItsOwnAndTakeThemBack() {
        final PathLane first = lane(3, ProtocolNumbers.TCP);
        final PathLane second = lane(3, ProtocolNumbers.TCP);
        assertNotEquals(first.port(), second.port());
        assertNotEquals(first.peer(), second.peer());
        tun.leave(first);
        tun.leave(second);
        assertTrue(tun.isIdle());
        final Destination server = new Destination(0, IpAddress.parse(SERVER), 80, 1, 3, 0, 0, Tunnel.IPIP);
        PathLane last = null;
        int count = 0;
        for (int i = 0; i < 5_000; i++) {
            final PathLane next = tun.lane(ProtocolNumbers.TCP, way(server), null);
            count += next == null ? 0 : 1;
            last = next == null ? last : next;
        }
        assertEquals(3_500, count);
        assertNull(tun.lane(ProtocolNumbers.TCP, way(server), null));
        tun.leave(Objects.requireNonNull(last));
        assertNotNull(tun.lane(ProtocolNumbers.TCP, way(server), null));
    }
}
