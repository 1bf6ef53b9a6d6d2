package io.weir.control.golden;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** Reads and compares the texts of a scenario: connection lists, whose times may be a second apart, and sections. */
final class Listings {
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,18}");
    private static final Pattern MINUTES = Pattern.compile("[0-9]{2}:[0-9]{2}");
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern PLUS = Pattern.compile("\\+");

    /**
     * One connection list among those of a scenario.
     *
     * @param at index of the frame it follows
     * @param turn counts lists with the same index
     */
    record Moment(String at, int turn) {}

    private Listings() {}

    /** Are these seconds left, joined with plus signs, the same but for one second each? */
    static boolean near(String a, String b) {
        final String[] x = PLUS.split(a, -1);
        final String[] y = PLUS.split(b, -1);
        if (x.length != y.length) {
            return false;
        }
        for (int i = 0; i < x.length; i++) {
            if (!x[i].equals(y[i]) && !isNear(SECONDS, x[i], y[i], 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNear(Pattern pattern, String a, String b, int tolerance) {
        return pattern.matcher(a).matches()
                && pattern.matcher(b).matches()
                && Math.abs(seconds(a) - seconds(b)) <= tolerance;
    }

    private static long seconds(String text) {
        final int colon = text.indexOf(':');
        return colon < 0
                ? Long.parseLong(text)
                : Long.parseLong(text.substring(0, colon)) * 60 + Long.parseLong(text.substring(colon + 1));
    }

    /** The same connections in any order, times a second apart at most? */
    static boolean sameConnections(List<String> a, List<String> b) {
        return sameConnections(a, b, 1);
    }

    /** The same connections in any order, times that many seconds apart at most? */
    static boolean sameConnections(List<String> a, List<String> b, int tolerance) {
        final List<String> x = sortedLines(a);
        final List<String> y = sortedLines(b);
        if (x.size() != y.size()) {
            return false;
        }
        for (int i = 0; i < x.size(); i++) {
            if (!sameConnection(x.get(i), y.get(i), tolerance)) {
                return false;
            }
        }
        return true;
    }

    private static List<String> sortedLines(List<String> lines) {
        return lines.stream()
                .filter(line -> !line.isBlank())
                .sorted(Comparator.comparing(Listings::timeless).thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static String timeless(String line) {
        return MINUTES.matcher(line).replaceAll("");
    }

    private static boolean sameConnection(String a, String b, int tolerance) {
        final String[] x = BLANKS.split(a.strip(), -1);
        final String[] y = BLANKS.split(b.strip(), -1);
        if (x.length != y.length) {
            return false;
        }
        for (int i = 0; i < x.length; i++) {
            if (!x[i].equals(y[i])
                    && !isNear(SECONDS, x[i], y[i], tolerance)
                    && !isNear(MINUTES, x[i], y[i], tolerance)) {
                return false;
            }
        }
        return true;
    }

    /** Connection lists, each under a line {@code # INDEX}. */
    static Map<Moment, List<String>> snapshots(List<String> lines) {
        final Map<Moment, List<String>> snapshots = new LinkedHashMap<>();
        final Map<String, Integer> turns = new HashMap<>();
        List<String> current = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("# ")) {
                final String at = BLANKS.split(line, -1)[1];
                current = new ArrayList<>();
                snapshots.put(new Moment(at, turns.merge(at, 1, Integer::sum)), current);
            } else {
                current.add(line);
            }
        }
        return snapshots;
    }

    /** What commands printed, each under a line {@code $ COMMAND}; blanks at line ends do not count. */
    static Map<String, List<String>> sections(List<String> lines) {
        final Map<String, List<String>> sections = new LinkedHashMap<>();
        String current = "";
        for (String line : lines) {
            if (line.startsWith("$ ")) {
                current = line.substring(2);
                sections.put(current, new ArrayList<>());
            } else if (!current.isEmpty()) {
                Objects.requireNonNull(sections.get(current)).add(line.stripTrailing());
            }
        }
        return sections;
    }
}
