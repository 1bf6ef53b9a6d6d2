package io.weir.control.lab;

import java.io.PrintStream;

/** Headings, bars and dim text for a person; plain text where nobody watches. */
final class Terminal {
    private static final int WIDTH = 78;
    private static final int BAR = 40;

    private final PrintStream out;
    private final boolean colours;

    Terminal(PrintStream out) {
        this.out = out;
        // The launcher looked: JDK 17 and 25 give different answers to "is this a terminal?".
        this.colours = Boolean.getBoolean("weir.terminal") && System.getenv("NO_COLOR") == null;
    }

    void heading(String text) {
        out.println();
        out.println(style("1;36", "── " + text + " " + "─".repeat(Math.max(3, WIDTH - text.length() - 4))));
    }

    void line(String text) {
        out.println(text.isEmpty() ? "" : "  " + text);
    }

    /** A line that begins with a short label. */
    void line(String label, String text) {
        out.println("  " + style("1", String.format("%-10s", label)) + text);
    }

    /** A line of lesser importance. */
    void dim(String text) {
        out.println("  " + style("2", text));
    }

    /** A share of a whole, as a bar. */
    void bar(String label, int value, int total) {
        final int length = total == 0 ? 0 : Math.round((float) BAR * value / total);
        out.println("    " + String.format("%-6s", label) + style("32", "█".repeat(length)) + " " + value);
    }

    void good(String text) {
        out.println("  " + style("32", "✓") + " " + text);
    }

    private String style(String code, String text) {
        return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
