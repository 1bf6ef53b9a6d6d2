package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination.Tunnel;
import io.weir.service.Destination.TunnelChecksum;
import io.weir.service.Destination.TunnelType;
import io.weir.service.SlotCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The short way against the long one: two directors, of which one is made to forget what it knows before each packet. */
class EstablishedPathTest {
    private static final int PACKETS = 6_000;
    private static final int FLOWS = 4;
    private static final int[] FLAGS = {
        TcpFlags.SYN, TcpFlags.SYN | TcpFlags.ACK, TcpFlags.FIN | TcpFlags.ACK, TcpFlags.RST, 0
    };

    private final Random random = new Random(20261121);

    static Stream<Arguments> directors() {
        return Stream.of(
                Arguments.of("dr", true, (Supplier<PathFixture.Builder>) PathFixture::dr),
                Arguments.of("dr udp", true, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.dr().udp()),
                Arguments.of("dr small MTU", true, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.dr().serverMtu(1300)),
                Arguments.of("dr secure_tcp", true, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.dr().sysctl("secure_tcp", 3)),
                Arguments.of("nat", true, (Supplier<PathFixture.Builder>) PathFixture::nat),
                Arguments.of("nat udp", false, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.nat().udp()),
                Arguments.of("ftp", false, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.nat().virtualPort(21)),
                Arguments.of("ipip", true, (Supplier<PathFixture.Builder>) () -> PathFixture.tun(Tunnel.IPIP)),
                Arguments.of("ipip no pmtu_disc", true, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.tun(Tunnel.IPIP).sysctl("pmtu_disc", 0)),
                Arguments.of("gre", false, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.tun(new Tunnel(TunnelType.GRE, 0, TunnelChecksum.NONE))),
                Arguments.of("fullnat", true, (Supplier<PathFixture.Builder>) PathFixture::fullNat),
                Arguments.of("fullnat TOA", false, (Supplier<PathFixture.Builder>)
                        () -> PathFixture.fullNat().toa()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("directors")
    void shouldDoWhatTheLongWayDoes(String name, boolean takesShortWay, Supplier<PathFixture.Builder> how) {
        final PathFixture usual = how.get().build();
        final PathFixture forgetful = how.get().build();
        for (int n = 0; n < PACKETS; n++) {
            final boolean back = random.nextInt(8) == 0;
            final byte[] frame = back ? reply() : spoiled(request(name.contains("udp"), name.equals("ftp") ? 21 : 80));
            advance(usual, forgetful);
            forgetful.path.snapshot(forgetful.snapshot);
            final List<byte[]> expected = List.copyOf(forgetful.run(frame, back ? 1 : 0, -1, 0));
            final List<byte[]> sent = List.copyOf(usual.run(frame, back ? 1 : 0, -1, 0));
            compare(name + ", packet " + n, usual, forgetful, sent, expected);
        }
        assertEquals(0, forgetful.parts.established().forwarded());
        assertEquals(takesShortWay, usual.parts.established().forwarded() > PACKETS / 10);
        assertArrayEquals(counters(forgetful), counters(usual));
    }

    /** Whole batches, in which frames of both ways take turns, against one frame at a time. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("directors")
    void shouldDoInABatchWhatItDoesOneByOne(String name, boolean takesShortWay, Supplier<PathFixture.Builder> how) {
        final PathFixture together = how.get().build();
        final PathFixture single = how.get().build();
        final List<byte[]> frames = new ArrayList<>();
        for (int n = 0; n < PACKETS; n += frames.size()) {
            frames.clear();
            final int[] ingress = new int[1 + random.nextInt(PacketBatch.CAPACITY)];
            for (int i = 0; i < ingress.length; i++) {
                ingress[i] = random.nextInt(8) == 0 ? 1 : 0;
                frames.add(
                        ingress[i] == 1
                                ? reply()
                                : spoiled(request(name.contains("udp"), name.equals("ftp") ? 21 : 80)));
            }
            advance(together, single);
            together.runTogether(frames, ingress);
            final List<byte[]> made = List.copyOf(together.sent);
            single.path.snapshot(single.snapshot);
            final List<byte[]> expected = new ArrayList<>();
            for (int i = 0; i < ingress.length; i++) {
                final String what = name + ", packet " + (n + i);
                final List<byte[]> sent = List.copyOf(single.run(frames.get(i), ingress[i], -1, 0));
                final boolean inPlace = single.verdict() == PacketBatch.TRANSMIT;
                assertEquals(single.verdict(), together.batch.verdict[i], what);
                assertEquals(single.batch.connection[0], together.batch.connection[i], what);
                assertEquals(single.batch.egress[0], together.batch.egress[i], what);
                if (inPlace) {
                    assertArrayEquals(sent.get(0), together.bytes(i), what);
                }
                expected.addAll(sent.subList(inPlace ? 1 : 0, sent.size()));
            }
            assertEquals(expected.size(), made.size(), name);
            for (int i = 0; i < made.size(); i++) {
                assertArrayEquals(expected.get(i), made.get(i), name);
            }
        }
        assertEquals(takesShortWay, together.parts.established().forwarded() > PACKETS / 10);
        assertArrayEquals(counters(single), counters(together));
    }

    private void advance(PathFixture... fixtures) {
        final long step = random.nextInt(200) == 0 ? 130_000_000_000L : random.nextInt(20_000_000);
        for (final PathFixture f : fixtures) {
            f.nowNs += step;
            f.table.expire((int) (f.nowNs / 10_000_000), Integer.MAX_VALUE, (t, id, tick) -> f.parts
                    .connections()
                    .onExpiry(id, tick));
        }
    }

    private byte[] request(boolean udp, int port) {
        final PacketBuilder packet = PathFixture.fromClient();
        if (random.nextInt(4) == 0) {
            packet.ip(PathFixture.CLIENT6, PathFixture.VIP6);
        } else {
            packet.ip(PathFixture.CLIENT, PathFixture.VIP);
        }
        if (random.nextBoolean()) {
            packet.dontFragment();
        }
        packet.ttl(random.nextInt(16) == 0 ? 1 : 2 + random.nextInt(63)).tos(random.nextInt(256));
        final int flow = 40000 + random.nextInt(FLOWS);
        final int flags = random.nextInt(12) == 0 ? FLAGS[random.nextInt(FLAGS.length)] : TcpFlags.ACK;
        if (udp) {
            packet.udp(flow, port);
        } else {
            packet.tcp(flow, port, flags);
        }
        return packet.payload(random.nextInt(4) == 0 ? random.nextInt(1500) : random.nextInt(60))
                .build();
    }

    private byte[] reply() {
        return PathFixture.fromServer()
                .ip(PathFixture.SERVER, PathFixture.CLIENT)
                .tcp(8080, 40000 + random.nextInt(FLOWS), TcpFlags.ACK)
                .build();
    }

    /** Now and then a bit is wrong. */
    private byte[] spoiled(byte[] frame) {
        if (random.nextInt(10) == 0) {
            frame[random.nextInt(Math.min(54, frame.length))] ^= (byte) (1 << random.nextInt(8));
        }
        return frame;
    }

    private static void compare(
            String what, PathFixture usual, PathFixture forgetful, List<byte[]> sent, List<byte[]> expected) {
        assertEquals(forgetful.verdict(), usual.verdict(), what);
        assertEquals(expected.size(), sent.size(), what);
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(expected.get(i), sent.get(i), what);
        }
        final int id = usual.batch.connection[0];
        assertEquals(forgetful.batch.connection[0], id, what);
        assertEquals(forgetful.batch.egress[0], usual.batch.egress[0], what);
        assertEquals(forgetful.table.size(), usual.table.size(), what);
        if (id != ConnectionTable.NONE) {
            assertEquals(forgetful.table.state(id), usual.table.state(id), what);
            assertEquals(forgetful.table.flags(id), usual.table.flags(id), what);
            assertEquals(forgetful.table.expiresAt(id), usual.table.expiresAt(id), what);
        }
    }

    private static long[] counters(PathFixture f) {
        return Stream.concat(
                        Stream.of(f.load.counters(), f.services)
                                .flatMap(rows -> Stream.of(
                                        rows.get(0, SlotCounters.IN_PKTS),
                                        rows.get(0, SlotCounters.IN_BYTES),
                                        rows.get(1, SlotCounters.IN_PKTS),
                                        rows.get(1, SlotCounters.IN_BYTES))),
                        Stream.of(
                                f.parts.counters().get(PathCounters.RECEIVED),
                                f.parts.counters().get(PathCounters.TRANSMITTED),
                                f.parts.counters().get(PathCounters.EXPIRED)))
                .mapToLong(Long::longValue)
                .toArray();
    }

    @Test
    void shouldForgetWhenAPathMtuIsLearnt() {
        final PathFixture f = PathFixture.tun(Tunnel.IPIP).build();
        f.run(PathFixture.fromClient().ip(PathFixture.CLIENT, PathFixture.VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        final PacketBuilder data =
                PathFixture.fromClient().ip(PathFixture.CLIENT, PathFixture.VIP).tcp(40000, 80, TcpFlags.ACK);
        f.run(data, 0);
        f.run(data, 0);
        assertEquals(1, f.parts.established().forwarded());
        final IpAddress server = IpAddress.parse(PathFixture.SERVER);
        f.parts.egress().pathMtu().learn(server.hi(), server.lo(), 576, 1500, 0);
        f.run(data, 0);
        f.run(data, 0);
        assertEquals(1, f.parts.established().forwarded());
        assertEquals(1, f.sent.size());
    }
}
