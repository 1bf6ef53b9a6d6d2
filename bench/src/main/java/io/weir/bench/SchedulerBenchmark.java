package io.weir.bench;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a choice costs, by scheduler and number of destinations. {@code -t 2} shows what sharing a cursor costs.
 *
 * <pre>
 * java -cp ... io.weir.bench.BenchMain sched [-p scheduler=mh -p destinations=16] [-t 2]
 * </pre>
 *
 * <p>BenchMain runs all of the registry; without it the default is wlc alone.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(
        value = 3,
        jvmArgsPrepend = {
            BenchFlags.EXPORTS,
            BenchFlags.NATIVE_ACCESS,
            BenchFlags.NO_X86ASM,
            BenchFlags.DISABLE_BOUNDS_CHECKS
        })
public class SchedulerBenchmark {
    private static final int MOST = 1024;
    private static final int CLIENTS = 100_000;
    private static final int SITES = 1_000;

    @Param(Schedulers.DEFAULT)
    public String scheduler = Schedulers.DEFAULT;

    @Param({"4", "16", "128"})
    public int destinations;

    private final DestinationLoad load = new DestinationLoad(
            new SlotCounters(new UnsafeBuffer(ByteBuffer.allocateDirect(MOST * SlotCounters.ROW_BYTES))),
            new UnsafeBuffer(ByteBuffer.allocateDirect(MOST)));

    @SuppressWarnings("NullAway.Init") // made in build()
    private Scheduler chosen;

    /** A worker's flow. */
    @State(Scope.Thread)
    public static class Client {
        private final Flow flow = new Flow();
        private long step;

        Flow next() {
            step++;
            flow.protocol = ProtocolNumbers.TCP;
            flow.srcLo = IpAddress.v4(Scatter.address(Scatter.flow(step, CLIENTS)));
            flow.srcPort = 40_000;
            flow.dstLo = IpAddress.v4(Scatter.address(Scatter.flow(step, SITES)));
            flow.dstPort = 80;
            return flow;
        }
    }

    @Setup
    public void build() {
        final List<Destination> list = new ArrayList<>();
        for (int slot = 0; slot < destinations; slot++) {
            final IpAddress address = new IpAddress(0, IpAddress.v4(0x0A14_000A + slot));
            list.add(new Destination(slot, address, 80, 1 + slot % 5, 0, 0, 0, Destination.Tunnel.IPIP));
            // few enough for ovf and lblc to find room
            load.counters().add(slot, SlotCounters.ACTIVE, slot % 2);
            load.counters().add(slot, SlotCounters.INACTIVE, slot * 7 % 40);
        }
        chosen = Schedulers.create(scheduler).withDestinations(list, 0);
        final Client client = new Client();
        for (int i = 0; i < 1000; i++) {
            final int index = choose(client);
            if (index < 0 || index >= destinations) {
                throw new IllegalStateException("no choice: index=" + index);
            }
        }
    }

    @Benchmark
    public int choose(Client client) {
        return chosen.schedule(client.next(), load);
    }
}
