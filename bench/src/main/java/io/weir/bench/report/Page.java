package io.weir.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/** A page that needs nothing else: no script, no request, pictures inline. */
public final class Page {
    private final StringBuilder text = new StringBuilder();

    public Page(String title) {
        add("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width\"><title>" + Svg.escape(title)
                + "</title><style>\n");
        add(style());
        add("</style></head><body><main>\n<h1>" + Svg.escape(title) + "</h1>\n");
    }

    private static String style() {
        try (InputStream in = Objects.requireNonNull(Page.class.getResourceAsStream("report.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds HTML as it is. */
    public void add(String html) {
        text.append(html);
    }

    /** A heading, and what there is to see; {@code explanation} is HTML. */
    public void section(String title, String explanation) {
        add("<h2>" + Svg.escape(title) + "</h2>\n<p>" + explanation + "</p>\n");
    }

    /** What the figures hold under. */
    public void conditions(Map<String, ?> conditions) {
        add("<details open><summary>Conditions of this run</summary><table class=\"plain\">\n");
        conditions.forEach((name, value) ->
                add("<tr><th>" + Svg.escape(name) + "</th><td>" + Svg.escape(String.valueOf(value)) + "</td></tr>\n"));
        add("</table></details>\n");
    }

    /** All of it. */
    public String text() {
        return text + "</main></body></html>\n";
    }
}
