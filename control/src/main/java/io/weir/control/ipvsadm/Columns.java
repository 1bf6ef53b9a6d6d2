package io.weir.control.ipvsadm;

/** Columns of fixed width, as printf would set them. */
final class Columns {
    private static final long KILO_FROM = 100_000_000L;
    private static final long MEGA_FROM = 1_000_000_000L;
    private static final long GIGA_FROM = 100_000_000_000L;
    private static final long TERA_FROM = 100_000_000_000_000L;
    private static final int NUMBER_WIDTH = 9;

    private Columns() {}

    /** Left-aligned. */
    static String left(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    static String left(long number, int width) {
        return left(Long.toString(number), width);
    }

    /** Right-aligned. */
    static String right(String text, int width) {
        return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
    }

    static String right(long number, int width) {
        return right(Long.toString(number), width);
    }

    /** A counter in nine columns: from a hundred million on in thousands (K), millions (M) and so on. */
    static String large(long number, boolean exact) {
        if (exact) {
            final String digits = Long.toString(number);
            return right(digits, Math.max(NUMBER_WIDTH, digits.length() + 1));
        }
        if (number < KILO_FROM) {
            return right(number, NUMBER_WIDTH);
        }
        if (number < MEGA_FROM) {
            return right(number / 1_000, NUMBER_WIDTH - 1) + "K";
        }
        if (number < GIGA_FROM) {
            return right(number / 1_000_000, NUMBER_WIDTH - 1) + "M";
        }
        return number < TERA_FROM
                ? right(number / 1_000_000_000L, NUMBER_WIDTH - 1) + "G"
                : right(number / 1_000_000_000_000L, NUMBER_WIDTH - 1) + "T";
    }
}
