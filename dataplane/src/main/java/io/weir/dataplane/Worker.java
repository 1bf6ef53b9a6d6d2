package io.weir.dataplane;

import io.weir.conntrack.ExpiryHandler;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * One turn of the data plane: take orders, receive, decide, transmit, expire.
 *
 * <p><b>Thread</b>: {@link #doWork} is called by one thread only, and by no other; {@link #publish} and {@link #order} by
 * any. <b>Owner</b>: owns its table, its counters and the frames of its devices while a turn lasts.
 */
public final class Worker {
    /** Something rare to be done on the worker's thread, between batches: a dump, a flush. */
    @FunctionalInterface
    public interface Order {
        /** Runs on the worker's thread; must be short. */
        void run(WorkerParts parts);
    }

    private static final int ORDERS = 64;
    private static final int EXPIRED_PER_TURN = 256;
    private static final int DEFENCE_PER_TURN = 128;

    private final WorkerParts parts;
    private final PacketPath path;
    private final PacketDevice[] devices;
    private final PacketBatch batch = new PacketBatch();
    /** The frames under decision: what the worker makes of them leaves after them. */
    private PacketBatch deciding = batch;

    private final AtomicReference<ConfigSnapshot> published;
    private final ManyToOneConcurrentArrayQueue<Order> orders = new ManyToOneConcurrentArrayQueue<>(ORDERS);
    private final ExpiryHandler onExpiry;
    private final BatchTimes times = new BatchTimes();
    /** Null where there is one worker only. */
    private final @Nullable Steering steering;

    private final HandOver.@Nullable Inlet inlet;
    /** What the frames in the inlet were steered by, unless others had to be asked for since. */
    private Ownership steeredBy;

    private ConfigSnapshot current;
    private volatile long epoch;

    public Worker(WorkerParts parts, List<PacketDevice> devices, ConfigSnapshot first) {
        this(parts, devices, first, null);
    }

    /**
     * Workers that hand each other what they own.
     *
     * @param parts of each, in the order of their shards
     * @param devices of each
     */
    public static List<Worker> several(List<WorkerParts> parts, List<WorkerDevices> devices, ConfigSnapshot first) {
        final HandOver handOver = parts.size() == 1 ? null : new HandOver(parts.size());
        final List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            workers.add(new Worker(parts.get(i), devices.get(i).list(), first, handOver));
        }
        return workers;
    }

    private Worker(WorkerParts parts, List<PacketDevice> devices, ConfigSnapshot first, @Nullable HandOver handOver) {
        this.parts = parts;
        this.steering = handOver == null ? null : new Steering(parts, handOver);
        this.inlet = handOver == null ? null : handOver.inlet(parts.shard().index());
        if (steering != null) {
            parts.fragmentPath().steering(steering);
        }
        this.path = new PacketPath(parts);
        this.steeredBy = parts.shard().ownership();
        this.devices = devices.toArray(new PacketDevice[0]);
        this.published = new AtomicReference<>(first);
        this.current = first;
        this.onExpiry = (table, id, tick) -> parts.connections().onExpiry(id, tick);
        final boolean[] offloads = new boolean[this.devices.length];
        for (int i = 0; i < offloads.length; i++) {
            offloads[i] = this.devices[i].carriesOffloads();
        }
        parts.egress().carriesOffloads(offloads);
        parts.output().flusher(this::flush);
        parts.egress().icmp().limiter().randomise(new SecureRandom().nextLong());
        parts.localDelivery().wallClock(System.nanoTime(), System.currentTimeMillis());
        take(first);
        if (parts.table().recovered() > 0) {
            parts.connections().adopt(first);
        }
    }

    /** Hands over a new configuration; it is in force when {@link #epoch} has reached its epoch. */
    public void publish(ConfigSnapshot snapshot) {
        published.setRelease(snapshot);
    }

    /** The epoch of the configuration in force. */
    public long epoch() {
        return epoch;
    }

    /** How long the batches took. */
    public BatchTimes times() {
        return times;
    }

    /** Queues an order; false if the queue is full. */
    public boolean order(Order order) {
        return orders.offer(order);
    }

    /**
     * One turn.
     *
     * @return frames received and orders done: 0 means idle
     */
    public int doWork() {
        final long nowNs = System.nanoTime();
        int work = control();
        for (int i = 0; i < devices.length; i++) {
            work += receive(i, nowNs);
        }
        if (inlet != null) {
            work += takeOver(inlet, nowNs);
        }
        work += parts.sync().work(Ticks.ofNanos(nowNs));
        parts.table().expire(Ticks.ofNanos(nowNs), EXPIRED_PER_TURN, onExpiry);
        parts.defence().work(parts.connections(), Ticks.ofNanos(nowNs), DEFENCE_PER_TURN);
        parts.connections().continueExpiring(Ticks.ofNanos(nowNs));
        parts.endings().work(nowNs);
        parts.fragmentPath().expire(nowNs);
        parts.nextHopRequests().resolve(current, nowNs);
        if (parts.output().batch().size > 0) {
            flush();
        }
        return work;
    }

    private int control() {
        final ConfigSnapshot next = published.getAcquire();
        if (next.epoch() != current.epoch()) {
            take(next);
        }
        final Order order = orders.poll();
        if (order == null) {
            return 0;
        }
        order.run(parts);
        return 1;
    }

    private void take(ConfigSnapshot snapshot) {
        current = snapshot;
        path.snapshot(snapshot);
        if (steering != null) {
            steering.snapshot(snapshot);
        }
        epoch = snapshot.epoch();
    }

    private int receive(int interfaceIndex, long nowNs) {
        batch.clear();
        final int received = devices[interfaceIndex].receive(batch, interfaceIndex);
        if (received > 0) {
            if (steering != null) {
                steering.keepOwn(batch);
            }
            decide(batch, nowNs);
            devices[interfaceIndex].release();
            times.record(System.nanoTime() - nowNs);
        }
        return received;
    }

    private void decide(PacketBatch frames, long nowNs) {
        deciding = frames;
        path.process(frames, nowNs);
        flush();
    }

    /** What other workers received and this one owns. */
    private int takeOver(HandOver.Inlet from, long nowNs) {
        final int taken = from.receive();
        if (taken == 0) {
            // All that was given by an earlier rule has come.
            steeredBy = parts.shard().ownership();
            return 0;
        }
        steer(from.frames());
        decide(from.frames(), nowNs);
        if (from.last().size > 0 && from.isOfNeighbour()) {
            learn(from.last(), nowNs);
        } else if (from.last().size > 0) {
            decide(from.last(), nowNs);
        }
        times.record(System.nanoTime() - nowNs);
        return taken;
    }

    private void learn(PacketBatch frames, long nowNs) {
        if (steering != null) {
            steering.learn(frames, nowNs);
        }
    }

    /** Frames that waited while connections moved may be another worker's by now. */
    @SuppressWarnings("ReferenceEquality") // a rule that says the same is the same object
    private void steer(PacketBatch frames) {
        if (steering == null) {
            return;
        }
        if (steeredBy == parts.shard().ownership()) {
            steering.tellOfNeighbours(frames);
        } else {
            steering.keepOwn(frames);
        }
    }

    /** Sends the frames decided so far, then those the worker made. */
    private void flush() {
        send(deciding);
        final PacketBatch made = parts.output().batch();
        parts.counters().add(PathCounters.GENERATED, made.size);
        send(made);
        parts.output().clear();
    }

    private void send(PacketBatch frames) {
        if (frames.size == 0) {
            return;
        }
        for (int i = 0; i < devices.length; i++) {
            devices[i].transmit(frames, i);
        }
        for (int i = 0; i < frames.size; i++) {
            if (frames.verdict[i] == PacketBatch.TRANSMIT) {
                frames.verdict[i] = PacketBatch.CONSUMED;
            }
        }
    }

    /** The path, for a caller that drives it frame by frame (replay). */
    public PacketPath path() {
        return path;
    }
}
