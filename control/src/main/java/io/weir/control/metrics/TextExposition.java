package io.weir.control.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
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

    private final ExpositionFormatWriter library;
    private final LabelTexts texts;
    private byte[] out = new byte[1 << 16];
    private int length;

    /** Writes as this one does, with labels' texts that several may share. */
    TextExposition(ExpositionFormatWriter library, LabelTexts texts) {
        this.library = library;
        this.texts = texts;
    }

    String contentType() {
        return library.getContentType();
    }

    /** Makes the text; {@link #writeTo} hands it out until the next call. */
    void write(MetricSnapshots all) throws IOException {
        length = 0;
        int points = 0;
        boolean ends = false;
        for (final MetricSnapshot each : all) {
            final boolean plain = each instanceof CounterSnapshot || each instanceof GaugeSnapshot;
            final byte[] sample = library(plain && !each.getDataPoints().isEmpty() ? first(each) : each);
            final int end = sample.length - (endsWith(sample) ? END.length : 0);
            ends |= end < sample.length;
            if (plain && end > 0) {
                points += each.getDataPoints().size();
                family(sample, end, each.getDataPoints());
            } else {
                append(sample, end);
            }
        }
        if (ends) {
            append(END, END.length);
        }
        texts.trim(points);
    }

    void writeTo(OutputStream to) throws IOException {
        to.write(out, 0, length);
    }

    private static MetricSnapshot first(MetricSnapshot family) {
        if (family instanceof CounterSnapshot counter) {
            return new CounterSnapshot(
                    counter.getMetadata(), List.of(counter.getDataPoints().get(0)));
        }
        final GaugeSnapshot gauge = (GaugeSnapshot) family;
        return new GaugeSnapshot(
                gauge.getMetadata(), List.of(gauge.getDataPoints().get(0)));
    }

    private byte[] library(MetricSnapshot family) throws IOException {
        final ByteArrayOutputStream text = new ByteArrayOutputStream();
        library.write(text, new MetricSnapshots(family), EscapingScheme.DEFAULT);
        return text.toByteArray();
    }

    private static boolean endsWith(byte[] text) {
        return text.length >= END.length
                && Arrays.equals(text, text.length - END.length, text.length, END, 0, END.length);
    }

    /** The lines that begin with {@code #} as they are, then the name of the first sample with all points. */
    private void family(byte[] sample, int end, List<? extends DataPointSnapshot> points) {
        int line = 0;
        while (sample[line] == '#') {
            while (sample[line++] != '\n') {
                // On to the next line.
            }
        }
        int name = line;
        while (name < end && sample[name] != '{' && sample[name] != ' ') {
            name++;
        }
        append(sample, line);
        for (final DataPointSnapshot point : points) {
            final byte[] labels = texts.of(point.getLabels());
            ensure(name - line + labels.length + LONGEST_NUMBER);
            System.arraycopy(sample, line, out, length, name - line);
            length += name - line;
            System.arraycopy(labels, 0, out, length, labels.length);
            length += labels.length;
            number(value(point));
            out[length++] = '\n';
        }
    }

    private static double value(DataPointSnapshot point) {
        return point instanceof CounterDataPointSnapshot counter
                ? counter.getValue()
                : ((GaugeDataPointSnapshot) point).getValue();
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
        final boolean infinite = Double.isInfinite(value);
        final String text = infinite ? value > 0 ? "+Inf" : "-Inf" : Double.toString(value);
        final byte[] bytes = text.getBytes(UTF_8);
        append(bytes, bytes.length);
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
