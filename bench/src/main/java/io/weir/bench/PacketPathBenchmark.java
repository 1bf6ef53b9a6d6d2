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

    /** Of clients, VIP and servers: 4 or 6. */
    @Param("4")
    public int family;

    /** Packets a turn of the worker: 64, or a half of that, and so on. */
    @Param("64")
    public int batch;

    @SuppressWarnings("NullAway.Init") // open() sets it
    private PathRig rig;

    private boolean alone;

    @Setup(Level.Trial)
    public void open() {
        if (PacketBatch.CAPACITY % batch != 0) {
            throw new IllegalArgumentException("batch: 1, 2, 4, 8, 16, 32 or 64");
        }
        final RigScene scene = RigScene.tcp(RigScene.methodCode(method), "rr");
        rig = PathRig.established(family == 6 ? scene.over6() : scene, flows, batch);
        if (rig.connections() != flows) {
            throw new IllegalStateException("flows missing: connections=" + rig.connections());
        }
    }

    /** One packet, as a part of a worker's turn. */
    @Benchmark
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int packet() {
        int packets = 0;
        while (packets < PacketBatch.CAPACITY) {
            packets += rig.turn();
        }
        return packets;
    }

    /** The part of the above that is the rig's: making a packet and taking it away. */
    @Benchmark
    @OperationsPerInvocation(PacketBatch.CAPACITY)
    public int rigAlone() {
        alone = true;
        int packets = 0;
        while (packets < PacketBatch.CAPACITY) {
            packets += rig.generate();
        }
        return packets;
    }

    @TearDown(Level.Trial)
    public void check() {
        if (!alone && rig.lost() > 0) {
            throw new IllegalStateException("packets were not forwarded: lost=" + rig.lost());
        }
        rig.close();
    }
}
