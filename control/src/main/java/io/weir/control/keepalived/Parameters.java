package io.weir.control.keepalived;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The parameters ({@code $X=...}) known so far; a value may name others, which are looked up when it is used. */
final class Parameters {
    /** No line is longer: a parameter that names itself twice doubles with every turn. */
    static final int LONGEST = 1 << 16;

    private static final int DEEPEST = 32;
    private static final int RANDOM_DEFAULT = 32_767;
    private static final Pattern USE =
            Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}|\\$([A-Za-z_][A-Za-z0-9_]*)(?=\\s|$|[{}])");
    private static final Pattern RANDOM = Pattern.compile("\\$\\{_RANDOM(?:\\s+(\\d{1,9}))?(?:\\s+(\\d{1,9}))?\\}");

    private final Map<String, String> values = new HashMap<>();
    private final SecureRandom random = new SecureRandom();

    Parameters(String configId) {
        values.put("_INSTANCE", configId);
        values.put("_HASH", "#");
        values.put("_BANG", "!");
    }

    void define(String name, String value) {
        values.put(name, value);
    }

    /** Puts the parameters in; unknown ones stay as they are written. */
    String substitute(String text) {
        String result = RANDOM.matcher(text).replaceAll(m -> {
            final int min = m.group(1) == null ? 0 : Integer.parseInt(m.group(1));
            final int max = m.group(2) == null ? RANDOM_DEFAULT : Integer.parseInt(m.group(2));
            return Integer.toString(max <= min ? min : min + random.nextInt(max - min + 1));
        });
        // A value that names itself would go on for ever.
        for (int depth = 0; depth < DEEPEST && result.length() <= LONGEST; depth++) {
            final String next = once(result);
            if (next.equals(result)) {
                break;
            }
            result = next;
        }
        return result;
    }

    /** The text with its parameters put in; not all of it, if that is too long. */
    private String once(String text) {
        final StringBuilder result = new StringBuilder();
        final Matcher use = USE.matcher(text);
        int done = 0;
        while (result.length() <= LONGEST && use.find()) {
            final String name = use.group(1) == null ? use.group(2) : use.group(1);
            result.append(text, done, use.start()).append(values.getOrDefault(name, use.group()));
            done = use.end();
        }
        return result.append(text, done, text.length()).toString();
    }
}
