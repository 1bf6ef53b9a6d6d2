package io.weir.dataplane.io;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A device's name: {@code scheme:target?option&option=value}, for example {@code afpacket:eth0?v3&blocks=128}.
 *
 * @param text as the user wrote it
 * @param options in the order written; a bare option has the value ""
 */
public record DeviceUri(String text, String scheme, String target, Map<String, String> options) {
    /** Takes it apart; fails if there is no scheme. */
    public static DeviceUri parse(String text) {
        final int colon = text.indexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException(
                    "a device is written scheme:name, for example afpacket:eth0: device=" + text);
        }
        final int question = text.indexOf('?', colon);
        final String target = question < 0 ? text.substring(colon + 1) : text.substring(colon + 1, question);
        final Map<String, String> options = new LinkedHashMap<>();
        if (question >= 0) {
            parseOptions(text.substring(question + 1), options);
        }
        return new DeviceUri(text, text.substring(0, colon), target, options);
    }

    private static void parseOptions(String text, Map<String, String> options) {
        int from = 0;
        while (from < text.length()) {
            final int ampersand = text.indexOf('&', from);
            final int end = ampersand < 0 ? text.length() : ampersand;
            final String option = text.substring(from, end);
            final int equals = option.indexOf('=');
            if (equals < 0) {
                options.put(option, "");
            } else {
                options.put(option.substring(0, equals), option.substring(equals + 1));
            }
            from = end + 1;
        }
    }

    /** Fails, with the list of those allowed, if there is an option that the device does not know. */
    public DeviceUri allow(Set<String> known) {
        for (final String option : options.keySet()) {
            if (!known.contains(option)) {
                throw new IllegalArgumentException("unknown option of " + scheme + ", allowed: "
                        + String.join(", ", known.stream().sorted().toList()) + ": option=" + option);
            }
        }
        return this;
    }

    /** Is the option there? */
    public boolean has(String option) {
        return options.containsKey(option);
    }

    /** A number within bounds. */
    public int number(String option, int otherwise, int least, int most) {
        final String value = options.get(option);
        if (value == null) {
            return otherwise;
        }
        try {
            final int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, as a number out of bounds is
        }
        throw new IllegalArgumentException("option " + option + " of " + scheme + " is a number from " + least + " to "
                + most + ": " + option + "=" + value);
    }
}
