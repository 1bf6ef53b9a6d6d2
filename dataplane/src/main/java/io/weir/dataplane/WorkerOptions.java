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
 * How a worker's thread runs.
 *
 * @param cpu it is bound to, or {@link #ANY_CPU}
 * @param idle what it does while there is nothing to do: one of {@link #idleWords}
 */
public record WorkerOptions(int cpu, String idle) {
    /** Where the system's scheduler puts it. */
    public static final int ANY_CPU = -1;

    /** Spins a little, then yields, then sleeps from 1 to 100 microseconds. */
    public static final String BACK_OFF = "backoff";

    public static final WorkerOptions DEFAULTS = new WorkerOptions(ANY_CPU, BACK_OFF);

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

    /** The ways to idle: {@code spin} keeps a CPU busy and loses no microsecond, {@code park} costs least. */
    public static List<String> idleWords() {
        return List.copyOf(IDLE.keySet());
    }

    IdleStrategy idleStrategy() {
        return Objects.requireNonNull(IDLE.get(idle)).get();
    }
}
