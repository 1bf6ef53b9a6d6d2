package io.weir.control.client;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One command over the control socket.
 *
 * <p><b>Layout</b> of a request: the line {@code weir/1 WORDS INPUT}, two decimal lengths in bytes; then the words, each
 * ended by a zero byte, the first naming the command; then its standard input. Of an answer: frames
 * {@code 1 LENGTH} (standard output) and {@code 2 LENGTH} (standard error), each a line followed by that many bytes, and
 * at the end the line {@code 0 STATUS}. Text is bytes: what came in goes out.
 *
 * <p><b>Fails</b>: with IOException if nobody listens, or if the answer ends early.
 */
public final class Call {
    /** What a request begins with. */
    public static final String MAGIC = "weir/1 ";
    /** The frame that ends an answer. */
    public static final char END = '0';

    public static final char OUT = '1';
    public static final char ERR = '2';

    private static final int CHUNK = 65_536;
    private static final int LONGEST_HEAD = 32;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK);

    private Call(SocketChannel channel) {
        this.channel = channel;
        buffer.flip();
    }

    /**
     * Runs a command.
     *
     * @param words the command and its arguments, each followed by a zero byte
     * @return its exit status
     */
    public static int run(Path socket, byte[] words, byte[] input, OutputStream out, OutputStream err)
            throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            final Call call = new Call(channel);
            try {
                call.send(words, input);
            } catch (IOException e) {
                return call.refusal(out, err, e);
            }
            return call.receive(out, err);
        }
    }

    /** Who refuses a request before all of it was sent has said why. */
    private int refusal(OutputStream out, OutputStream err, IOException cut) throws IOException {
        try {
            return receive(out, err);
        } catch (IOException e) {
            throw cut;
        }
    }

    /** The words of a command as they go over the wire. */
    public static byte[] words(String... words) {
        final StringBuilder text = new StringBuilder();
        for (String word : words) {
            text.append(word).append('\0');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void send(byte[] words, byte[] input) throws IOException {
        final byte[] head = MAGIC.concat(Integer.toString(words.length))
                .concat(" ")
                .concat(Integer.toString(input.length))
                .concat("\n")
                .getBytes(StandardCharsets.US_ASCII);
        send(ByteBuffer.wrap(head));
        send(ByteBuffer.wrap(words));
        send(ByteBuffer.wrap(input));
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private int receive(OutputStream out, OutputStream err) throws IOException {
        while (true) {
            final String head = head();
            final int value = number(head);
            switch (head.charAt(0)) {
                case END -> {
                    return value;
                }
                case OUT -> copy(value, out);
                case ERR -> copy(value, err);
                default -> throw new IOException("not an answer of a director: ".concat(head));
            }
        }
    }

    /** What stands behind the first two characters, digits. */
    private static int number(String head) throws IOException {
        long value = 0;
        for (int i = 2; i < head.length(); i++) {
            final char digit = head.charAt(i);
            value = value * 10 + digit - '0';
            if (digit < '0' || digit > '9' || value > Integer.MAX_VALUE) {
                throw new IOException("not an answer of a director");
            }
        }
        return (int) value;
    }

    private String head() throws IOException {
        final StringBuilder line = new StringBuilder();
        for (char c = next(); c != '\n'; c = next()) {
            line.append(c);
            if (line.length() > LONGEST_HEAD) {
                throw new IOException("not an answer of a director");
            }
        }
        if (line.length() < 3) {
            throw new IOException("not an answer of a director");
        }
        return line.toString();
    }

    private char next() throws IOException {
        fill();
        return (char) (buffer.get() & 0xFF);
    }

    private void fill() throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                throw new IOException("the director hung up");
            }
            buffer.flip();
        }
    }

    private void copy(int length, OutputStream to) throws IOException {
        int left = length;
        while (left > 0) {
            fill();
            final int part = Math.min(left, buffer.remaining());
            to.write(buffer.array(), buffer.position(), part);
            buffer.position(buffer.position() + part);
            left -= part;
        }
        to.flush();
    }
}
