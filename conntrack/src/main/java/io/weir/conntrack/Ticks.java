package io.weir.conntrack;

/**
 * Time as the table counts it: ticks of 10 ms in a wrapping int.
 *
 * <p><b>Units</b>: the kernel's HZ=100. Ticks count from the zero of the monotonic clock, which is the boot, so a
 * deadline in a table file means the same after the process was restarted. Compare by difference only: {@code a - b < 0}.
 */
public final class Ticks {
    public static final int PER_SECOND = 100;
    public static final long NANOS = 10_000_000L;
    /** The longest time-out that a record may have: 31 days and some (IPVS allows a persistence of 31 days). */
    public static final int MAX_TIMEOUT = 32 * 24 * 3600 * PER_SECOND;

    private Ticks() {}

    /** The tick of a reading of {@link System#nanoTime}. */
    public static int ofNanos(long nanoTime) {
        return (int) Math.floorDiv(nanoTime, NANOS);
    }

    public static int ofSeconds(int seconds) {
        return seconds * PER_SECOND;
    }

    /** Whole seconds, rounded down as the kernel does when it lists a connection. */
    public static int toSeconds(int ticks) {
        return ticks / PER_SECOND;
    }

    /** Is {@code tick} reached at {@code now}? Safe across the wrap. */
    public static boolean reached(int tick, int now) {
        return tick - now <= 0;
    }
}
