package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.weir.packet.PacketBuilder;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination.Tunnel;
import io.weir.service.DestinationLoad;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packet path allocates nothing: established flows, new connections, answers and errors alike. */
class PathNoAllocationTest {
    private static final int TURNS = 20_000;

    static Stream<PathFixture.Builder> methods() {
        return Stream.of(
                PathFixture.nat(),
                PathFixture.dr(),
                PathFixture.tun(Tunnel.IPIP),
                PathFixture.fullNat().toa(),
                PathFixture.nat().shadow(1, DestinationLoad.allocate(16)));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void shouldAllocateNothing(PathFixture.Builder how) {
        final PathFixture f = how.build();
        final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 14));
        final byte[][] frames = {
            to(PathFixture.VIP).tcp(40000, 80, TcpFlags.SYN).build(),
            to(PathFixture.VIP).tcp(40000, 80, TcpFlags.ACK).ack(1).build(),
            to(PathFixture.VIP).tcp(40001, 81, TcpFlags.SYN).build(),
            to(PathFixture.VIP).icmp(8, 0, 1).payload(40).build(),
            to(PathFixture.VIP).ttl(1).tcp(40000, 80, TcpFlags.ACK).build(),
            to(PathFixture.VIP).tcp(40000, 80, TcpFlags.RST).build(),
            PathFixture.fromServer()
                    .ip(PathFixture.SERVER, PathFixture.CLIENT)
                    .tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK)
                    .build(),
        };
        turns(f, memory, frames);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The JIT compiler may allocate on our account while it installs code: the quietest of some runs counts.
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            turns(f, memory, frames);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    private static PacketBuilder to(String vip) {
        return PathFixture.fromClient().ip(PathFixture.CLIENT, vip);
    }

    private static void turns(PathFixture f, UnsafeBuffer memory, byte[][] frames) {
        for (int turn = 0; turn < TURNS; turn++) {
            f.batch.clear();
            for (int i = 0; i < frames.length; i++) {
                final int at = i * 1024 + 128;
                memory.putBytes(at, frames[i]);
                f.batch.add(memory, at, frames[i].length, 128, i == frames.length - 1 ? 1 : 0);
            }
            f.nowNs += 10_000_000;
            f.path.process(f.batch, f.nowNs);
            f.parts.output().clear();
        }
    }
}
