package io.weir.control.state;

import io.weir.service.SlotCounters;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --stats} and {@code --rate} show of one service or real server.
 *
 * <p>The numbers shown are those of the last two-second tick, as in the kernel: after a burst they lag. Zeroing sets a
 * baseline; the worker's counters are never written here.
 *
 * <p><b>Thread</b>: the director's. <b>Source</b>: ip_vs_copy_stats(), ip_vs_zero_stats(), estimation_timer().
 */
public final class Traffic {
    /** Index of connections in {@link #total} and {@link #rate}. */
    public static final int CONNS = 0;

    public static final int IN_PKTS = 1;
    public static final int OUT_PKTS = 2;
    public static final int IN_BYTES = 3;
    public static final int OUT_BYTES = 4;
    private static final int VALUES = 5;

    private final SlotCounters counters;
    private final int slot;
    private final long[] seen = new long[VALUES];
    private final long[] baseline = new long[VALUES];
    /** Null as long as all are zero, which those of most servers are for ever. */
    private RateEstimator @Nullable [] rates;
    /** All rates are zero: as long as nothing comes, a turn changes nothing. */
    private boolean quiet = true;

    Traffic(SlotCounters counters, int slot) {
        this.counters = counters;
        this.slot = slot;
        for (int i = 0; i < VALUES; i++) {
            baseline[i] = read(i);
            seen[i] = baseline[i];
        }
    }

    private long read(int value) {
        return counters.get(slot, SlotCounters.CONNS + value * Long.BYTES);
    }

    /** One turn of the estimator; every two seconds. */
    void tick() {
        final RateEstimator[] moved = rates == null ? estimators() : rates;
        quiet = true;
        for (int i = 0; i < VALUES; i++) {
            final long now = read(i);
            moved[i].tick(now - seen[i]);
            seen[i] = now;
            quiet &= moved[i].isQuiet();
        }
        rates = quiet ? null : moved;
    }

    private static RateEstimator[] estimators() {
        final RateEstimator[] fresh = new RateEstimator[VALUES];
        for (int i = 0; i < VALUES; i++) {
            fresh[i] = i < IN_BYTES ? RateEstimator.ofPackets() : RateEstimator.ofBytes();
        }
        return fresh;
    }

    /** Would a turn change nothing if nothing was counted since the last one? */
    boolean isQuiet() {
        return quiet;
    }

    /** What {@link #sum} was at the last turn. */
    long seenSum() {
        long sum = 0;
        for (final long value : seen) {
            sum += value;
        }
        return sum;
    }

    /** All that a row shows of what was counted; it grows with each of its values. */
    static long sum(SlotCounters counters, int slot) {
        long sum = 0;
        for (int i = 0; i < VALUES; i++) {
            sum += counters.get(slot, SlotCounters.CONNS + i * Long.BYTES);
        }
        return sum;
    }

    /** {@code -Z}: what was counted so far no longer shows, and the rates begin anew. */
    void zero() {
        System.arraycopy(seen, 0, baseline, 0, VALUES);
        rates = null;
        quiet = true;
    }

    /** A total since the last {@code -Z}. */
    public long total(int value) {
        return seen[value] - baseline[value];
    }

    /** As {@link #total}, but of this moment. */
    public long now(int value) {
        return read(value) - baseline[value];
    }

    /** A rate per second. */
    public long rate(int value) {
        return rates == null ? 0 : rates[value].perSecond();
    }
}
