package io.weir.control.replay;

import java.util.ArrayList;
import java.util.List;

/** Cuts a shell line into words and operators: quotes, backslashes, comments, {@code | || && ; > <}; no expansion. */
final class ShellWords {
    private static final String OPERATORS = "|&;<>";

    /**
     * A word, or an operator.
     *
     * @param operator false for quoted text, whatever it looks like
     */
    record Token(String text, boolean operator) {}

    private final String line;
    private final List<Token> tokens = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    private ShellWords(String line) {
        this.line = line;
    }

    static List<Token> of(String line) throws ReplayException {
        final ShellWords words = new ShellWords(line);
        words.scan();
        return words.tokens;
    }

    private void scan() throws ReplayException {
        while (at < line.length()) {
            final char c = line.charAt(at++);
            if (c == '\'') {
                final int end = line.indexOf('\'', at);
                if (end < 0) {
                    throw new ReplayException("quote is not closed: " + line);
                }
                append(line.substring(at, end));
                at = end + 1;
            } else if (c == '"') {
                doubleQuoted();
            } else if (c == '\\' && at < line.length()) {
                append(String.valueOf(line.charAt(at++)));
            } else if (c == '#' && !inWord) {
                break;
            } else if (Character.isWhitespace(c)) {
                endWord();
            } else if (OPERATORS.indexOf(c) >= 0) {
                operator(c);
            } else {
                append(String.valueOf(c));
            }
        }
        endWord();
    }

    private void doubleQuoted() throws ReplayException {
        inWord = true;
        while (at < line.length()) {
            final char c = line.charAt(at++);
            if (c == '"') {
                return;
            }
            if (c == '\\' && at < line.length() && "\"\\$`".indexOf(line.charAt(at)) >= 0) {
                word.append(line.charAt(at++));
            } else {
                word.append(c);
            }
        }
        throw new ReplayException("quote is not closed: " + line);
    }

    private void operator(char c) {
        String text = String.valueOf(c);
        final boolean redirection = c == '>' || c == '<';
        if (redirection && word.length() == 1 && Character.isDigit(word.charAt(0))) {
            text = word + text; // the descriptor belongs to the redirection
            word.setLength(0);
            inWord = false;
        }
        endWord();
        if (at < line.length() && line.charAt(at) == c && c != ';') {
            text += c;
            at++;
        }
        tokens.add(new Token(text, true));
    }

    private void append(String text) {
        word.append(text);
        inWord = true;
    }

    private void endWord() {
        if (inWord) {
            tokens.add(new Token(word.toString(), false));
            word.setLength(0);
            inWord = false;
        }
    }
}
