package io.weir.bench;

import io.weir.dataplane.io.PacketBatch;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A connection from its first packet to its end, through the whole worker: service found, server chosen by wlc, record
 * made, packet forwarded, connection counted out and its record free. What shadow schedulers add to that is the difference.
 *
 * <pre>
 * ./weir bench new [-p shadows=none,sed+lc] [-p servers=16,1000] [-p services=1,10000]
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {
            BenchFlags.EXPORTS,
            BenchFlags.NATIVE_ACCESS,
            BenchFlags.NO_X86ASM,
            BenchFlags.DISABLE_BOUNDS_CHECKS
        })
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class NewConnectionBenchmark {
    private static final int CLIENTS = 100_000;

    /** Names with a plus between them, or none. */
    @Param({"none", "sed", "sed+lc"})
    public String shadows = "none";

    /** Of the service. */
    @Param("16")
    public int servers;

    /** There are so many, each with a VIP of its own. */
    @Param("1")
    public int services;

    @SuppressWarnings("NullAway.Init") // open() sets it
    private PathRig rig;

    @Setup(Level.Trial)
    public void open() {
        final List<String> names = shadows.equals("none") ? List.of() : List.of(shadows.split("\\+", -1));
        rig = PathRig.onePacket(RigScene.onePacket("wlc", names, servers, services), CLIENTS);
    }

    /** One connection, as a 64th of a worker's turn. */
    @Benchmark
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int connection() {
        return rig.turn();
    }

    @TearDown(Level.Trial)
    public void check() {
        if (rig.lost() > 0 || rig.connections() > 0) {
            throw new IllegalStateException("lost=" + rig.lost() + " connections=" + rig.connections());
        }
        rig.close();
    }
}
