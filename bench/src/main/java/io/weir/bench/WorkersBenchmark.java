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
 * What a packet costs one of so many workers, which share the flows: one worker's turns are measured, on a core to itself, as
 * each would have it. {@code ./weir bench workers}; how two run beside each other is {@link TwoWorkersBenchmark}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsPrepend = BenchFlags.DISABLE_BOUNDS_CHECKS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class WorkersBenchmark {
    @Param({"1", "2", "4", "8", "16"})
    public int workers;

    /** Of all together. */
    @Param({"1000000", "10000000"})
    public int flows;

    @Param("nat")
    public String method = "nat";

    @SuppressWarnings("NullAway.Init") // open() sets it
    private WorkersRig rig;

    @Setup(Level.Trial)
    public void open() {
        rig = new WorkersRig(RigScene.tcp(RigScene.methodCode(method), "rr"), workers, flows / workers, false);
        if (rig.connections(0) != flows / workers) {
            throw new IllegalStateException("flows missing: connections=" + rig.connections(0));
        }
    }

    /** One packet, as a 64th of the first worker's turn. */
    @Benchmark
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int packet() {
        return rig.turn(0);
    }

    @TearDown(Level.Trial)
    public void close() {
        rig.close();
    }
}
