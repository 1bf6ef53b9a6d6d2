package io.weir.dataplane;

import io.weir.dataplane.io.PacketDevice;
import io.weir.dataplane.io.linux.CpuAffinity;
import io.weir.dataplane.io.linux.NativeException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the worker's thread and the devices: starts, publishes configurations, stops.
 *
 * <p><b>Thread</b>: the only class below {@code control} that makes one.
 */
public final class DataPlane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
    private static final long ACKNOWLEDGE_WITHIN_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long CHECK_EVERY_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long STOP_WITHIN_MS = 2_000;

    private final Worker worker;
    private final List<PacketDevice> devices;
    private final WorkerParts parts;
    private final WorkerOptions options;
    private final Thread thread;
    private volatile boolean running = true;
    private final AtomicLong bugs = new AtomicLong();

    /** Takes over the devices: they are closed by {@link #close}. */
    public DataPlane(WorkerParts parts, List<PacketDevice> devices, ConfigSnapshot first) {
        this(parts, devices, first, WorkerOptions.DEFAULTS);
    }

    /** The same, with a worker that runs as told; IllegalArgumentException if its CPU is not there for this process. */
    public DataPlane(WorkerParts parts, List<PacketDevice> devices, ConfigSnapshot first, WorkerOptions options) {
        if (options.cpu() != WorkerOptions.ANY_CPU && !CpuAffinity.isAllowed(options.cpu())) {
            throw new IllegalArgumentException("worker: cpu " + options.cpu() + " is not available to this process");
        }
        this.parts = parts;
        this.options = options;
        this.devices = List.copyOf(devices);
        this.worker = new Worker(parts, this.devices, first);
        this.thread = new Thread(this::run, "weir-worker-0");
    }

    /** Starts forwarding. */
    public void start() {
        thread.start();
    }

    private void run() {
        pin();
        final IdleStrategy idle = options.idleStrategy();
        while (running) {
            idle.idle(turn());
        }
    }

    private void pin() {
        if (options.cpu() != WorkerOptions.ANY_CPU) {
            try {
                CpuAffinity.pin(options.cpu());
            } catch (NativeException e) {
                LOG.error("event=not-pinned cpu={} problem=\"{}\"", options.cpu(), e.getMessage());
            }
        }
    }

    /** The outermost handler: a bug costs one batch, not the director. */
    private int turn() {
        try {
            return worker.doWork();
        } catch (RuntimeException e) {
            final long count = bugs.incrementAndGet();
            if (Long.bitCount(count) == 1) {
                LOG.error("event=bug count={}", count, e);
            }
            return 1;
        }
    }

    /**
     * Publishes a configuration and waits until the worker uses it.
     *
     * @return false if the worker did not acknowledge within a second
     */
    public boolean publish(ConfigSnapshot snapshot) {
        worker.publish(snapshot);
        final long deadline = System.nanoTime() + ACKNOWLEDGE_WITHIN_NS;
        while (worker.epoch() < snapshot.epoch() && thread.isAlive()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(CHECK_EVERY_NS);
        }
        return true;
    }

    /**
     * Runs an order on the worker's thread and waits for it.
     *
     * @return false if it was not done within a second
     */
    public boolean order(Worker.Order order) {
        final CountDownLatch done = new CountDownLatch(1);
        final Worker.Order signalled = p -> {
            try {
                order.run(p);
            } finally {
                done.countDown();
            }
        };
        if (!worker.order(signalled)) {
            return false;
        }
        try {
            return done.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How real servers answer handshakes; any thread may read. */
    public Answers answers() {
        return parts.connections().answers();
    }

    /** What became of the frames; any thread may read. */
    public PathCounters counters() {
        return parts.counters();
    }

    /** The devices in the order of their interface indexes. */
    public List<PacketDevice> devices() {
        return devices;
    }

    /** How long the worker's batches took. */
    public BatchTimes times() {
        return worker.times();
    }

    /** CPU time of the worker's thread in nanoseconds; -1 once it has ended. */
    public long cpuNs() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
    }

    /** Connections and templates in the table, as of a moment ago. */
    public int tableSize() {
        return parts.table().size();
    }

    /** How many it can hold. */
    public int tableCapacity() {
        return parts.table().capacity();
    }

    /** Turns that ended in an exception: each is a defect of ours. */
    public long bugs() {
        return bugs.get();
    }

    /** Stops the worker, then closes the devices. Idempotent. */
    @Override
    public void close() {
        running = false;
        try {
            if (thread.isAlive()) {
                thread.join(STOP_WITHIN_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (final PacketDevice device : devices) {
            device.close();
        }
    }
}
