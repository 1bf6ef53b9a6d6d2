package io.weir.control.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Comparator;

/**
 * What several lines of a scrape are about: a service, a server. Kept from one scrape to the next, since its labels and their
 * text are most of the work.
 *
 * <p><b>Thread</b>: any; nothing in it changes but what its entry tells.
 */
final class Row<E> {
    /** The library's order. */
    static final Comparator<Row<?>> BY_LABELS = Comparator.comparing(Row::labels);

    private final Labels labels;
    private final byte[] text;
    private final E entry;

    Row(Labels labels, E entry) {
        this.labels = labels;
        this.text = inside(labels).append("} ").toString().getBytes(UTF_8);
        this.entry = entry;
    }

    Labels labels() {
        return labels;
    }

    /** How the labels are written, without the brace before them, with the blank behind them; not to be changed. */
    byte[] text() {
        return text;
    }

    /** Whose values are told. */
    E entry() {
        return entry;
    }

    private static StringBuilder inside(Labels labels) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < labels.size(); i++) {
            text.append(i == 0 ? "" : ",").append(labels.getPrometheusName(i)).append("=\"");
            escape(text, labels.getValue(i));
            text.append('"');
        }
        return text;
    }

    private static void escape(StringBuilder text, String value) {
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '"' -> text.append("\\\"");
                case '\n' -> text.append("\\n");
                default -> text.append(c);
            }
        }
    }
}
