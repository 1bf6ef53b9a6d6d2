package io.weir.dataplane.host;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How many ICMP errors may leave: over all, and to each target.
 *
 * <p>Two token buckets in a row. All errors together: 1000 a second in bursts of 50; an error takes 0, 1 or 2 of these
 * by chance, so that nobody can count what others were told (CVE-2020-25705), or always 1 until {@link #randomise} gives
 * a seed: a replay repeats itself. Each target: one a second, six saved
 * up. In IPv4 only the types of the mask count (unreachable, quench, time exceeded, parameter problem), "fragmentation
 * needed" never does; in IPv6 all errors but "packet too big". A target behind a wide IPv6 route gets a share: the
 * interval is halved for each 32 bits that the route's prefix lacks to 128.
 *
 * <p>Targets are kept in sets of four; a new one takes the place of the one that was asked for longest ago, and starts
 * with a full bucket.
 *
 * <p><b>Source</b>: icmp_ratelimit, icmp_ratemask, icmp_msgs_per_sec, icmp_msgs_burst and icmpv6_xrlim_allow() of the
 * Linux kernel. <b>Owner</b>: one worker; no allocation.
 */
public final class IcmpRateLimiter {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    /** As the kernel, which counts in ticks: too short a time brings no tokens. */
    private static final long SMALLEST_REFILL_NS = SECOND_NS / 50;

    /** Tokens of the common bucket that an error takes: below this, one on average. */
    private static final int DRAW_BOUND = 3;

    private static final int SETS = 256;
    private static final int WAYS = 4;
    private static final int BURST_FACTOR = 6;
    private static final int UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int LARGEST_TYPE_V4 = 18;
    private static final int V6_TOO_BIG = 2;
    private static final int FIRST_INFORMATIONAL_V6 = 128;

    private boolean enabled = true;
    private long intervalNs = 1000 * MILLISECOND_NS;
    private int mask = 6168;
    private int perSecond = 1000;
    private int burst = 50;

    private int credit = 50;
    private @Nullable SplittableRandom draws;
    private long refilledNs;
    private boolean started;
    private final long[] targetHi = new long[SETS * WAYS];
    private final long[] targetLo = new long[SETS * WAYS];
    private final long[] tokensNs = new long[SETS * WAYS];
    private final long[] askedNs = new long[SETS * WAYS];
    private final boolean[] used = new boolean[SETS * WAYS];
    private long suppressed;

    /** Switches limiting off or on; it is on at first. */
    public void enabled(boolean limit) {
        enabled = limit;
    }

    /** From now on an error takes 0 to 2 tokens of the common bucket by chance. */
    public void randomise(long seed) {
        draws = new SplittableRandom(seed);
    }

    /**
     * Sets the limits.
     *
     * @param rateLimitMs between two errors to one target; 0 for no such limit
     * @param rateMask bit per IPv4 ICMP type that is limited
     * @param messagesPerSecond to all targets
     * @param messagesBurst saved up at most
     */
    public void configure(int rateLimitMs, int rateMask, int messagesPerSecond, int messagesBurst) {
        intervalNs = rateLimitMs * MILLISECOND_NS;
        mask = rateMask;
        perSecond = messagesPerSecond;
        burst = messagesBurst;
        credit = Math.min(credit, burst);
    }

    /** May this error be sent to this target now? Takes its tokens if so. An IPv6 target counts as behind a default route. */
    public boolean allows(long hi, long lo, int type, int code, long nowNs) {
        return allows(hi, lo, type, code, 0, nowNs);
    }

    /** The same, with the prefix length of the route to an IPv6 target. */
    public boolean allows(long hi, long lo, int type, int code, int prefixLength, long nowNs) {
        final boolean v4 = hi == 0 && lo >>> 32 == 0xFFFFL;
        if (!enabled || !(v4 ? isLimitedV4(type, code) : isLimitedV6(type))) {
            return true;
        }
        final long interval = v4 ? intervalNs : intervalNs >> ((128 - prefixLength) >> 5);
        if (takeGlobal(nowNs) && (interval == 0 || takeTarget(hi, lo, interval, nowNs))) {
            return true;
        }
        suppressed++;
        return false;
    }

    /** May this error be sent to ourselves? There is no target whose tokens it would take. */
    public boolean allowsToUs(boolean v4, int type, int code, long nowNs) {
        if (!enabled || !(v4 ? isLimitedV4(type, code) : isLimitedV6(type)) || takeGlobal(nowNs)) {
            return true;
        }
        suppressed++;
        return false;
    }

    private boolean isLimitedV4(int type, int code) {
        return type <= LARGEST_TYPE_V4
                && !(type == UNREACHABLE && code == FRAGMENTATION_NEEDED)
                && (mask >> type & 1) != 0;
    }

    private static boolean isLimitedV6(int type) {
        return type < FIRST_INFORMATIONAL_V6 && type != V6_TOO_BIG;
    }

    private boolean takeGlobal(long nowNs) {
        if (!started) {
            started = true;
            credit = burst;
            refilledNs = nowNs;
        }
        final long elapsed = Math.min(nowNs - refilledNs, SECOND_NS);
        if (elapsed >= SMALLEST_REFILL_NS) {
            credit = (int) Math.min(burst, credit + perSecond * elapsed / SECOND_NS);
            refilledNs = nowNs;
        }
        if (credit <= 0) {
            return false;
        }
        credit = Math.max(0, credit - (draws == null ? 1 : draws.nextInt(DRAW_BOUND)));
        return true;
    }

    private boolean takeTarget(long hi, long lo, long interval, long nowNs) {
        final int i = slot(hi, lo, nowNs);
        final long full = BURST_FACTOR * interval;
        final boolean fresh = !used[i];
        final long tokens = fresh ? full : Math.min(full, tokensNs[i] + (nowNs - askedNs[i]));
        used[i] = true;
        targetHi[i] = hi;
        targetLo[i] = lo;
        askedNs[i] = nowNs;
        final boolean enough = tokens >= interval;
        tokensNs[i] = enough ? tokens - interval : tokens;
        return enough;
    }

    private int slot(long hi, long lo, long nowNs) {
        final long mixed = (hi ^ lo * 0x9E3779B97F4A7C15L) * 0xC2B2AE3D27D4EB4FL;
        final int first = (int) (mixed >>> 56) * WAYS;
        int oldest = first;
        for (int i = first; i < first + WAYS; i++) {
            if (!used[i] || targetLo[i] == lo && targetHi[i] == hi) {
                return i;
            }
            if (nowNs - askedNs[i] > nowNs - askedNs[oldest]) {
                oldest = i;
            }
        }
        used[oldest] = false;
        return oldest;
    }

    /** Errors that were not sent. */
    public long suppressed() {
        return suppressed;
    }
}
