package io.weir.control.health;

/** A conversation in lines of text; the server may not send lines longer than any protocol's. */
abstract class LineConversation implements Conversation {
    private static final int LONGEST_LINE = 8_192;

    /** Takes one line, without its end; null to wait for the next. */
    abstract Step line(String line);

    @Override
    public final Step received(Inbox inbox, boolean ended) {
        while (true) {
            final String text = inbox.text();
            final int end = text.indexOf('\n');
            if (end < 0) {
                if (text.length() > LONGEST_LINE) {
                    return Step.down("an endless line");
                }
                return ended && !text.isBlank() ? line(text.strip()) : Step.WAIT;
            }
            inbox.clear();
            final byte[] rest = text.substring(end + 1).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            inbox.add(rest, rest.length);
            final Step step = line(text.substring(0, end).stripTrailing());
            if (step != Step.WAIT) {
                return step;
            }
        }
    }
}
