package io.weir.control.keepalived;

import io.weir.control.keepalived.LineReport.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Turns files into lines: includes are put in place, conditional lines ({@code @id}) kept or left out, parameters
 * ({@code $X=}) put in, repetitions ({@code ~SEQ}, {@code ~LST}) written out.
 *
 * <p><b>Fails</b>: with a remark in the report; whatever can be read is read.
 */
final class SourceReader {
    private static final int DEEPEST_INCLUDE = 20;
    private static final int MOST_FILES = 10_000;
    private static final int MOST_LINES = 1_000_000;
    /** Of parameters of several lines that name others, and of repetitions that repeat others. */
    private static final int DEEPEST = 16;
    /** Of one character each: no-break spaces, the ideographic space, the byte order mark. */
    private static final Pattern OTHER_BLANKS = Pattern.compile("[\u00A0\u2007\u202F\u3000\uFEFF]");

    private static final Pattern INCLUDE = Pattern.compile("include([rmwba]?)\\s+(.+)");
    private static final Pattern CONDITION = Pattern.compile("^\\s*@(\\^?)([^\\s@^]+)(?:\\s+(.*))?$");
    private static final Pattern DEFINITION = Pattern.compile("^\\s*\\$([A-Za-z_][A-Za-z0-9_]*)=(.*)$", Pattern.DOTALL);

    private static final String TOO_LONG = "longer than " + Parameters.LONGEST + " characters";
    /** Of a line that is too long. */
    private static final int SHOWN = 60;

    private final LineReport report;
    private final Parameters parameters;
    private final String configId;
    private final List<SourceLine> lines = new ArrayList<>();
    /** Those that are being read, the innermost first. */
    private final Deque<Path> reading = new ArrayDeque<>();

    private int files;
    /** Turns of repetitions so far, of which not all make lines. */
    private int turns;

    private SourceReader(LineReport report, String configId) {
        this.report = report;
        this.configId = configId;
        this.parameters = new Parameters(configId);
    }

    /** Reads a file and all it includes. */
    static List<SourceLine> read(Path file, String configId, LineReport report) throws IOException {
        final SourceReader reader = new SourceReader(report, configId);
        reader.file(file, 0);
        return reader.lines;
    }

    private void file(Path file, int depth) throws IOException {
        reading.push(file.toRealPath());
        files++;
        try {
            file(file, lines(file), depth);
        } finally {
            reading.pop();
        }
    }

    private void file(Path file, List<String> raw, int depth) throws IOException {
        final Path folder = file.toAbsolutePath().getParent();
        final String directory = folder == null ? "/" : folder.toString();
        parameters.define("_PWD", directory);
        for (int i = 0; i < raw.size(); i++) {
            final int first = i + 1;
            final StringBuilder joined =
                    new StringBuilder(Words.withoutComment(raw.get(i)).stripTrailing());
            while (joined.length() > 0
                    && joined.length() <= Parameters.LONGEST
                    && joined.charAt(joined.length() - 1) == '\\'
                    && i + 1 < raw.size()) {
                joined.setLength(joined.length() - 1);
                joined.append('\n').append(Words.withoutComment(raw.get(++i)).stripTrailing());
            }
            if (joined.length() > Parameters.LONGEST) {
                report.wrong(file.toString(), first, beginning(joined), TOO_LONG);
                continue;
            }
            final Matcher include = INCLUDE.matcher(joined.toString().strip());
            if (include.matches()) {
                include(file, first, include.group(1), include.group(2), depth);
                parameters.define("_PWD", directory);
            } else {
                final String whole = joined.toString();
                // Only a definition keeps its line ends.
                final String text = DEFINITION.matcher(whole).matches() ? whole : whole.replace('\n', ' ');
                line(file.toString(), first, text, 0);
            }
        }
    }

    /** The lines; blanks that only look like blanks, as web pages have them, become blanks. */
    private List<String> lines(Path file) throws IOException {
        final byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0) {
            // Comments may be in any encoding; byte for byte then.
            text = new String(bytes, StandardCharsets.ISO_8859_1);
        }
        final String plain = OTHER_BLANKS.matcher(text).replaceAll(" ");
        if (!plain.equals(text)) {
            final int first = (int) text.substring(0, firstDifference(text, plain))
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            report.noted(
                    file.toString(),
                    first + 1,
                    "(no-break spaces)",
                    Kind.CHANGED,
                    "read as blanks here and below; keepalived would take them for letters");
        }
        return plain.lines().toList();
    }

    private static int firstDifference(String a, String b) {
        int at = 0;
        while (a.charAt(at) == b.charAt(at)) {
            at++;
        }
        return at;
    }

    private void include(Path from, int number, String check, String pattern, int depth) throws IOException {
        final String text = "include" + check + " " + pattern;
        if (depth >= DEEPEST_INCLUDE) {
            report.wrong(from.toString(), number, text, "includes are nested more than " + DEEPEST_INCLUDE + " deep");
            return;
        }
        final List<Path> found = matches(from, pattern);
        if (found.isEmpty()) {
            final boolean must = !check.isEmpty() && (!check.equals("m") || !pattern.matches(".*[*?\\[{].*"));
            report.noted(from.toString(), number, text, must ? Kind.WRONG : Kind.IGNORED, "no such file");
            return;
        }
        report.noted(from.toString(), number, text, Kind.USED, "");
        for (Path each : found) {
            if (files == MOST_FILES) {
                report.wrong(from.toString(), number, text, "more than " + MOST_FILES + " files are included");
                return;
            }
            try {
                if (reading.contains(each.toRealPath())) {
                    report.wrong(from.toString(), number, text, each + " includes itself");
                    continue;
                }
                file(each, depth + 1);
            } catch (IOException e) {
                final Kind kind = check.isEmpty() ? Kind.IGNORED : Kind.WRONG;
                report.noted(from.toString(), number, text, kind, "cannot read " + each);
            }
        }
    }

    private static List<Path> matches(Path from, String pattern) throws IOException {
        final Path folder = from.toAbsolutePath().getParent();
        final Path whole;
        final PathMatcher matcher;
        try {
            whole = folder == null ? Path.of(pattern) : folder.resolve(pattern);
            matcher = FileSystems.getDefault().getPathMatcher("glob:" + whole);
        } catch (IllegalArgumentException e) {
            return List.of(); // no file has such a name
        }
        if (!pattern.matches(".*[*?\\[{].*")) {
            return Files.isRegularFile(whole) ? List.of(whole) : List.of();
        }
        final Path parent = whole.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(parent)) {
            return all.filter(Files::isRegularFile)
                    .filter(matcher::matches)
                    .sorted()
                    .toList();
        }
    }

    /** One logical line, before its parameters are put in; {@code depth} counts the parameters that it comes from. */
    private void line(String file, int number, String text, int depth) {
        if (text.indexOf('\0') >= 0) {
            report.wrong(file, number, "(a zero byte)", "not a line of text");
            return;
        }
        if (depth > DEEPEST) {
            report.wrong(
                    file, number, firstLine(text.strip()), "parameters or repetitions within each other without end");
            return;
        }
        final Matcher definition = DEFINITION.matcher(text);
        if (definition.matches()) {
            parameters.define(definition.group(1), stripFirstNewline(definition.group(2)));
            report.noted(file, number, firstLine(text.strip()), Kind.USED, "");
            return;
        }
        if (text.strip().startsWith("~")) {
            repeat(file, number, text.strip(), depth);
            return;
        }
        final String expanded = parameters.substitute(text);
        if (expanded.length() > Parameters.LONGEST) {
            report.wrong(file, number, beginning(text.strip()), TOO_LONG);
            return;
        }
        if (!expanded.equals(text) && expanded.indexOf('\n') >= 0) {
            // A parameter of several lines: each is a line like any other.
            for (String each : expanded.split("\n", -1)) {
                line(file, number, each, depth + 1);
            }
            return;
        }
        final Matcher condition = CONDITION.matcher(expanded);
        if (condition.matches()) {
            final boolean holds =
                    condition.group(2).equals(configId) == condition.group(1).isEmpty();
            if (!holds) {
                report.noted(file, number, expanded.strip(), Kind.IGNORED, "the configuration id is " + configId);
            } else if (condition.group(3) != null) {
                line(file, number, condition.group(3), depth + 1);
            }
            return;
        }
        for (String each : expanded.split("\n", -1)) {
            add(file, number, each);
        }
    }

    private void add(String file, int number, String text) {
        if (lines.size() == MOST_LINES) {
            report.wrong(file, number, text.strip(), "more than " + MOST_LINES + " lines");
        }
        if (lines.size() <= MOST_LINES) {
            lines.add(new SourceLine(file, number, text));
        }
    }

    private void repeat(String file, int number, String text, int depth) {
        final int close = text.indexOf(')');
        final Repetition repetition = close < 0 ? null : Repetition.parse(text.substring(0, close + 1));
        if (repetition == null) {
            report.wrong(
                    file, number, text, "must be ~SEQ(NAME, FIRST, STEP, LAST) or ~LST(NAME, VALUE, ...), then a line");
            return;
        }
        final String rest = text.substring(close + 1).strip();
        for (List<String> values : repetition.values()) {
            if (lines.size() > MOST_LINES || ++turns > MOST_LINES) {
                report.wrong(file, number, text, "repeated more than " + MOST_LINES + " times in all");
                return;
            }
            for (int i = 0; i < values.size(); i++) {
                parameters.define(repetition.names().get(i), values.get(i));
            }
            line(file, number, rest, depth + 1);
        }
        report.noted(file, number, text, Kind.USED, "");
    }

    private static String stripFirstNewline(String value) {
        return value.strip().isEmpty() ? "" : value.stripLeading();
    }

    private static String beginning(CharSequence text) {
        return firstLine(text.toString().substring(0, Math.min(SHOWN, text.length())) + " ...");
    }

    private static String firstLine(String text) {
        final int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end) + " ...";
    }
}
