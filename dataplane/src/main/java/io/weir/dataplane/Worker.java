package io.weir.dataplane;

import io.weir.conntrack.ExpiryHandler;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

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
    private final AtomicReference<ConfigSnapshot> published;
    private final ManyToOneConcurrentArrayQueue<Order> orders = new ManyToOneConcurrentArrayQueue<>(ORDERS);
    private final ExpiryHandler onExpiry;
    private final BatchTimes times = new BatchTimes();
    private ConfigSnapshot current;
    private volatile long epoch;

    public Worker(WorkerParts parts, List<PacketDevice> devices, ConfigSnapshot first) {
        this.parts = parts;
        this.path = new PacketPath(parts);
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
        work += parts.sync().work(Ticks.ofNanos(nowNs));
        parts.table().expire(Ticks.ofNanos(nowNs), EXPIRED_PER_TURN, onExpiry);
        parts.defence().work(parts.connections(), Ticks.ofNanos(nowNs), DEFENCE_PER_TURN);
        parts.connections().continueExpiring(Ticks.ofNanos(nowNs));
        parts.endings().work(nowNs);
        parts.fragmentPath().expire(nowNs);
        parts.localDelivery().resolve(current, nowNs);
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
        epoch = snapshot.epoch();
    }

    private int receive(int interfaceIndex, long nowNs) {
        batch.clear();
        final int received = devices[interfaceIndex].receive(batch, interfaceIndex);
        if (received > 0) {
            path.process(batch, nowNs);
            flush();
            devices[interfaceIndex].release();
            times.record(System.nanoTime() - nowNs);
        }
        return received;
    }

    /** Sends the frames decided so far, then those the worker made. */
    private void flush() {
        send(batch);
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
