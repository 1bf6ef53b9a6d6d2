package io.weir.control;

import io.weir.dataplane.BatchTimes;
import io.weir.dataplane.DataPlane;
import org.HdrHistogram.Histogram;

/**
 * How long the workers' batches took since the director was started.
 *
 * <p><b>Thread</b>: the director's, under its lock.
 */
final class BatchLatency {
    private final Histogram total = BatchTimes.histogram();

    /** Brought up to date; the caller only reads it, under the lock. */
    Histogram total(DataPlane dataPlane) {
        for (int i = 0; i < dataPlane.workers(); i++) {
            dataPlane.moveTimes(i, total);
        }
        return total;
    }
}
