package io.weir.control.metrics;

import java.util.HashMap;
import java.util.Map;

/**
 * Names that must differ, as the labels of a metric must: one that was there before gets a number.
 *
 * <p><b>Thread</b>: one.
 */
public final class DistinctNames {
    private final Map<String, Integer> seen = new HashMap<>();

    /** The name, or with {@code #2} and so on behind it. */
    public String of(String name) {
        int number = seen.merge(name, 1, Integer::sum);
        if (number == 1) {
            return name;
        }
        while (seen.putIfAbsent(name + "#" + number, 1) != null) {
            number++;
        }
        return name + "#" + number;
    }
}
