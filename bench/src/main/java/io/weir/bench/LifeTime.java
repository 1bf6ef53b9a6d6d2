package io.weir.bench;

import io.weir.conntrack.Timeouts;
import io.weir.dataplane.io.PacketBatch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * The life of millions of TCP connections in one worker: all opened by their SYN, established, used in random order, then
 * left alone until every one has expired, while one in a hundred goes on. How long each turn of the worker took tells of
 * pauses; a turn is a batch of 64 packets and as much expiry as a turn allows itself.
 *
 * <pre>
 * ./weir bench life [CONNECTIONS [METHOD]]
 * </pre>
 */
final class LifeTime {
    private static final int CONNECTIONS = 10_000_000;
    private static final int WARM_UP = 200_000;
    private static final int WARM_UP_ROUNDS = 2;
    /** Long enough that the first is there still when the last was used. */
    private static final int ESTABLISHED_SECONDS = 20;

    private static final int SHARE_OF_BUSY = 100;
    private static final long USE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long EXPIRY_WITHIN_NS = TimeUnit.SECONDS.toNanos(120);
    private static final long SLOWEST_NS = TimeUnit.SECONDS.toNanos(10);
    private static final double NS_PER_US = 1_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final PathRig rig;
    private final IdleLoop idle;
    private final int connections;
    private final boolean prints;

    private LifeTime(int connections, String method, int seconds, IdleLoop idle, boolean prints) {
        this.idle = idle;
        final Timeouts timeouts = Timeouts.DEFAULTS.withSet(seconds, 0, 0);
        this.rig = new PathRig(
                RigScene.tcp(RigScene.methodCode(method), "wlc").with(timeouts), connections, PacketBatch.CAPACITY);
        this.connections = connections;
        this.prints = prints;
    }

    /** {@code [CONNECTIONS [METHOD]]}. */
    static int run(String[] arguments) {
        final int connections = arguments.length > 0 ? Integer.parseInt(arguments[0]) : CONNECTIONS;
        final String method = arguments.length > 1 ? arguments[1] : "nat";
        System.out.print(Conditions.describe(List.of(), "life " + connections + " " + method));
        try (IdleLoop idle = new IdleLoop()) {
            return run(connections, method, idle);
        }
    }

    private static int run(int connections, String method, IdleLoop idle) {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            new LifeTime(WARM_UP, method, 1, idle, false).live();
        }
        final long before = residentBytes();
        final LifeTime life = new LifeTime(connections, method, ESTABLISHED_SECONDS, idle, true);
        System.out.printf(
                Locale.ROOT,
                "%-34s %10s %8s %9s %9s %9s %9s %9s %9s%n",
                "microseconds a turn",
                "packets",
                "M/s",
                "p50",
                "p99",
                "p99.99",
                "longest",
                "on CPU",
                "idle");
        final boolean ended = life.live();
        System.out.printf(
                Locale.ROOT,
                "%nmemory while all lived: %.1f bytes a connection, of which %.1f the table%n",
                (double) (life.resident - before) / connections,
                (double) life.tableBytes / connections);
        System.out.println(
                "on CPU: the most of one turn that the thread itself was at work; the rest of a longer turn the machine took.");
        System.out.println(
                "idle: the longest gap, at the same time, of a thread on another core that only looks at the clock.");
        return ended ? 0 : 1;
    }

    private long resident;
    private long tableBytes;

    /** All of it; false if they did not expire in time. */
    private boolean live() {
        try (rig) {
            final int busy = connections / SHARE_OF_BUSY;
            rig.source().inOrder(FlowSource.SYN);
            phase("opened, each by a SYN", rig.source()::isLeft);
            expect(connections);
            rig.source().inOrder(FlowSource.ACK);
            phase("established", rig.source()::isLeft);
            rig.source().atRandom(connections);
            phase("used, at random", until(USE_NS));
            resident = residentBytes();
            tableBytes = rig.table().bytes();
            phase("the rig alone, without a worker", until(USE_NS), rig::generate);
            rig.source().atRandom(busy);
            final BooleanSupplier inTime = until(EXPIRY_WITHIN_NS);
            phase(
                    "one in 100 used, the others waiting",
                    () -> rig.connections() == connections && inTime.getAsBoolean());
            phase("the same while they expire", () -> rig.connections() > busy && inTime.getAsBoolean());
            return rig.connections() == busy;
        }
    }

    private void expect(int count) {
        if (rig.connections() != count) {
            throw new IllegalStateException("connections missing: there=" + rig.connections() + " made=" + count);
        }
    }

    private BooleanSupplier until(long ns) {
        final long end = System.nanoTime() + (prints ? ns : ns / SHARE_OF_BUSY);
        final long expiry = System.nanoTime() + ns;
        return ns == EXPIRY_WITHIN_NS ? () -> System.nanoTime() - expiry < 0 : () -> System.nanoTime() - end < 0;
    }

    private void phase(String what, BooleanSupplier goesOn) {
        phase(what, goesOn, rig::turn);
    }

    private void phase(String what, BooleanSupplier goesOn, java.util.function.IntSupplier turn) {
        final Histogram turns = new Histogram(SLOWEST_NS, 3);
        long packets = 0;
        long longestOnCpu = 0;
        idle.longest();
        double ns = 0;
        while (goesOn.getAsBoolean()) {
            // the system call that reads a thread's CPU time stands outside of what is timed
            final long cpu = THREADS.getCurrentThreadCpuTime();
            final long from = System.nanoTime();
            packets += turn.getAsInt();
            final long took = System.nanoTime() - from;
            longestOnCpu = Math.max(longestOnCpu, THREADS.getCurrentThreadCpuTime() - cpu);
            turns.recordValue(Math.min(SLOWEST_NS, took));
            ns += took;
        }
        if (prints) {
            System.out.printf(
                    Locale.ROOT,
                    "%-34s %10d %8.2f %9.2f %9.2f %9.2f %9.2f %9.2f %9.2f%n",
                    what,
                    packets,
                    packets * NS_PER_US / ns,
                    turns.getValueAtPercentile(50) / NS_PER_US,
                    turns.getValueAtPercentile(99) / NS_PER_US,
                    turns.getValueAtPercentile(99.99) / NS_PER_US,
                    turns.getMaxValue() / NS_PER_US,
                    longestOnCpu / NS_PER_US,
                    idle.longest() / NS_PER_US);
        }
    }

    private static long residentBytes() {
        try {
            final String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1);
            return Long.parseLong(pages[1]) * 4096;
        } catch (IOException e) {
            return 0;
        }
    }
}
