package io.weir.control.keepalived;

/**
 * A kind of check as the reader knows it: its keyword, its defaults, its own options.
 *
 * <p>A checker implements it; see {@code io.weir.control.health.Checkers}.
 */
public interface CheckKind {
    /** The keyword of the check that names a {@code bfd_instance}. */
    String BFD_CHECK = "BFD_CHECK";

    /** For example TCP_CHECK. */
    String keyword();

    /** Tries after a failure before the check counts as failed. */
    default int defaultRetries() {
        return 1;
    }

    /** Milliseconds to the next try. */
    default long defaultRetryDelayMs(long delayLoopMs) {
        return CheckTimers.retryDelayMs();
    }

    /** Milliseconds between two looks of a check whose timing is not the user's; 0 for all others. */
    default long fixedDelayLoopMs() {
        return 0;
    }

    /** Has it an address to go to? */
    default boolean hasEndpoint() {
        return true;
    }

    /** Has it a socket of its own there, which can have a mark and keep to an interface? */
    default boolean hasSocket() {
        return hasEndpoint();
    }

    /** Does it ask the service itself, so that it can ask in the way of the service's traffic? */
    default boolean asksService() {
        return hasEndpoint();
    }

    /**
     * Reads its own options; whatever is wrong is noted in the block's report.
     *
     * @param virtualHost of the server or the service, or ""
     */
    Object options(Block block, String virtualHost);
}
