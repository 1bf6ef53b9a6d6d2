package io.weir.dataplane;

import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What became of the frames of one worker: 8-byte counters, off-heap.
 *
 * <p><b>Thread</b>: one worker writes, any thread reads.
 */
public final class PathCounters {
    /** Frames taken from a device. */
    public static final int RECEIVED = 0;
    /** Frames sent in place. */
    public static final int TRANSMITTED = 1;
    /** Frames the director made: answers, ICMP errors, fragments. */
    public static final int GENERATED = 2;
    /** Frames left to the host's stack. */
    public static final int PASSED = 3;
    /** Frames answered, held for reassembly, or replaced by generated ones. */
    public static final int CONSUMED = 4;
    /** New connections. */
    public static final int CONNECTIONS = 5;
    /** Connections that timed out or were ended. */
    public static final int EXPIRED = 6;
    /** Persistence templates made. */
    public static final int TEMPLATES = 7;

    /** Frames given to the worker that owns them, and counted there. */
    public static final int HANDED_OVER = 8;

    /** Records that {@code drop_entry} ended, templates too. */
    public static final int SACRIFICED = 9;

    /** Copies of frames about neighbours that another worker's full ring did not take; the frames are counted besides. */
    public static final int NEIGHBOURS_UNTOLD = 10;

    private static final int FIRST_DROP = 11;

    private final UnsafeBuffer buffer;
    private final PathCounters[] more;

    public PathCounters() {
        this(new PathCounters[0]);
    }

    private PathCounters(PathCounters[] more) {
        this.more = more;
        buffer = new UnsafeBuffer(ByteBuffer.allocateDirect((FIRST_DROP + DropReason.values().length) * Long.BYTES));
    }

    /** What several workers count, together; for reading. */
    public static PathCounters sum(List<PathCounters> workers) {
        return workers.size() == 1 ? workers.get(0) : new PathCounters(workers.toArray(new PathCounters[0]));
    }

    /** Adds one; the worker only. */
    public void increment(int counter) {
        add(counter, 1);
    }

    /** Adds to a counter; the worker only. */
    public void add(int counter, long delta) {
        final int at = counter * Long.BYTES;
        buffer.putLongRelease(at, buffer.getLong(at) + delta);
    }

    /** Counts a drop by the ordinal of its {@link DropReason}; the worker only. */
    public void dropped(int reason) {
        add(FIRST_DROP + reason, 1);
    }

    /** Any thread. */
    public long get(int counter) {
        long sum = buffer.getLongVolatile(counter * Long.BYTES);
        for (final PathCounters each : more) {
            sum += each.get(counter);
        }
        return sum;
    }

    /** Frames dropped for one reason; any thread. */
    public long dropped(DropReason reason) {
        return get(FIRST_DROP + reason.code());
    }
}
