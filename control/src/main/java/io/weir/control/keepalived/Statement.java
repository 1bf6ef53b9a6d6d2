package io.weir.control.keepalived;

import java.util.List;

/**
 * A keyword with its arguments and, after it, perhaps a block.
 *
 * <p>Two statements are never equal: each is a place in a file.
 */
public final class Statement {
    private final String file;
    private final int line;
    private final List<String> words;
    private final List<Statement> block;
    private final boolean hasBlock;

    /** A statement; {@code words} may be empty only for the block that is the whole file. */
    public Statement(String file, int line, List<String> words, List<Statement> block, boolean hasBlock) {
        this.file = file;
        this.line = line;
        this.words = List.copyOf(words);
        this.block = List.copyOf(block);
        this.hasBlock = hasBlock;
    }

    public String file() {
        return file;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    /** The first word, or "". */
    public String keyword() {
        return words.isEmpty() ? "" : words.get(0);
    }

    /** All words with the keyword. */
    public List<String> words() {
        return words;
    }

    /** The words after the keyword. */
    public List<String> arguments() {
        return words.isEmpty() ? words : words.subList(1, words.size());
    }

    /** What stands between its braces. */
    public List<Statement> block() {
        return block;
    }

    /** Splits text into words as a line of keepalived.conf is split. */
    public static List<String> words(String text) {
        return Words.of(text).stream()
                .filter(word -> !word.equals(Words.OPEN) && !word.equals(Words.CLOSE))
                .toList();
    }

    /** Splits a quoted command into its words; single quotes hold blanks. */
    public static List<String> command(String text) {
        return ScriptWords.split(text);
    }

    public boolean hasBlock() {
        return hasBlock;
    }

    @Override
    public String toString() {
        return String.join(" ", words) + (hasBlock ? " {" : "");
    }
}
