package io.weir.control;

import io.weir.control.client.Call;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Something at a control socket that is no director. */
final class GarbageServer {
    private GarbageServer() {}

    /** What the client of a director makes of an answer. */
    static int ask(String answer) throws IOException {
        final Path folder = Files.createTempDirectory("weir-garbage-");
        final Path socket = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            final Thread thread = new Thread(() -> answer(server, answer));
            thread.start();
            try {
                final ByteArrayOutputStream said = new ByteArrayOutputStream();
                return Call.run(socket, Call.words("ipvsadm", "-Ln"), new byte[0], said, said);
            } finally {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        } finally {
            Files.deleteIfExists(socket);
            Files.delete(folder);
        }
    }

    private static void answer(ServerSocketChannel server, String answer) {
        try (SocketChannel client = server.accept()) {
            client.read(ByteBuffer.allocate(4096));
            final ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        } catch (IOException e) {
            // The client has hung up: it has seen enough.
        }
    }
}
