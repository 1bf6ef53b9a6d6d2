package io.weir.control.health;

/** Text for a regular expression that may not read it for ever: an expression can need exponential time. */
final class BoundedText implements CharSequence {
    /** The expression has read too much. */
    static final class TooMuchWork extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooMuchWork() {
            super("regular expression", null, false, false);
        }
    }

    private static final long READS_PER_CHARACTER = 50;
    private static final long FREE_READS = 1_000_000;

    private final String text;
    private long left;

    BoundedText(String text) {
        this.text = text;
        this.left = FREE_READS + READS_PER_CHARACTER * text.length();
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        if (--left < 0) {
            throw new TooMuchWork();
        }
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}
