package io.weir.control.state;

/**
 * A moving average of events per second: each two seconds it goes a quarter of the way to what was just seen.
 *
 * <p><b>Units</b>: kept scaled, packets by 2^10 and bytes by 2^5. <b>Source</b>: net/netfilter/ipvs/ip_vs_est.c.
 */
public final class RateEstimator {
    private static final int PACKET_SHIFT = 9;
    private static final int BYTE_SHIFT = 4;
    private static final int WEIGHT_SHIFT = 2;

    private final int shift;
    private long scaled;

    private RateEstimator(int shift) {
        this.shift = shift;
    }

    /** For connections and packets. */
    public static RateEstimator ofPackets() {
        return new RateEstimator(PACKET_SHIFT);
    }

    /** For bytes. */
    public static RateEstimator ofBytes() {
        return new RateEstimator(BYTE_SHIFT);
    }

    /** Takes in what happened within the last two seconds. */
    public void tick(long events) {
        final long now = events << shift;
        scaled += (now - scaled) >> WEIGHT_SHIFT;
    }

    /** Events per second, rounded as the kernel does. */
    public long perSecond() {
        return (scaled + (1L << shift) - 1) >> (shift + 1);
    }

    /** Would a tick without events change nothing? */
    boolean isQuiet() {
        return scaled == 0;
    }

    /** Begins anew. */
    public void zero() {
        scaled = 0;
    }
}
