package io.weir.control.state;

import io.weir.sched.SchedulerOptions;
import java.util.List;

/**
 * What Weir lets a service tell its scheduler, and the kernel does not.
 *
 * @param tableSize entries or points; 0 is the scheduler's own choice
 * @param loadBound percent of the fair share; 0 is the scheduler's own choice
 * @param slowStartSeconds until a new or returned server has its whole weight; 0 is off
 * @param shadows schedulers that are asked too and not obeyed
 */
public record SchedulerTuning(int tableSize, int loadBound, int slowStartSeconds, List<String> shadows) {
    /** As the kernel. */
    public static final SchedulerTuning NONE = new SchedulerTuning(0, 0, 0, List.of());

    public SchedulerTuning {
        shadows = List.copyOf(shadows);
    }

    /** The same with other shadows. */
    public SchedulerTuning withShadows(List<String> names) {
        return new SchedulerTuning(tableSize, loadBound, slowStartSeconds, names);
    }

    /** For the scheduler's registry. */
    public SchedulerOptions options(long seed) {
        return new SchedulerOptions(seed, tableSize, loadBound);
    }

    /** Is a scheduler made with the other one made like with this one? */
    boolean makesTheSame(SchedulerTuning other) {
        return tableSize == other.tableSize && loadBound == other.loadBound;
    }
}
