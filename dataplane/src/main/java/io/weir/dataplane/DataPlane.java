package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Resharding;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.io.FanoutGroup;
import io.weir.dataplane.io.PacketDevice;
import io.weir.dataplane.io.linux.CpuAffinity;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the workers, their threads and the devices: starts, publishes configurations, stops.
 *
 * <p><b>Thread</b>: the only class below {@code control} that makes any.
 */
public final class DataPlane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
    private static final long ACKNOWLEDGE_WITHIN_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long CHECK_EVERY_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long STAND_STILL_SECONDS = 10;

    private final List<WorkerParts> parts;
    private final List<WorkerDevices> devices;
    private final List<WorkerThread> workers = new ArrayList<>();
    private final FanoutPrograms programs;
    private final PathCounters counters;

    /** Takes over the devices: they are closed by {@link #close}. */
    public DataPlane(WorkerParts parts, List<PacketDevice> devices, ConfigSnapshot first) {
        this(parts, devices, first, WorkerOptions.DEFAULTS);
    }

    /** The same, with a worker that runs as told; IllegalArgumentException if its CPU is not there for this process. */
    public DataPlane(WorkerParts parts, List<PacketDevice> devices, ConfigSnapshot first, WorkerOptions options) {
        this(List.of(parts), List.of(new WorkerDevices(devices)), List.of(), first, options);
    }

    /**
     * The same with several workers.
     *
     * @param parts of each worker, in the order of their shards
     * @param devices of each worker, in the order of the interfaces' indexes
     * @param groups that divide the interfaces' frames among them
     */
    public DataPlane(
            List<WorkerParts> parts,
            List<WorkerDevices> devices,
            List<FanoutGroup> groups,
            ConfigSnapshot first,
            WorkerOptions options) {
        for (int i = 0; i < parts.size(); i++) {
            final int cpu = options.cpu(i);
            if (cpu != WorkerOptions.ANY_CPU && !CpuAffinity.isAllowed(cpu)) {
                throw new IllegalArgumentException("worker: cpu " + cpu + " is not available to this process");
            }
        }
        this.parts = List.copyOf(parts);
        this.devices = List.copyOf(devices);
        final List<PathCounters> each = new ArrayList<>();
        this.parts.forEach(one -> each.add(one.counters()));
        this.counters = PathCounters.sum(each);
        for (final Worker worker : Worker.several(parts, devices, first)) {
            workers.add(new WorkerThread(worker, workers.size(), options));
        }
        this.programs = new FanoutPrograms(groups);
        programs.follow(ownership(), first);
    }

    private Ownership ownership() {
        return parts.get(0).shard().ownership();
    }

    /** Starts forwarding. */
    public void start() {
        workers.forEach(WorkerThread::start);
        programs.start();
    }

    /**
     * Publishes a configuration and waits until the workers use it.
     *
     * @return false if one did not acknowledge within a second
     */
    public boolean publish(ConfigSnapshot snapshot) {
        final Ownership next = ownership().widened(snapshot.services());
        if (parts.size() > 1 && !next.equals(ownership()) && !reshard(next)) {
            return false;
        }
        workers.forEach(each -> each.worker().publish(snapshot));
        final long deadline = System.nanoTime() + ACKNOWLEDGE_WITHIN_NS;
        boolean taken = true;
        for (final WorkerThread each : workers) {
            while (taken && each.worker().epoch() < snapshot.epoch() && each.isAlive()) {
                taken = System.nanoTime() - deadline <= 0;
                LockSupport.parkNanos(CHECK_EVERY_NS);
            }
            taken &= !each.hasEnded();
        }
        programs.follow(ownership(), snapshot);
        return taken;
    }

    /** Lets all workers stand still while connections move to their new owners. Frames wait in the rings meanwhile. */
    private boolean reshard(Ownership next) {
        final CountDownLatch standing = new CountDownLatch(workers.size());
        final CountDownLatch moved = new CountDownLatch(1);
        final Worker.Order stand = p -> {
            standing.countDown();
            await(moved);
        };
        boolean all = true;
        for (final WorkerThread each : workers) {
            all &= each.isAlive() && each.worker().order(stand);
        }
        final long began = System.nanoTime();
        try {
            if (!all || !await(standing, STAND_STILL_SECONDS)) {
                return false;
            }
            move(next);
        } finally {
            moved.countDown();
        }
        LOG.info(
                "event=ownership-changed netmask4={} netmask6={} us={}",
                next.netmask4(),
                next.netmask6(),
                TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began));
        return true;
    }

    private void move(Ownership next) {
        final ConnectionTable[] tables = new ConnectionTable[parts.size()];
        for (int i = 0; i < tables.length; i++) {
            tables[i] = parts.get(i).table();
        }
        for (int i = 0; i < tables.length; i++) {
            final Connections connections = parts.get(i).connections();
            final Resharding resharding = new Resharding(tables, next::owner, (table, id) -> connections.release(id));
            resharding.empty(tables[i], i, Ticks.ofNanos(System.nanoTime()));
            if (resharding.moved() + resharding.lost() > 0) {
                LOG.info("event=resharded from={} moved={} lost={}", i, resharding.moved(), resharding.lost());
            }
        }
        parts.forEach(each -> each.shard().ownership(next));
    }

    /** For as long as it takes: who goes on while connections move meets tables that another thread writes. */
    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean await(CountDownLatch latch, long seconds) {
        try {
            return latch.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How many workers there are. */
    public int workers() {
        return workers.size();
    }

    /**
     * Runs an order on every worker's thread, one after the other, and waits for it.
     *
     * @return false if it was not done by each within a second
     */
    public boolean order(Worker.Order order) {
        boolean done = true;
        for (int i = 0; i < workers.size(); i++) {
            done &= order(i, order);
        }
        return done;
    }

    /** The same on one worker's thread. */
    public boolean order(int worker, Worker.Order order) {
        final CountDownLatch done = new CountDownLatch(1);
        final Worker.Order signalled = p -> {
            try {
                order.run(p);
            } finally {
                done.countDown();
            }
        };
        return workers.get(worker).worker().order(signalled) && await(done, 1);
    }

    /** How real servers answer handshakes, by all workers; any thread may read. */
    public Answers answers() {
        final Answers[] each = new Answers[parts.size()];
        for (int i = 0; i < each.length; i++) {
            each[i] = parts.get(i).connections().answers();
        }
        return Answers.together(each);
    }

    /** What became of the frames, of all workers together; any thread may read. */
    public PathCounters counters() {
        return counters;
    }

    /** What became of the frames of one worker. */
    public PathCounters counters(int worker) {
        return parts.get(worker).counters();
    }

    /** The first worker's devices in the order of their interface indexes: what all have in common. */
    public List<PacketDevice> devices() {
        return devices.get(0).list();
    }

    /** Frames that all workers' rings of an interface lost. */
    public long receiveDrops(int interfaceIndex) {
        long sum = 0;
        for (final WorkerDevices each : devices) {
            sum += each.list().get(interfaceIndex).receiveDrops();
        }
        return sum;
    }

    /** Frames that an interface did not take. */
    public long transmitDrops(int interfaceIndex) {
        long sum = 0;
        for (final WorkerDevices each : devices) {
            sum += each.list().get(interfaceIndex).transmitDrops();
        }
        return sum;
    }

    /** Adds to a histogram how long a worker's batches took since the last call; one thread at a time. */
    public void moveTimes(int worker, Histogram total) {
        workers.get(worker).worker().times().moveTo(total);
    }

    /** CPU time of a worker's thread in nanoseconds; -1 once it has ended. */
    public long cpuNs(int worker) {
        return workers.get(worker).cpuNs();
    }

    /** Of all workers. */
    public long cpuNs() {
        long sum = 0;
        for (final WorkerThread each : workers) {
            sum += Math.max(0, each.cpuNs());
        }
        return sum;
    }

    /** Connections and templates in a worker's table, as of a moment ago. */
    public int tableSize(int worker) {
        return parts.get(worker).table().size();
    }

    /**
     * The mode of a defence as the kernel's file shows it ({@link Defence#mode}): the highest of any worker.
     *
     * @param name drop_entry, drop_packet or secure_tcp
     */
    public int defenceMode(String name) {
        int highest = 0;
        for (final WorkerParts each : parts) {
            highest = Math.max(highest, each.defence().mode(name));
        }
        return highest;
    }

    /** Connections and templates in the tables, as of a moment ago. */
    public int tableSize() {
        int sum = 0;
        for (final WorkerParts each : parts) {
            sum += each.table().size();
        }
        return sum;
    }

    /** How many they can hold. */
    public int tableCapacity() {
        int sum = 0;
        for (final WorkerParts each : parts) {
            sum += each.table().capacity();
        }
        return sum;
    }

    /** Turns that ended in an exception: each is a defect of ours. */
    public long bugs() {
        long sum = 0;
        for (final WorkerThread each : workers) {
            sum += each.bugs();
        }
        return sum;
    }

    /** Stops the workers, then closes the devices. Idempotent. */
    @Override
    public void close() {
        workers.forEach(WorkerThread::end);
        try {
            for (final WorkerThread each : workers) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (int i = 0; i < workers.size(); i++) {
            if (workers.get(i).isAlive()) {
                // What it uses may not be unmapped under it; the process ends, and the kernel closes all.
                LOG.error("event=close problem=\"worker {} does not end: its devices stay open\"", i);
            } else {
                devices.get(i).list().forEach(PacketDevice::close);
            }
        }
    }
}
