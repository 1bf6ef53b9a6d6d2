package io.weir.bench;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
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
 * What a new connection costs, by scheduler, number of servers and weights: a flow is made up, a server chosen and the
 * connection counted in there, and an older one counted out. {@code -t 2} shows what sharing a scheduler costs.
 *
 * <pre>
 * ./weir bench sched [-p scheduler=mh -p servers=10 -p weights=equal] [-t 2]
 * </pre>
 *
 * <p>All threads share the scheduler; each has counters of its own. BenchMain runs all of the registry; without it the
 * default is wlc alone.
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
    private static final int CLIENTS = 100_000;
    private static final int SITES = 1_000;
    /** Active connections of a worker: few enough that ovf and lblc find room. */
    private static final int OPEN = 64;

    private static final int TRIALS = 1000;

    @Param(Schedulers.DEFAULT)
    public String scheduler = Schedulers.DEFAULT;

    @Param({"2", "10", "100", "1000"})
    public int servers;

    @Param({"equal", "skewed"})
    public String weights = "equal";

    @SuppressWarnings("NullAway.Init") // made in build()
    private Scheduler chosen;

    /** A worker: its flow, and what it counts. */
    @State(Scope.Thread)
    public static class Worker {
        private final Flow flow = new Flow();
        private final int[] open = new int[OPEN];

        @SuppressWarnings("NullAway.Init") // made in count()
        private DestinationLoad load;

        private int step;

        @Setup
        public void count(SchedulerBenchmark benchmark) {
            load = new DestinationLoad(
                    new SlotCounters(memory(benchmark.servers * SlotCounters.ROW_BYTES)), memory(benchmark.servers));
            for (int slot = 0; slot < benchmark.servers; slot++) {
                load.counters().add(slot, SlotCounters.INACTIVE, slot * 7 % 40);
            }
            for (int i = 0; i < OPEN; i++) {
                open[i] = i % benchmark.servers;
                load.counters().add(open[i], SlotCounters.ACTIVE, 1);
            }
            for (int i = 0; i < TRIALS; i++) {
                final int index = benchmark.connect(this);
                if (index < 0 || index >= benchmark.servers) {
                    throw new IllegalStateException("no choice: index=" + index);
                }
            }
        }

        private static UnsafeBuffer memory(int bytes) {
            return new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, SlotCounters.ROW_BYTES));
        }

        private Flow next() {
            step++;
            flow.nowNs += 1000;
            flow.protocol = ProtocolNumbers.TCP;
            flow.srcLo = IpAddress.v4(Scatter.address(Scatter.flow(step, CLIENTS)));
            flow.srcPort = 40_000;
            flow.dstLo = IpAddress.v4(Scatter.address(Scatter.flow(step, SITES)));
            flow.dstPort = 80;
            return flow;
        }

        private void countIn(int slot) {
            final int at = step & OPEN - 1;
            load.counters().add(open[at], SlotCounters.ACTIVE, -1);
            load.counters().add(slot, SlotCounters.ACTIVE, 1);
            open[at] = slot;
        }
    }

    @Setup
    public void build() {
        chosen = Schedulers.create(scheduler).withDestinations(Servers.list(servers, weights), 0);
    }

    /** Slots and places in the list are the same numbers here. */
    @Benchmark
    public int connect(Worker worker) {
        final int index = chosen.schedule(worker.next(), worker.load);
        worker.countIn(index);
        return index;
    }
}
