package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.PacketBuilder;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination.Tunnel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes that no stack would send: whatever they are, the path decides, counts, and lives. */
class PathRobustnessTest {
    private static final int FRAMES = 60_000;

    private static List<byte[]> seeds() {
        final PacketBuilder[] packets = {
            PathFixture.fromClient()
                    .ip(PathFixture.CLIENT, PathFixture.VIP)
                    .tcp(40000, 80, TcpFlags.SYN)
                    .mss(1460),
            PathFixture.fromClient().ip(PathFixture.CLIENT6, PathFixture.VIP6).tcp(40000, 80, TcpFlags.SYN),
            PathFixture.fromClient()
                    .ip(PathFixture.CLIENT, PathFixture.VIP)
                    .udp(1, 80)
                    .payload(30),
            PathFixture.fromClient()
                    .ip(PathFixture.CLIENT, PathFixture.VIP)
                    .fragment(0, true, 7)
                    .udp(1, 80)
                    .payload(64),
            PathFixture.fromClient()
                    .ip(PathFixture.CLIENT, PathFixture.VIP)
                    .icmp(3, 4, 1400)
                    .payload(48),
            PathFixture.fromClient()
                    .ip(PathFixture.CLIENT6, PathFixture.VIP6)
                    .icmp(2, 0, 1300)
                    .payload(90),
            PathFixture.fromClient()
                    .ip(PathFixture.CLIENT, PathFixture.VIP)
                    .sctp(5, 80, 9)
                    .chunk(1, 0, 1, 2, 3, 4),
            PathFixture.fromServer().ip(PathFixture.SERVER, PathFixture.LIP).tcp(8080, 1025, TcpFlags.ACK),
            PathFixture.fromClient()
                    .macs(PathFixture.ROUTER, -1L >>> 16)
                    .arp(1, PathFixture.ROUTER, "10.10.0.254", 0, PathFixture.VIP),
        };
        return List.of(packets).stream().map(PacketBuilder::build).toList();
    }

    @Test
    void shouldSurviveMutatedFramesAndAccountForEachOfThem() {
        final long seed = 20261121;
        final Random random = new Random(seed);
        final List<byte[]> seeds = seeds();
        final List<PathFixture> fixtures = List.of(
                PathFixture.nat().build(),
                PathFixture.dr().build(),
                PathFixture.tun(Tunnel.IPIP).build(),
                PathFixture.fullNat().toa().build());
        for (int n = 0; n < FRAMES; n++) {
            final byte[] frame = mutated(random, seeds.get(random.nextInt(seeds.size())));
            final PathFixture f = fixtures.get(n % fixtures.size());
            f.nowNs += 1_000_000;
            f.run(frame, random.nextInt(2), random.nextInt(8) == 0 ? 34 : -1, 0);
            assertTrue(f.verdict() >= PacketBatch.PASS && f.verdict() <= PacketBatch.CONSUMED, () -> "seed=" + seed);
        }
        for (final PathFixture f : fixtures) {
            final PathCounters c = f.parts.counters();
            long accounted =
                    c.get(PathCounters.TRANSMITTED) + c.get(PathCounters.PASSED) + c.get(PathCounters.CONSUMED);
            for (final DropReason reason : DropReason.values()) {
                accounted += c.dropped(reason);
            }
            assertEquals(c.get(PathCounters.RECEIVED), accounted);
            f.table.expire((int) (f.nowNs / 10_000_000) + 1_000_000, Integer.MAX_VALUE, (t, id, tick) -> f.parts
                    .connections()
                    .onExpiry(id, tick));
            assertEquals(0, f.table.size());
            for (int slot = 0; slot < 2; slot++) {
                assertEquals(0, f.load.active(slot) + f.load.inactive(slot));
            }
        }
    }

    private static byte[] mutated(Random random, byte[] seed) {
        byte[] frame = seed.clone();
        final int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            frame[random.nextInt(frame.length)] = (byte) random.nextInt();
        }
        if (random.nextInt(4) == 0) {
            frame = Arrays.copyOf(frame, random.nextInt(frame.length + 40));
        }
        return frame;
    }
}
