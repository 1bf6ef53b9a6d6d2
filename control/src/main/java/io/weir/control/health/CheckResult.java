package io.weir.control.health;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What a check has found.
 *
 * @param why for the log and the history: "connected", "HTTP status 503"
 * @param weight the server asks for, if it asks; the configured one stays otherwise
 */
public record CheckResult(boolean up, String why, OptionalInt weight) {
    private static final int LONGEST = 200;
    private static final Pattern UNPRINTABLE = Pattern.compile("[^\\x20-\\x7E]");

    /** What a server says goes to logs and terminals: a line of printable characters is all it gets. */
    public CheckResult {
        final String begin = why.length() > LONGEST ? why.substring(0, LONGEST) + "..." : why;
        why = UNPRINTABLE.matcher(begin).replaceAll("?");
    }

    /** The service answers. */
    public static CheckResult up(String why) {
        return new CheckResult(true, why, OptionalInt.empty());
    }

    /** The service answers and asks for a weight. */
    public static CheckResult up(String why, int weight) {
        return new CheckResult(true, why, OptionalInt.of(weight));
    }

    /** It does not, or not as it should. */
    public static CheckResult down(String why) {
        return new CheckResult(false, why, OptionalInt.empty());
    }
}
