package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.ExpiryHandler;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.host.IcmpRateLimiter;
import io.weir.dataplane.io.PacketBatch;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is driven frame by frame, with time as an argument: the packet path without devices or a clock, so that a
 * capture always gives the same answers.
 *
 * <p><b>Thread</b>: one. <b>Owner</b>: of the parts it was given.
 */
public final class SteppedWorker {
    /** Takes the frames that leave, in order; the bytes are valid during the call only. */
    @FunctionalInterface
    public interface Sink {
        /** One frame. */
        void frame(UnsafeBuffer buffer, int offset, int length, int egress);
    }

    private static final int HEADROOM = 256;
    private static final int LARGEST_FRAME = 1 << 16;
    /** The kernel's defaults of icmp_ratemask, icmp_msgs_per_sec and icmp_msgs_burst. */
    private static final int ERRORS_MASK = 6168;

    private static final int ERRORS_PER_SECOND = 1000;
    private static final int ERRORS_BURST = 50;
    private static final int EXPIRED_PER_STEP = 1 << 20;

    private final WorkerParts parts;
    private final PacketPath path;
    private final PacketBatch batch = new PacketBatch();
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(HEADROOM + LARGEST_FRAME));
    private final ExpiryHandler onExpiry;
    private ConfigSnapshot snapshot;
    private @Nullable Sink sink;
    private int sent;

    public SteppedWorker(WorkerParts parts, ConfigSnapshot first) {
        this.parts = parts;
        this.path = new PacketPath(parts);
        this.onExpiry = (table, id, tick) -> parts.connections().onExpiry(id, tick);
        this.snapshot = first;
        parts.egress().carriesOffloads(new boolean[first.interfaces().size()]);
        parts.output().flusher(this::flush);
        path.snapshot(first);
    }

    /** Lifts the limit of ICMP errors to one target (icmp_ratelimit=0); the one for all targets together stays. */
    public void unlimitErrorsPerTarget() {
        final IcmpRateLimiter limiter = parts.egress().icmp().limiter();
        limiter.enabled(true);
        limiter.configure(0, ERRORS_MASK, ERRORS_PER_SECOND, ERRORS_BURST);
    }

    /** Takes a new configuration. */
    public void snapshot(ConfigSnapshot next) {
        snapshot = next;
        path.snapshot(next);
    }

    /**
     * Decides one frame and hands on what leaves because of it.
     *
     * @param ingress index of the interface it came in by
     */
    public void process(byte[] frame, int ingress, long nowNs, Sink to) {
        batch.clear();
        sent = 0;
        sink = to;
        memory.putBytes(HEADROOM, frame);
        batch.add(memory, HEADROOM, frame.length, HEADROOM, ingress);
        path.process(batch, nowNs);
        parts.nextHopRequests().resolve(snapshot, nowNs);
        flush();
    }

    /** Lets time pass: connections expire, and what the worker sends of itself is handed on. */
    public void advance(long nowNs, Sink to) {
        batch.clear();
        sent = 0;
        sink = to;
        parts.sync().work(Ticks.ofNanos(nowNs));
        parts.table().expire(Ticks.ofNanos(nowNs), EXPIRED_PER_STEP, onExpiry);
        parts.defence().work(parts.connections(), Ticks.ofNanos(nowNs), EXPIRED_PER_STEP);
        parts.connections().continueExpiring(Ticks.ofNanos(nowNs));
        parts.endings().work(nowNs);
        parts.fragmentPath().expire(nowNs);
        parts.nextHopRequests().resolve(snapshot, nowNs);
        flush();
    }

    /** What was decided so far leaves first, then the frames the worker made. */
    private void flush() {
        send(batch);
        final PacketBatch made = parts.output().batch();
        parts.counters().add(PathCounters.GENERATED, made.size);
        send(made);
        parts.output().clear();
    }

    private void send(PacketBatch frames) {
        for (int i = 0; i < frames.size; i++) {
            if (frames.verdict[i] == PacketBatch.TRANSMIT && sink != null) {
                sink.frame(frames.buffer[i], frames.offset[i], frames.length[i], frames.egress[i]);
                sent++;
                frames.verdict[i] = PacketBatch.CONSUMED;
            }
        }
    }

    /** Did anything leave in the last step? */
    public boolean hasSent() {
        return sent > 0;
    }

    /** The last frame's verdict; {@link PacketBatch#CONSUMED} also where the frame itself left. */
    public int verdict() {
        return batch.verdict[0];
    }

    /** The last frame's drop reason. */
    public int reason() {
        return batch.reason[0];
    }

    /** The last frame's connection, or -1. */
    public int connection() {
        return batch.connection[0];
    }

    /** The connections. */
    public ConnectionTable table() {
        return parts.table();
    }
}
