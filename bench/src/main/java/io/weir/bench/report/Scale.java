package io.weir.bench.report;

/** Where on a picture a value is; logarithmic where figures differ by powers of ten. */
public record Scale(double least, double most, double from, double to, boolean logarithmic) {
    public static Scale linear(double most, double from, double to) {
        return new Scale(0, most, from, to, false);
    }

    public static Scale log(double least, double most, double from, double to) {
        return new Scale(least, most, from, to, true);
    }

    /** What lies outside is put on the edge. */
    public double at(double value) {
        final double inside = Math.min(most, Math.max(least, value));
        final double part =
                logarithmic ? Math.log(inside / least) / Math.log(most / least) : (inside - least) / (most - least);
        return from + part * (to - from);
    }
}
