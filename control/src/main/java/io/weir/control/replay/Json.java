package io.weir.control.replay;

import java.util.Locale;

/** One-line JSON objects with a blank behind each comma and colon, ASCII only: easy to compare as text. */
final class Json {
    private static final char FIRST_PRINTABLE = ' ';
    private static final char LAST_ASCII = '~';

    private final StringBuilder text = new StringBuilder("{");

    Json add(String name, String value) {
        key(name);
        quote(value);
        return this;
    }

    Json add(String name, long value) {
        key(name);
        text.append(value);
        return this;
    }

    private void key(String name) {
        if (text.length() > 1) {
            text.append(", ");
        }
        quote(name);
        text.append(": ");
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                case '\r' -> text.append("\\r");
                default -> {
                    if (c >= FIRST_PRINTABLE && c <= LAST_ASCII) {
                        text.append(c);
                    } else {
                        text.append("\\u").append(String.format(Locale.ROOT, "%04x", (int) c));
                    }
                }
            }
        }
        text.append('"');
    }

    /** The object with a line end. */
    String line() {
        return text + "}\n";
    }
}
