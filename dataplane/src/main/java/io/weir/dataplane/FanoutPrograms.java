package io.weir.dataplane;

import io.weir.dataplane.io.FanoutGroup;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps the program that divides frames among the workers as the configuration wants it. Between a change and its program
 * the workers hand each other what came to the wrong one.
 *
 * <p><b>Thread</b>: the control side's.
 */
final class FanoutPrograms {
    private final List<FanoutGroup> groups;
    private long[] current = {};

    FanoutPrograms(List<FanoutGroup> groups) {
        this.groups = List.copyOf(groups);
    }

    /** Replaces the program, if it is to be another. */
    void follow(Ownership ownership, ConfigSnapshot snapshot) {
        if (groups.isEmpty()) {
            return;
        }
        final long[] next = FanoutProgram.of(ownership, snapshot);
        if (!Arrays.equals(next, current)) {
            groups.forEach(group -> group.program(next));
            current = next;
        }
    }

    /** Frames come from now on. */
    void start() {
        groups.forEach(FanoutGroup::start);
    }
}
