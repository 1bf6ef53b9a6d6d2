package io.weir.dataplane;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingIdleStrategy;

/**
 * How many workers there are, and how their threads run.
 *
 * @param count of workers, at least 1
 * @param cpus they are bound to, one each in their order; empty for {@link #ANY_CPU}
 * @param idle what each does while there is nothing to do: one of {@link #idleWords}
 * @param warmUp is the path to be compiled before the first packet
 */
public record WorkerOptions(int count, List<Integer> cpus, String idle, boolean warmUp) {
    /** Where the system's scheduler puts it. */
    public static final int ANY_CPU = -1;

    /** Most workers. */
    public static final int MOST = 64;

    /** Spins a little, then yields, then sleeps from 1 to 100 microseconds. */
    public static final String BACK_OFF = "backoff";

    public static final WorkerOptions DEFAULTS = new WorkerOptions(1, List.of(), BACK_OFF, true);

    private static final long SHORTEST_PARK_NS = 1_000;
    private static final long LONGEST_PARK_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final int SPINS = 100;
    private static final int YIELDS = 10;

    /** The registry: <b>one line adds a way to idle</b>. */
    private static final Map<String, Supplier<IdleStrategy>> IDLE = new TreeMap<>(Map.of(
            BACK_OFF,
            () -> new BackoffIdleStrategy(SPINS, YIELDS, SHORTEST_PARK_NS, LONGEST_PARK_NS),
            "spin",
            BusySpinIdleStrategy::new,
            "park",
            () -> new SleepingIdleStrategy(LONGEST_PARK_NS)));

    public WorkerOptions {
        cpus = List.copyOf(cpus);
        if (count < 1 || count > MOST || !cpus.isEmpty() && cpus.size() != count) {
            throw new IllegalArgumentException("worker: count=" + count + " cpus=" + cpus);
        }
    }

    /** The ways to idle: {@code spin} keeps a CPU busy and loses no microsecond, {@code park} costs least. */
    public static List<String> idleWords() {
        return List.copyOf(IDLE.keySet());
    }

    /** The CPU of a worker. */
    public int cpu(int worker) {
        return cpus.isEmpty() ? ANY_CPU : cpus.get(worker);
    }

    IdleStrategy idleStrategy() {
        return Objects.requireNonNull(IDLE.get(idle)).get();
    }
}
