package io.weir.sched;

import java.util.function.IntPredicate;

/**
 * What a service may tell its scheduler besides the flags.
 *
 * @param seed for those that draw lots
 * @param tableSize entries of the table; 0 is the scheduler's own choice
 * @param loadBound percent of its fair share that a destination may have at most; 0 is the scheduler's own choice
 */
public record SchedulerOptions(long seed, int tableSize, int loadBound) {
    /** A fixed seed, and nothing chosen. */
    public static final SchedulerOptions DEFAULTS = new SchedulerOptions(1, 0, 0);

    /** A seed, and nothing chosen. */
    public static SchedulerOptions seeded(long seed) {
        return new SchedulerOptions(seed, 0, 0);
    }

    /** The table size, or another if none was chosen. */
    int tableSizeOr(int other) {
        return tableSize == 0 ? other : tableSize;
    }

    /** The load bound, or another if none was chosen. */
    int loadBoundOr(int other) {
        return loadBound == 0 ? other : loadBound;
    }

    /**
     * What a scheduler takes for an option.
     *
     * @param words what is allowed, for messages
     */
    record Choice(String words, IntPredicate isAllowed) {}
}
