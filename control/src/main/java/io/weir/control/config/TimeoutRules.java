package io.weir.control.config;

import io.weir.conntrack.StateTimeouts;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The timeouts of single states in a {@code timeouts:}, of all or of one service or server: {@code fin_wait: 30s}. */
final class TimeoutRules {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,7})([smhd]?)");
    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY = 24 * HOUR;

    private TimeoutRules() {}

    /** Reads a whole mapping. */
    static StateTimeouts read(Fields fields) {
        final Map<String, Integer> seconds = new TreeMap<>();
        for (String name : StateTimeouts.names()) {
            final String text = fields.text(name);
            if (text == null) {
                continue;
            }
            final long value = seconds(text);
            if (value < 1 || value > StateTimeouts.MOST_SECONDS) {
                fields.problem(name, "must be from 1s to 31d, for example 90s, 15m or 2h, not '" + text + "'");
            } else {
                seconds.put(name, (int) value);
            }
        }
        fields.end();
        return new StateTimeouts(seconds);
    }

    /** A service's or a server's own, as an option of its command; empty if it has none. */
    static String option(Fields owner) {
        final StateTimeouts timeouts = read(owner.inside("timeouts"));
        return timeouts.isEmpty() ? "" : " --timeouts " + timeouts.text();
    }

    /** 0 if it is no duration. */
    private static long seconds(String text) {
        final Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return 0;
        }
        final int unit =
                switch (matcher.group(2)) {
                    case "m" -> MINUTE;
                    case "h" -> HOUR;
                    case "d" -> DAY;
                    default -> 1;
                };
        return Long.parseLong(matcher.group(1)) * unit;
    }
}
