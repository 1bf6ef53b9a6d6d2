package io.weir.bench;

import io.weir.dataplane.io.PacketBatch;
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
 * The whole path from memory device to memory device, established flows in random order, nanoseconds a packet: receive,
 * parse, lookup, state, counters, rewrite, link header, transmit; the generator's share is measured beside it.
 *
 * <p>{@code ./weir bench path}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsPrepend = BenchFlags.DISABLE_BOUNDS_CHECKS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class PacketPathBenchmark {
    @Param({"nat", "dr", "tun", "fullnat"})
    public String method = "dr";

    @Param({"1000", "100000", "1000000", "10000000"})
    public int flows;

    @SuppressWarnings("NullAway.Init") // open() sets it
    private PathRig rig;

    private boolean alone;

    @Setup(Level.Trial)
    public void open() {
        rig = new PathRig(RigScene.methodCode(method), flows, "rr");
        if (rig.connections() != flows) {
            throw new IllegalStateException("flows missing: connections=" + rig.connections());
        }
    }

    /** One packet, as a 64th of a worker's turn. */
    @Benchmark
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int packet() {
        return rig.turn();
    }

    /** The part of the above that is the rig's: making a packet and taking it away. */
    @Benchmark
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int rigAlone() {
        alone = true;
        return rig.generate();
    }

    @TearDown(Level.Trial)
    public void check() {
        if (!alone && rig.lost() > 0) {
            throw new IllegalStateException("packets were not forwarded: lost=" + rig.lost());
        }
        rig.close();
    }
}
