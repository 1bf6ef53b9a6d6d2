package io.weir.bench;

import io.weir.dataplane.io.PacketBatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
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
 * Two workers: the first alone, and both at once on two cores. What the second adds is the scaling, what each loses by the
 * other is what they share: the last-level cache, the memory, a core's other half. {@code ./weir bench two-workers}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsPrepend = BenchFlags.DISABLE_BOUNDS_CHECKS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class TwoWorkersBenchmark {
    private static final int WORKERS = 2;

    /** Of both together. */
    @Param({"1000", "1000000"})
    public int flows;

    @Param("nat")
    public String method = "nat";

    @SuppressWarnings("NullAway.Init") // open() sets it
    private WorkersRig rig;

    @SuppressWarnings("NullAway.Init") // open() sets it
    private WorkersRig astray;

    private WorkersRig rig(boolean wrongly) {
        return new WorkersRig(RigScene.tcp(RigScene.methodCode(method), "rr"), WORKERS, flows / WORKERS, wrongly);
    }

    @Setup(Level.Trial)
    public void open() {
        rig = rig(false);
        astray = rig(true);
    }

    /** One packet of the first worker, while the second rests. */
    @Benchmark
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int alone() {
        return rig.turn(0);
    }

    /** One packet that came to the wrong worker and was handed over; one thread does the work of both. */
    @Benchmark
    @OperationsPerInvocation(WORKERS * PacketBatch.CAPACITY)
    public int handedOver() {
        return astray.turn(0) + astray.turn(1);
    }

    /** One packet of the first, beside the second. */
    @Benchmark
    @Group("together")
    @GroupThreads(1)
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int first() {
        return rig.turn(0);
    }

    /** One packet of the second, beside the first. */
    @Benchmark
    @Group("together")
    @GroupThreads(1)
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int second() {
        return rig.turn(1);
    }

    @TearDown(Level.Trial)
    public void close() {
        rig.close();
        astray.close();
    }
}
