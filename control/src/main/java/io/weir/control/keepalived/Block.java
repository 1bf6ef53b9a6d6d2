package io.weir.control.keepalived;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a block holds, asked by keyword; whatever is wrong is noted in the report and reads as its default, so that a user
 * sees all at once.
 *
 * <p>Of a keyword that comes twice the last one counts, as in keepalived. {@link #end} notes what nobody asked for.
 */
public final class Block {
    private static final int MAX_PORT = 65_535;
    private static final double MS = 1000.0;
    private static final double MOST_SECONDS = 1_000_000;
    private static final Set<String> YES = Set.of("on", "true", "yes");
    private static final Set<String> NO = Set.of("off", "false", "no");

    private final Statement statement;
    private final LineReport report;
    private final String name;
    private final Set<String> known = new HashSet<>();

    /** The block of a statement. */
    public Block(Statement statement, LineReport report) {
        this(statement, report, statement.keyword().isEmpty() ? "the file" : statement.keyword());
    }

    /** A block that is called {@code name} in remarks. */
    Block(Statement statement, LineReport report, String name) {
        this.statement = statement;
        this.report = report;
        this.name = name;
        report.used(statement);
    }

    /** The statement whose block this is. */
    public Statement statement() {
        return statement;
    }

    public LineReport report() {
        return report;
    }

    /** The statements of a keyword, marked as used. */
    public List<Statement> all(String... keywords) {
        final Set<String> wanted = Set.of(keywords);
        known.addAll(wanted);
        final List<Statement> found = new ArrayList<>();
        for (Statement each : statement.block()) {
            if (wanted.contains(each.keyword())) {
                report.used(each);
                found.add(each);
            }
        }
        return found;
    }

    /** The last statement of a keyword, or null. */
    public @Nullable Statement last(String... keywords) {
        final List<Statement> found = all(keywords);
        return found.isEmpty() ? null : found.get(found.size() - 1);
    }

    public boolean has(String... keywords) {
        return last(keywords) != null;
    }

    /** The blocks of a keyword. */
    public List<Block> blocks(String... keywords) {
        return all(keywords).stream().map(each -> new Block(each, report)).toList();
    }

    /** The lines of all blocks of a keyword, each marked as used: lists of addresses, names, scripts. */
    public List<Statement> entries(String... keywords) {
        final List<Statement> entries = new ArrayList<>();
        for (Statement each : all(keywords)) {
            each.block().forEach(report::used);
            entries.addAll(each.block());
        }
        return entries;
    }

    /** The first argument of a keyword, or null. */
    public @Nullable String text(String... keywords) {
        final Statement last = last(keywords);
        if (last == null) {
            return null;
        }
        if (last.arguments().isEmpty()) {
            report.wrong(last, "a value is missing");
            return null;
        }
        return last.arguments().get(0);
    }

    public String text(String keyword, String fallback) {
        final String text = text(keyword);
        return text == null ? fallback : text;
    }

    /** All arguments of a keyword in one, or null. */
    public @Nullable String line(String... keywords) {
        final Statement last = last(keywords);
        if (last == null) {
            return null;
        }
        if (last.arguments().isEmpty()) {
            report.wrong(last, "a value is missing");
            return null;
        }
        return String.join(" ", last.arguments());
    }

    public int integer(String keyword, int min, int max, int fallback) {
        final Statement last = last(keyword);
        return last == null ? fallback : integer(last, 1, min, max, fallback);
    }

    /** The number at position {@code index} of a statement. */
    public int integer(Statement each, int index, int min, int max, int fallback) {
        final String text = index < each.words().size() ? each.words().get(index) : "";
        try {
            final long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            report.wrong(each, "must be a number from " + min + " to " + max + ", not '" + text + "'");
            return fallback;
        }
        report.wrong(each, "must be from " + min + " to " + max + ", not " + text);
        return fallback;
    }

    /** Seconds, with decimals, as milliseconds. */
    public long milliseconds(String keyword, double minSeconds, long fallbackMs) {
        final Statement last = last(keyword);
        return last == null ? fallbackMs : milliseconds(last, minSeconds, fallbackMs);
    }

    /** The seconds of a statement's first argument, as milliseconds. */
    public long milliseconds(Statement each, double minSeconds, long fallbackMs) {
        return milliseconds(each, 1, minSeconds, fallbackMs);
    }

    /** The seconds at position {@code index} of a statement, as milliseconds. */
    public long milliseconds(Statement each, int index, double minSeconds, long fallbackMs) {
        final String text = index < each.words().size() ? each.words().get(index) : "";
        try {
            final double seconds = Double.parseDouble(text);
            if (seconds >= minSeconds && seconds <= MOST_SECONDS) {
                return Math.round(seconds * MS);
            }
        } catch (NumberFormatException e) {
            report.wrong(each, "must be seconds (decimals allowed), not '" + text + "'");
            return fallbackMs;
        }
        report.wrong(each, "must be " + minSeconds + " to " + (long) MOST_SECONDS + " seconds, not " + text);
        return fallbackMs;
    }

    /** A truth value; the keyword alone means yes. */
    public boolean flag(String keyword, boolean fallback) {
        final Statement last = last(keyword);
        if (last == null) {
            return fallback;
        }
        final String text =
                last.arguments().isEmpty() ? "on" : last.arguments().get(0).toLowerCase(Locale.ROOT);
        if (!YES.contains(text) && !NO.contains(text)) {
            report.wrong(last, "must be on, off, true, false, yes or no, not '" + text + "'");
            return fallback;
        }
        return YES.contains(text);
    }

    /** One of several words, whatever their case; as written in {@code allowed}. */
    public String word(String keyword, List<String> allowed, String fallback) {
        final Statement last = last(keyword);
        if (last == null) {
            return fallback;
        }
        final String text = last.arguments().isEmpty() ? "" : last.arguments().get(0);
        for (String each : allowed) {
            if (each.equalsIgnoreCase(text)) {
                return each;
            }
        }
        report.wrong(last, "must be one of " + String.join(", ", allowed) + ", not '" + text + "'");
        return fallback;
    }

    /** An address, or null. */
    public @Nullable IpAddress address(String... keywords) {
        final Statement last = last(keywords);
        return last == null ? null : address(last, 1);
    }

    /** The address at position {@code index} of a statement, or null after noting what is wrong. */
    public @Nullable IpAddress address(Statement each, int index) {
        final String text = index < each.words().size() ? each.words().get(index) : "";
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            report.wrong(each, "must be an IP address, not '" + text + "'");
            return null;
        }
    }

    /** A port. */
    public int port(String keyword, int fallback) {
        return integer(keyword, 1, MAX_PORT, fallback);
    }

    /** Notes that keywords, if they are here, have no effect. */
    public void ignore(String why, String... keywords) {
        final Set<String> wanted = Set.of(keywords);
        known.addAll(wanted);
        for (Statement each : statement.block()) {
            if (wanted.contains(each.keyword())) {
                report.ignored(each, why);
            }
        }
    }

    /** Notes every statement that nobody asked for. */
    public void end() {
        for (Statement each : statement.block()) {
            if (!known.contains(each.keyword()) && !report.knows(each)) {
                report.ignored(each, "unknown keyword in " + name);
            }
        }
    }
}
