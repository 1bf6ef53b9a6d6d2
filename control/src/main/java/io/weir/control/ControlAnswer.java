package io.weir.control;

import io.weir.control.client.Call;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * What a client is told, frame by frame; to one that asked in a bare line, as bare text.
 *
 * <p><b>Fails</b>: with IOException when the client is gone, or takes nothing for too long.
 */
final class ControlAnswer {
    /** Learns whose turn it is: the client's to take, or the director's to work. */
    @FunctionalInterface
    interface Waiting {
        void forClient(boolean waits);
    }

    private static final int PIECE = 65_536;

    private final SocketChannel channel;
    private final boolean bare;
    private final Charset charset;
    private final Waiting waiting;

    /**
     * An answer to come.
     *
     * @param waiting told when we begin to wait for the client, and when that is over
     */
    ControlAnswer(SocketChannel channel, boolean bare, Charset charset, Waiting waiting) {
        this.channel = channel;
        this.bare = bare;
        this.charset = charset;
        this.waiting = waiting;
    }

    /** For the standard output of the client. */
    void out(String text) throws IOException {
        frame(Call.OUT, text);
    }

    /** For its standard error. */
    void err(String text) throws IOException {
        frame(Call.ERR, text);
    }

    /** Fails if the client is gone; it sees nothing of it. */
    void alive() throws IOException {
        if (!bare) {
            send(ByteBuffer.wrap((Call.OUT + " 0\n").getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** Ends the answer. */
    void end(int status) throws IOException {
        if (!bare) {
            send(ByteBuffer.wrap((Call.END + " " + status + "\n").getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private void frame(char stream, String text) throws IOException {
        if (text.isEmpty()) {
            return;
        }
        final byte[] bytes = text.getBytes(charset);
        if (!bare) {
            send(ByteBuffer.wrap((stream + " " + bytes.length + "\n").getBytes(StandardCharsets.US_ASCII)));
        }
        send(ByteBuffer.wrap(bytes));
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            // Piece by piece, so that a slow client is told from one that is stuck.
            final ByteBuffer piece = bytes.slice().limit(Math.min(PIECE, bytes.remaining()));
            waiting.forClient(true);
            final int taken = channel.write(piece);
            waiting.forClient(false);
            bytes.position(bytes.position() + taken);
        }
    }
}
