package io.weir.control.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * How labels are written, kept for as long as they are the same object.
 *
 * <p><b>Thread</b>: one.
 */
final class LabelTexts {
    private static final int SPARE = 10_000;

    private final IdentityHashMap<Labels, byte[]> known = new IdentityHashMap<>();
    private int room = SPARE;

    /** Their text, with the blank behind. */
    byte[] of(Labels labels) {
        return known.computeIfAbsent(labels, LabelTexts::text);
    }

    /**
     * Makes the texts of labels that somebody will ask for.
     *
     * @return false if there are so many by now that most must be of labels that are gone: all of them are forgotten, and
     *     {@link #restart} wants those that are left
     */
    boolean prepare(List<Labels> some) {
        some.forEach(this::of);
        return !forgetAbove(room);
    }

    /** Makes the texts of all labels that there are. */
    void restart(List<Labels> all) {
        room = 2 * all.size() + SPARE;
        all.forEach(this::of);
    }

    /** Forgets what was written for so many points, if most of it must be of labels that are gone. */
    void trim(int points) {
        forgetAbove(2 * points + SPARE);
    }

    private boolean forgetAbove(int most) {
        if (known.size() <= most) {
            return false;
        }
        known.clear();
        return true;
    }

    private static byte[] text(Labels labels) {
        if (labels.isEmpty()) {
            return new byte[] {' '};
        }
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < labels.size(); i++) {
            text.append(i == 0 ? '{' : ',').append(labels.getPrometheusName(i)).append("=\"");
            text.append(labels.getValue(i)
                    .replace("\\", "\\\\")
                    .replace("\"", "\\\"")
                    .replace("\n", "\\n"));
            text.append('"');
        }
        return text.append("} ").toString().getBytes(UTF_8);
    }
}
