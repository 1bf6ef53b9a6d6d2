package io.weir.control.ipvsadm;

import java.math.BigInteger;
import java.util.regex.Pattern;

/** Numbers as ipvsadm reads them: decimal, blanks and a sign in front allowed, nothing behind. */
final class Numbers {
    static final int ILLEGAL = -1;

    private static final int PLAIN_DIGITS = 9;
    private static final Pattern NUMBER = Pattern.compile("[ \\t\\n\\x0B\\f\\r]*[+-]?[0-9]+");
    private static final BigInteger MAX_MARK = BigInteger.valueOf(0xFFFF_FFFFL);

    private Numbers() {}

    /** A number within bounds, or {@link #ILLEGAL}. */
    static int parse(String text, int min, int max) {
        final int plain = plain(text);
        if (plain != ILLEGAL) {
            return plain >= min && plain <= max ? plain : ILLEGAL;
        }
        if (!NUMBER.matcher(text).matches()) {
            return ILLEGAL;
        }
        final BigInteger value = new BigInteger(unsignedPlus(text.strip()));
        final boolean inside =
                value.compareTo(BigInteger.valueOf(min)) >= 0 && value.compareTo(BigInteger.valueOf(max)) <= 0;
        return inside ? value.intValue() : ILLEGAL;
    }

    /** Up to nine digits and nothing else, as nearly all are; else {@link #ILLEGAL}. */
    static int plain(String text) {
        final int length = text.length();
        if (length == 0 || length > PLAIN_DIGITS) {
            return ILLEGAL;
        }
        int value = 0;
        for (int i = 0; i < length; i++) {
            final char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return ILLEGAL;
            }
            value = value * 10 + digit - '0';
        }
        return value;
    }

    /** A firewall mark of 1 to 2^32 - 1, or 0 if it is none. */
    static int mark(String text) {
        if (!NUMBER.matcher(text).matches()) {
            return 0;
        }
        final BigInteger value = new BigInteger(unsignedPlus(text.strip()));
        return value.signum() > 0 && value.compareTo(MAX_MARK) <= 0 ? value.intValue() : 0;
    }

    /** What C's atoi() makes of it: leading digits, else 0. */
    static int leading(String text) {
        final String trimmed = text.strip();
        int end = 0;
        while (end < trimmed.length() && Character.isDigit(trimmed.charAt(end))) {
            end++;
        }
        final boolean tooLong = end == 0 || end > 9;
        return tooLong ? 0 : Integer.parseInt(trimmed.substring(0, end));
    }

    private static String unsignedPlus(String text) {
        return text.startsWith("+") ? text.substring(1) : text;
    }
}
