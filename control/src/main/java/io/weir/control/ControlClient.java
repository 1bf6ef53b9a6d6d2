package io.weir.control;

import io.weir.control.client.SocketFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks a running director one question over its control socket; see {@link ControlServer} for the words. */
public final class ControlClient {
    private static final int CHUNK = 16_384;

    private ControlClient() {}

    /** Where the director of that name listens. */
    public static Path socket(String name) {
        return SocketFile.of(name);
    }

    /** Sends one command line and returns the whole answer. */
    public static String ask(String name, String command) throws IOException {
        return ask(socket(name), command);
    }

    /** Sends one command line to the director that listens on {@code socket}. */
    public static String ask(Path socket, String command) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            final ByteBuffer question = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8));
            while (question.hasRemaining()) {
                channel.write(question);
            }
            final ByteArrayOutputStream answer = new ByteArrayOutputStream();
            final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            while (channel.read(chunk) >= 0) {
                answer.write(chunk.array(), 0, chunk.position());
                chunk.clear();
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
