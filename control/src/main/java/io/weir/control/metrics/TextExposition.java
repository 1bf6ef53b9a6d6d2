package io.weir.control.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Writes what the library's text writers write, byte for byte, and large families faster: the text of labels is kept from
 * one scrape to the next.
 *
 * <p>The library itself shows how a family begins: it writes the first line of each.
 *
 * <p><b>Thread</b>: one.
 */
final class TextExposition {
    private static final byte[] END = "# EOF\n".getBytes(UTF_8);
    /** From here on {@link Double#toString} has an exponent. */
    private static final double MOST_PLAIN = 1e7;

    private static final int LONGEST_NUMBER = 32;
    /** Sockets take more at once no quicker. */
    private static final int PIECE = 1 << 17;

    private final ExpositionFormatWriter library;
    private byte[] out = new byte[1 << 16];
    private int length;

    /** Writes as this one does. */
    TextExposition(ExpositionFormatWriter library) {
        this.library = library;
    }

    String contentType() {
        return library.getContentType();
    }

    /** Makes the text; {@link #writeTo} hands it out until the next call. */
    void write(Scrape scrape) throws IOException {
        length = 0;
        reserve(scrape.columns());
        boolean ends = false;
        final Iterator<Column> columns = scrape.columns().iterator();
        Column next = columns.hasNext() ? columns.next() : null;
        for (final MetricSnapshot each : scrape.small()) {
            final String name = each.getMetadata().getPrometheusName();
            while (next != null && next.name().compareTo(name) < 0) {
                column(next);
                next = columns.hasNext() ? columns.next() : null;
            }
            final byte[] text = library(each);
            final int end = withoutEnd(text);
            ends |= end < text.length;
            append(text, end);
        }
        while (next != null) {
            column(next);
            next = columns.hasNext() ? columns.next() : null;
        }
        if (ends) {
            append(END, END.length);
        }
    }

    /** Its size, bytes. */
    int length() {
        return length;
    }

    void writeTo(OutputStream to) throws IOException {
        for (int at = 0; at < length; at += PIECE) {
            to.write(out, at, Math.min(PIECE, length - at));
        }
    }

    private byte[] library(MetricSnapshot family) throws IOException {
        final ByteArrayOutputStream text = new ByteArrayOutputStream();
        library.write(text, new MetricSnapshots(family), EscapingScheme.DEFAULT);
        return text.toByteArray();
    }

    private static int withoutEnd(byte[] text) {
        final int end = text.length - END.length;
        return end >= 0 && Arrays.equals(text, end, text.length, END, 0, END.length) ? end : text.length;
    }

    /** The lines that begin with {@code #} as the library writes them, then its name of a sample with all values. */
    private void column(Column column) throws IOException {
        if (column.rows().isEmpty()) {
            return;
        }
        final byte[] sample = library(column.sample());
        int line = 0;
        while (sample[line] == '#') {
            while (sample[line++] != '\n') {
                // On to the next line.
            }
        }
        int name = line;
        while (sample[name] != ' ') {
            name++;
        }
        append(sample, line);
        int n = 0;
        for (final String direction : column.directions()) {
            final String label = direction.isEmpty() ? "{" : "{" + Column.DIRECTION + "=\"" + direction + "\",";
            final byte[] before = (new String(sample, line, name - line, UTF_8) + label).getBytes(UTF_8);
            n = lines(before, column.rows(), column.values(), n);
        }
    }

    /** A line for each row; returns the index behind the last value told. */
    private int lines(byte[] before, List<? extends Row<?>> rows, double[] values, int first) {
        int n = first;
        for (final Row<?> row : rows) {
            final byte[] labels = row.text();
            ensure(before.length + labels.length + LONGEST_NUMBER);
            System.arraycopy(before, 0, out, length, before.length);
            length += before.length;
            System.arraycopy(labels, 0, out, length, labels.length);
            length += labels.length;
            number(values[n++]);
            out[length++] = '\n';
        }
        return n;
    }

    /** As {@link Double#toString}, of which nearly all are whole and small. */
    private void number(double value) {
        final long whole = (long) value;
        if (whole == value && whole >= 0 && value < MOST_PLAIN && 1 / value > 0) {
            int digits = 1;
            for (long rest = whole / 10; rest > 0; rest /= 10) {
                digits++;
            }
            long rest = whole;
            for (int i = digits - 1; i >= 0; i--) {
                out[length + i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            length += digits;
            out[length++] = '.';
            out[length++] = '0';
            return;
        }
        final byte[] bytes = Double.toString(value).getBytes(UTF_8);
        append(bytes, bytes.length);
    }

    /** Once for a large table, instead of a dozen times as the text grows. */
    private void reserve(List<Column> columns) {
        int most = 0;
        for (final Column column : columns) {
            if (!column.rows().isEmpty()) {
                final int line =
                        column.name().length() + 2 * column.rows().get(0).text().length + LONGEST_NUMBER;
                most += line * column.values().length;
            }
        }
        if (most > out.length) {
            out = new byte[most];
        }
    }

    private void append(byte[] bytes, int count) {
        ensure(count + LONGEST_NUMBER);
        System.arraycopy(bytes, 0, out, length, count);
        length += count;
    }

    private void ensure(int more) {
        if (length + more > out.length) {
            out = Arrays.copyOf(out, Math.max(length + more, 2 * out.length));
        }
    }
}
