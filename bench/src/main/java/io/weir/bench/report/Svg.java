package io.weir.bench.report;

import java.util.Locale;

/** Draws one picture as inline SVG; coordinates are pixels, y grows downwards. */
public final class Svg {
    private final StringBuilder text = new StringBuilder();

    public Svg(int width, int height, String description) {
        add(
                "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">",
                width, height, width, height, escape(description));
    }

    private void add(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    /** Text as HTML. */
    public static String escape(String raw) {
        return raw.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    public Svg line(double x1, double y1, double x2, double y2, String style) {
        add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>", x1, y1, x2, y2, style);
        return this;
    }

    public Svg path(double[] x, double[] y, String style) {
        final StringBuilder points = new StringBuilder();
        for (int i = 0; i < x.length; i++) {
            points.append(String.format(Locale.ROOT, "%s%.1f,%.1f", i == 0 ? "" : " ", x[i], y[i]));
        }
        add("<polyline points=\"%s\" class=\"%s\"/>", points, style);
        return this;
    }

    public Svg dot(double x, double y, double radius, String style, String tip) {
        add(
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"><title>%s</title></circle>",
                x, y, radius, style, escape(tip));
        return this;
    }

    public Svg bar(double x, double y, double width, double height, String style, String tip) {
        add(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"><title>%s</title></rect>",
                x, y, Math.max(width, 0.5), height, style, escape(tip));
        return this;
    }

    /** {@code anchor} is start, middle or end. */
    public Svg text(double x, double y, String anchor, String style, String words) {
        add(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>",
                x, y, anchor, style, escape(words));
        return this;
    }

    @Override
    public String toString() {
        return text + "</svg>\n";
    }
}
