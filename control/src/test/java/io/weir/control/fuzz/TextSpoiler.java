package io.weir.control.fuzz;

import java.util.List;
import java.util.Random;

/** Breaks texts as editors, disks and people do: characters, lines and halves go, move, double and change. */
public final class TextSpoiler {
    private static final int MOST_AT_ONCE = 20;
    private static final int MOST_TIMES = 4;
    private static final List<String> CHARACTERS = List.of(
            ":", "-", "{", "}", "]", "[", "&", "*", "!", "\t", "\n", "\0", "\"", "'", "7", "\\", "\u00e9", "\u3000",
            "$");

    private final Random random;
    private final List<String> words;

    /**
     * A spoiler.
     *
     * @param words of the language: they turn up where they should not
     */
    public TextSpoiler(long seed, List<String> words) {
        this.random = new Random(seed);
        this.words = List.copyOf(words);
    }

    /** One of them. */
    public <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** From 0, below {@code bound}. */
    public int upTo(int bound) {
        return random.nextInt(bound);
    }

    /** The text, broken in one to four places. */
    public String spoil(String text) {
        final StringBuilder broken = new StringBuilder(text);
        final int times = 1 + random.nextInt(MOST_TIMES);
        for (int i = 0; i < times && broken.length() > 1; i++) {
            final int at = random.nextInt(broken.length());
            final int end = Math.min(broken.length(), at + 1 + random.nextInt(MOST_AT_ONCE));
            switch (random.nextInt(7)) {
                case 0 -> broken.delete(at, end);
                case 1 -> broken.insert(at, broken.substring(at, end));
                case 2 -> broken.replace(at, at + 1, any(CHARACTERS));
                case 3 -> broken.setLength(at);
                case 4 -> broken.insert(at, any(CHARACTERS).repeat(1 + random.nextInt(3)));
                case 5 -> swap(broken);
                default -> broken.insert(at, any(words));
            }
        }
        return broken.toString();
    }

    /** Two lines change places: what belongs together comes apart. */
    private void swap(StringBuilder text) {
        final String[] lines = text.toString().split("\n", -1);
        final int a = random.nextInt(lines.length);
        final int b = random.nextInt(lines.length);
        final String kept = lines[a];
        lines[a] = lines[b];
        lines[b] = kept;
        text.setLength(0);
        text.append(String.join("\n", lines));
    }
}
