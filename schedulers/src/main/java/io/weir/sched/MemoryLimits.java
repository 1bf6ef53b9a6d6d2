package io.weir.sched;

/**
 * How long lblc and lblcr remember an address that nobody asks for, in nanoseconds: the settings {@code lblc_expiration}
 * and {@code lblcr_expiration}.
 */
public record MemoryLimits(long lblcNs, long lblcrNs) {}
