package io.weir.control.keepalived;

import org.jspecify.annotations.Nullable;

/**
 * When a check runs; what a level does not say it takes from the level around it: checker, real server, virtual server.
 *
 * <p>Times in milliseconds.
 *
 * @param retries more tries before a verdict
 * @param warmupMs the first check comes at a random time up to this; -1 is the delay loop
 * @param alpha the server counts as down until the first check
 */
public record CheckTimers(
        long connectTimeoutMs,
        int retries,
        long delayBeforeRetryMs,
        long delayLoopMs,
        long warmupMs,
        boolean alpha,
        boolean logAllFailures) {

    private static final long CONNECT_TIMEOUT_MS = 5_000;
    private static final long DELAY_LOOP_MS = 60_000;
    private static final long RETRY_DELAY_MS = 1_000;
    private static final double SHORTEST = 0.001;
    private static final int UNSET = -1;

    /** What is said on one level; null where it says nothing. */
    public record Level(
            @Nullable Long connectTimeoutMs,
            @Nullable Integer retries,
            @Nullable Long delayBeforeRetryMs,
            @Nullable Long delayLoopMs,
            @Nullable Long warmupMs,
            @Nullable Boolean alpha,
            @Nullable Boolean logAllFailures) {
        /** Says nothing. */
        public static final Level NOTHING = new Level(null, null, null, null, null, null, null);

        /** This level over another. */
        Level over(Level outer) {
            return new Level(
                    first(connectTimeoutMs, outer.connectTimeoutMs),
                    first(retries, outer.retries),
                    first(delayBeforeRetryMs, outer.delayBeforeRetryMs),
                    first(delayLoopMs, outer.delayLoopMs),
                    first(warmupMs, outer.warmupMs),
                    first(alpha, outer.alpha),
                    first(logAllFailures, outer.logAllFailures));
        }

        private static <T> @Nullable T first(@Nullable T inner, @Nullable T outer) {
            return inner == null ? outer : inner;
        }

        /** The timers of a check of this kind. */
        CheckTimers resolve(CheckKind kind) {
            if (kind.fixedDelayLoopMs() > 0) {
                return new CheckTimers(
                        CONNECT_TIMEOUT_MS,
                        0,
                        RETRY_DELAY_MS,
                        kind.fixedDelayLoopMs(),
                        0,
                        alpha != null && alpha,
                        false);
            }
            final long loop = delayLoopMs == null ? DELAY_LOOP_MS : delayLoopMs;
            return new CheckTimers(
                    connectTimeoutMs == null ? CONNECT_TIMEOUT_MS : connectTimeoutMs,
                    retries == null ? kind.defaultRetries() : retries,
                    delayBeforeRetryMs == null ? kind.defaultRetryDelayMs(loop) : delayBeforeRetryMs,
                    loop,
                    warmupMs == null ? UNSET : warmupMs,
                    alpha != null && alpha,
                    logAllFailures != null && logAllFailures);
        }
    }

    /** keepalived's retry delay where a kind has none of its own. */
    public static long retryDelayMs() {
        return RETRY_DELAY_MS;
    }

    /** The longest wait for the first check. */
    public long firstWithinMs() {
        return warmupMs < 0 ? delayLoopMs : warmupMs;
    }

    /** Reads what a block says. */
    static Level level(Block block) {
        return new Level(
                time(block, "connect_timeout", SHORTEST),
                retries(block),
                time(block, "delay_before_retry", 0),
                time(block, "delay_loop", SHORTEST),
                time(block, "warmup", 0),
                block.has("alpha") ? block.flag("alpha", true) : null,
                block.has("log_all_failures") ? block.flag("log_all_failures", true) : null);
    }

    private static @Nullable Long time(Block block, String keyword, double min) {
        final long ms = block.milliseconds(keyword, min, UNSET);
        return ms == UNSET ? null : ms;
    }

    private static @Nullable Integer retries(Block block) {
        final Statement old = block.last("nb_get_retry");
        if (old != null) {
            block.report().changed(old, "the old name of retry");
        }
        final Statement said = block.last("retry");
        final Statement counted = said == null ? old : said;
        if (counted == null) {
            return null;
        }
        final int value = block.integer(counted, 1, 0, Integer.MAX_VALUE, UNSET);
        return value == UNSET ? null : value;
    }
}
