package io.weir.control.health;

import io.weir.control.notify.ScriptRunner;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loop of the health checks: one thread, one selector, timers.
 *
 * <p>A task that throws costs itself: it is logged, and the loop goes on.
 *
 * <p><b>Thread</b>: {@link #post} and {@link #close} by any; everything else by the loop's own.
 */
public final class CheckLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckLoop.class);
    private static final long LONGEST_SLEEP_MS = 1_000;
    private static final long STOP_WITHIN_MS = 2_000;
    private static final int HELPERS = 2;

    /** Is told when its channel is ready. */
    @FunctionalInterface
    interface Ready {
        void ready(SelectionKey key);
    }

    /** Something that is due; cancelling it leaves it in the queue until then. */
    static final class Timer {
        private final long dueNs;
        private final long order;
        private final Runnable task;
        private boolean cancelled;

        private Timer(long dueNs, long order, Runnable task) {
            this.dueNs = dueNs;
            this.order = order;
            this.task = task;
        }

        void cancel() {
            cancelled = true;
        }
    }

    private final Selector selector;
    private final Thread thread;
    private final PriorityQueue<Timer> timers = new PriorityQueue<>((a, b) -> {
        final int byTime = Long.signum(a.dueNs - b.dueNs);
        return byTime == 0 ? Long.compare(a.order, b.order) : byTime;
    });
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final ExecutorService helpers =
            Executors.newFixedThreadPool(HELPERS, run -> daemon(run, "weir-health-help"));
    private final Random random = new Random();
    private final ScriptRunner scripts;
    private final HealthMonitor.Editor director;
    private final Predicate<String> bfd;
    private final Pings pings = new Pings(this);
    private Runnable afterEachTurn = () -> {};
    private long timersMade;
    private volatile boolean running = true;

    /**
     * A loop that does not run yet.
     *
     * @param scripts for checks that are programs; its owner closes it
     * @param bfd is the BFD session of this name up?
     * @param director whose traffic checks may look at, and whose path they may probe
     */
    CheckLoop(ScriptRunner scripts, HealthMonitor.Editor director, Predicate<String> bfd) throws IOException {
        this.bfd = bfd;
        this.scripts = scripts;
        this.director = director;
        selector = Selector.open();
        thread = daemon(this::run, "weir-health");
    }

    private static Thread daemon(Runnable run, String name) {
        final Thread thread = new Thread(run, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Starts; {@code after} runs at the end of every turn. */
    void start(Runnable after) {
        afterEachTurn = after;
        thread.start();
    }

    private void run() {
        while (running) {
            try {
                turn();
            } catch (IOException e) {
                LOG.error("event=health-loop problem=\"{}\"", e.getMessage());
                return;
            }
        }
    }

    private void turn() throws IOException {
        selector.select(this::selected, sleepMs());
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            safely(task);
        }
        final long now = System.nanoTime();
        for (Timer next = timers.peek(); next != null && next.dueNs - now <= 0; next = timers.peek()) {
            timers.poll();
            if (!next.cancelled) {
                safely(next.task);
            }
        }
        safely(afterEachTurn);
    }

    private long sleepMs() {
        while (!timers.isEmpty() && timers.element().cancelled) {
            timers.poll();
        }
        final Timer next = timers.peek();
        final long ms = next == null
                ? LONGEST_SLEEP_MS
                : TimeUnit.NANOSECONDS.toMillis(next.dueNs - System.nanoTime() + 999_999);
        // 0 would be for ever.
        return Math.max(1, Math.min(LONGEST_SLEEP_MS, ms));
    }

    private void selected(SelectionKey key) {
        final Ready ready = (Ready) key.attachment();
        safely(() -> ready.ready(key));
    }

    private static void safely(Runnable task) {
        try {
            task.run();
        } catch (CancelledKeyException e) {
            LOG.debug("event=health-loop problem=\"a key was cancelled meanwhile\"");
        } catch (RuntimeException e) {
            LOG.error("event=bug where=health-loop", e);
        }
    }

    /** Runs a task on the loop's thread, soon. */
    public void post(Runnable task) {
        posted.add(task);
        selector.wakeup();
    }

    /** Runs something that may take long beside the loop, then {@code after} on the loop. */
    void beside(Runnable work, Runnable after) {
        helpers.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.error("event=bug where=health-helper", e);
            }
            post(after);
        });
    }

    /** Runs a task later. */
    Timer after(long delayMs, Runnable task) {
        final Timer timer = new Timer(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs), timersMade++, task);
        timers.add(timer);
        return timer;
    }

    ScriptRunner scripts() {
        return scripts;
    }

    HealthMonitor.Editor director() {
        return director;
    }

    Predicate<String> bfd() {
        return bfd;
    }

    Pings pings() {
        return pings;
    }

    /** A random number of milliseconds below {@code bound}; 0 if that is 0. */
    long jitterMs(long bound) {
        return bound <= 0 ? 0 : (long) (random.nextDouble() * bound);
    }

    /** Watches a channel. */
    SelectionKey watch(SelectableChannel channel, int operations, Ready ready) throws IOException {
        return channel.register(selector, operations, ready);
    }

    @Override
    public void close() {
        running = false;
        selector.wakeup();
        try {
            if (thread.isAlive() && thread != Thread.currentThread()) {
                thread.join(STOP_WITHIN_MS);
            }
            helpers.shutdownNow();
            pings.close();
            selector.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("event=health-loop problem=\"{}\"", e.getMessage());
        }
    }
}
