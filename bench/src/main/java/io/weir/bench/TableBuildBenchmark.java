package io.weir.bench;

import io.weir.sched.Scheduler;
import io.weir.sched.SchedulerOptions;
import io.weir.sched.Schedulers;
import io.weir.service.Destination;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 * What a table costs the director, on the first list of servers and when one of them goes: the schedulers that look their
 * choice up.
 *
 * <pre>
 * ./weir bench build [-p table=maglev:65537 -p servers=1000]
 * </pre>
 *
 * <p>The Maglev paper (NSDI 2016, section 5.3) reports 1.8 ms for 1,000 backends and 65,537 entries. mh takes the kernel's
 * sizes only; 65,521 is the nearest.
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
public class TableBuildBenchmark {
    /** Scheduler and table size. */
    @Param({"mh:65521", "maglev:65537", "maglev:655373", "conhash:65536"})
    public String table = "maglev:65537";

    @Param("1000")
    public int servers;

    @Param({"equal", "skewed"})
    public String weights = "equal";

    @SuppressWarnings("NullAway.Init") // made in prepare()
    private Scheduler empty;

    @SuppressWarnings("NullAway.Init") // made in prepare()
    private Scheduler full;

    private List<Destination> all = List.of();
    private List<Destination> oneLess = List.of();

    @Setup
    public void prepare() {
        final String[] parts = table.split(":", -1);
        empty = Schedulers.create(parts[0], new SchedulerOptions(1, Integer.parseInt(parts[1]), 0));
        all = Servers.list(servers, weights);
        oneLess = all.subList(1, all.size());
        full = empty.withDestinations(all, 0);
    }

    @Benchmark
    public Scheduler build() {
        return empty.withDestinations(all, 0);
    }

    @Benchmark
    public Scheduler rebuild() {
        return full.withDestinations(oneLess, 0);
    }
}
