package io.weir.dataplane;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * How long batches took, in nanoseconds: from the start of the turn that took a batch from its device until the last of its
 * frames was handed to a device.
 *
 * <p>A frame waits no longer than its batch in the director; what it waited in a ring before is not seen here.
 *
 * <p><b>Thread</b>: the worker records, without a lock and without an allocation; one other thread at a time reads.
 */
public final class BatchTimes {
    /** Longer ones count as this long: ten seconds. */
    public static final long LONGEST_NS = 10_000_000_000L;

    /** Two digits: a value is off by at most 1 %. */
    private static final int DIGITS = 2;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(LONGEST_NS, DIGITS);
    private @Nullable Histogram interval;

    /** The worker only. */
    void record(long ns) {
        recorder.recordValue(Math.max(0, Math.min(ns, LONGEST_NS)));
    }

    /** An empty histogram that {@link #moveTo} can fill. */
    public static Histogram histogram() {
        return new Histogram(LONGEST_NS, DIGITS);
    }

    /** Adds what was recorded since the last call, and forgets it here. */
    public void moveTo(Histogram total) {
        interval = recorder.getIntervalHistogram(interval);
        total.add(interval);
    }
}
