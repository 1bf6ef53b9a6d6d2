package io.weir.control;

import io.weir.control.client.Call;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client asks: either one line of text, or the framed form of {@link Call}.
 *
 * <p>Text is ISO 8859-1 in here, one character for each byte, so that ipvsadm's messages quote what was typed byte for
 * byte; {@link #inputText} is for words whose input is UTF-8.
 *
 * @param words the command and its arguments
 * @param input standard input, or nothing
 * @param line it was a bare line: the answer is bare text, too
 */
// An array: bytes that nobody changes, not compared.
@SuppressWarnings("ArrayRecordComponent")
record ControlRequest(List<String> words, byte[] input, boolean line) {
    private static final Charset BYTES = StandardCharsets.ISO_8859_1;
    private static final int LONGEST_LINE = 65_536;
    private static final int MOST_WORD_BYTES = 65_536;
    private static final int MOST_INPUT_BYTES = 32 << 20;
    private static final int PIECE = 65_536;

    /** Memory for what a client sends, which it gets as it sends: who only announces much gets none. */
    @FunctionalInterface
    interface Room {
        /** Asks for so many bytes more; <b>fails</b> with IOException if all clients together have too much already. */
        void take(int bytes) throws IOException;
    }

    ControlRequest {
        words = List.copyOf(words);
    }

    /** The command. */
    String name() {
        return words.isEmpty() ? "" : words.get(0);
    }

    /** What follows it. */
    List<String> arguments() {
        return words.isEmpty() ? words : words.subList(1, words.size());
    }

    /** The input, byte for character. */
    String inputBytes() {
        return new String(input, BYTES);
    }

    /** The input, decoded. */
    String inputText() {
        return new String(input, StandardCharsets.UTF_8);
    }

    /** A line as a request; its words are for the command to separate. */
    static ControlRequest ofLine(String line) {
        return new ControlRequest(List.of(line), new byte[0], true);
    }

    /**
     * Reads one.
     *
     * <p><b>Fails</b>: with IOException and one line of reason if it is longer than allowed, cut short or not a request.
     *
     * @param room asked for memory beyond a first piece
     */
    static ControlRequest read(SocketChannel channel, Room room) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(LONGEST_LINE);
        int end = lineEnd(buffer);
        while (end < 0) {
            if (!buffer.hasRemaining()) {
                throw new IOException("a request line is longer than " + LONGEST_LINE + " bytes");
            }
            if (channel.read(buffer) < 0) {
                end = buffer.position();
            } else {
                end = lineEnd(buffer);
            }
        }
        final String line = new String(buffer.array(), 0, end, BYTES);
        if (!line.startsWith(Call.MAGIC)) {
            return ofLine(new String(buffer.array(), 0, end, StandardCharsets.UTF_8).strip());
        }
        final String[] lengths = line.substring(Call.MAGIC.length()).split(" ", -1);
        if (lengths.length != 2) {
            throw new IOException("a request's head must be '" + Call.MAGIC + "WORDS INPUT'");
        }
        final int wordBytes = length(lengths[0], MOST_WORD_BYTES, "words");
        final int inputBytes = length(lengths[1], MOST_INPUT_BYTES, "input");
        buffer.flip().position(Math.min(end + 1, buffer.limit()));
        final byte[] words = exactly(channel, buffer, wordBytes, room);
        return new ControlRequest(words(words), exactly(channel, buffer, inputBytes, room), false);
    }

    private static int lineEnd(ByteBuffer buffer) {
        for (int i = 0; i < buffer.position(); i++) {
            if (buffer.get(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static int length(String text, int most, String what) throws IOException {
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > most) {
            throw new IOException("a request's " + what + " must be 0 to " + most + " bytes, not " + text);
        }
        return Integer.parseInt(text);
    }

    private static byte[] exactly(SocketChannel channel, ByteBuffer first, int length, Room room) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.min(length, PIECE));
        while (first.hasRemaining() && all.hasRemaining()) {
            all.put(first.get());
        }
        while (all.position() < length) {
            if (!all.hasRemaining()) {
                final int more = Math.min(length - all.capacity(), all.capacity());
                room.take(more);
                all = ByteBuffer.allocate(all.capacity() + more).put(all.flip());
            }
            if (channel.read(all) < 0) {
                throw new IOException("a request ended after " + all.position() + " of " + length + " bytes");
            }
        }
        return all.array();
    }

    private static List<String> words(byte[] bytes) throws IOException {
        final List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                words.add(new String(bytes, start, i - start, BYTES));
                start = i + 1;
            }
        }
        if (start < bytes.length || words.isEmpty()) {
            throw new IOException("a request's words must each end with a zero byte");
        }
        return words;
    }
}
