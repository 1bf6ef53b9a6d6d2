package io.weir.control.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Arrays;
import java.util.Comparator;

/**
 * What several lines of a scrape are about: a service, a server. Kept from one scrape to the next, since its labels and their
 * text are most of the work. The library's own labels are made when the library wants them: they cost ten times as much.
 *
 * <p><b>Thread</b>: any; nothing in it changes but what its entry tells.
 */
final class Row<E> {
    /** The library's order, of rows with the same names. */
    static final Comparator<Row<?>> BY_LABELS = (a, b) -> Arrays.compare(a.values, b.values);

    private final String[] names;
    private final String[] values;
    private final byte[] text;
    private final E entry;

    /**
     * Makes it.
     *
     * @param names of labels, sorted; they belong to many rows
     * @param values of them
     */
    Row(String[] names, String[] values, E entry) {
        this.names = names;
        this.values = values;
        this.text = text(names, values);
        this.entry = entry;
    }

    Labels labels() {
        return Labels.of(names, values);
    }

    /** How the labels are written, without the brace before them, with the blank behind them; not to be changed. */
    byte[] text() {
        return text;
    }

    /** Whose values are told. */
    E entry() {
        return entry;
    }

    private static byte[] text(String[] names, String[] values) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < names.length; i++) {
            text.append(i == 0 ? "" : ",").append(names[i]).append("=\"");
            escape(text, values[i]);
            text.append('"');
        }
        return text.append("} ").toString().getBytes(UTF_8);
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
