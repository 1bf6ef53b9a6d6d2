package io.weir.control.keepalived;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line into words and braces: {@code #} and {@code !} begin a comment, quotes (single or double) hold words
 * together and take the escapes of a shell.
 */
final class Words {
    /** A brace that stands alone; no word looks like it, for a quoted one has lost its quotes by then. */
    static final String OPEN = "\u0000{";

    static final String CLOSE = "\u0000}";

    private final String line;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    private Words(String line) {
        this.line = line;
    }

    /** The words of a line. */
    static List<String> of(String line) {
        final Words split = new Words(line);
        split.run();
        return split.words;
    }

    /** The line without its comment; quotes protect the comment signs. */
    static String withoutComment(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            final char c = line.charAt(i);
            if (quote != 0 && c == '\\') {
                i++;
            } else if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                // An apostrophe inside a word is a quote only if there is another one to end it.
                quote = line.indexOf(c, i + 1) < 0 ? 0 : c;
            } else if (c == '#' || c == '!') {
                return line.substring(0, i);
            }
        }
        return line;
    }

    private void run() {
        while (at < line.length()) {
            final char c = line.charAt(at);
            if (Character.isWhitespace(c)) {
                end();
                at++;
            } else if (c == '#' || c == '!') {
                break;
            } else if (isBrace(c)) {
                end();
                words.add(c == '{' ? OPEN : CLOSE);
                at++;
            } else if ((c == '"' || c == '\'') && line.indexOf(c, at + 1) >= 0) {
                quoted(c);
            } else {
                inWord = true;
                word.append(c);
                at++;
            }
        }
        end();
    }

    /** A brace within a word belongs to it (a regular expression), unless it is the last of the line or never opened. */
    private boolean isBrace(char c) {
        if (c == '{') {
            return !inWord || restIsBlank();
        }
        return c == '}' && (!inWord || word.indexOf("{") < 0);
    }

    private boolean restIsBlank() {
        return withoutComment(line.substring(at + 1)).isBlank();
    }

    private void end() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }

    private void quoted(char quote) {
        inWord = true;
        at++;
        while (at < line.length() && line.charAt(at) != quote) {
            if (line.charAt(at) == '\\' && at + 1 < line.length()) {
                at++;
                escape();
            } else {
                word.append(line.charAt(at++));
            }
        }
        at++;
    }

    private void escape() {
        final char c = line.charAt(at++);
        switch (c) {
            case 'a' -> word.append('\u0007');
            case 'b' -> word.append('\b');
            case 'E' -> word.append('\u001B');
            case 'f' -> word.append('\f');
            case 'n' -> word.append('\n');
            case 'r' -> word.append('\r');
            case 't' -> word.append('\t');
            case 'v' -> word.append('\u000B');
            case 'x' -> number(16, 2);
            case 'c' -> {
                if (at < line.length()) {
                    word.append((char) (line.charAt(at++) & 0x1F));
                }
            }
            default -> {
                if (c >= '0' && c <= '7') {
                    at--;
                    number(8, 3);
                } else {
                    word.append(c);
                }
            }
        }
    }

    private void number(int radix, int most) {
        int value = 0;
        for (int i = 0; i < most && at < line.length() && Character.digit(line.charAt(at), radix) >= 0; i++) {
            value = value * radix + Character.digit(line.charAt(at++), radix);
        }
        word.append((char) (value & 0xFF));
    }
}
