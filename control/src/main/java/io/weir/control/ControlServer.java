package io.weir.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The director's control socket, {@code /run/weir/NAME.sock}, for its owner only.
 *
 * <p>One connection carries one command: a line of text in ({@code ipvsadm} arguments such as {@code -Ln} or
 * {@code -Lnc}, or {@code counters}), text out, ended by the end of the stream.
 *
 * <p><b>Thread</b>: one to accept and one for each connection, so that a silent client keeps nobody else waiting;
 * {@code commands} must bear that.
 */
final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int LONGEST_LINE = 65_536;

    private final ServerSocketChannel server;
    private final Path path;
    private final UnaryOperator<String> commands;
    private final Thread thread;

    private ControlServer(ServerSocketChannel server, Path path, UnaryOperator<String> commands) {
        this.server = server;
        this.path = path;
        this.commands = commands;
        this.thread = new Thread(this::serve, "weir-control");
        thread.setDaemon(true);
    }

    /** Listens; a socket file that nobody listens on is replaced. */
    static ControlServer start(Path path, UnaryOperator<String> commands) throws RunException {
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            if (Files.exists(path)) {
                if (isAnswered(path)) {
                    throw new RunException("weir: a director of this name runs already (" + path + ")");
                }
                Files.delete(path);
            }
            final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            final ControlServer result = new ControlServer(server, path, commands);
            result.thread.start();
            return result;
        } catch (IOException e) {
            throw new RunException("weir: control socket " + path + ": " + e.getMessage(), e);
        }
    }

    private static boolean isAnswered(Path path) {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return false;
        }
    }

    private void serve() {
        while (server.isOpen()) {
            try {
                final SocketChannel channel = server.accept();
                final Thread one = new Thread(() -> answerAndClose(channel), "weir-control-answer");
                one.setDaemon(true);
                one.start();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("event=control-socket problem=\"{}\"", e.getMessage());
            }
        }
    }

    private void answerAndClose(SocketChannel channel) {
        try (channel) {
            answer(channel);
        } catch (IOException e) {
            LOG.warn("event=control-socket problem=\"{}\"", e.getMessage());
        }
    }

    private void answer(SocketChannel channel) throws IOException {
        final ByteBuffer line = ByteBuffer.allocate(LONGEST_LINE);
        while (!endsLine(line) && line.hasRemaining()) {
            if (channel.read(line) < 0) {
                break;
            }
        }
        final String command = new String(line.array(), 0, line.position(), StandardCharsets.UTF_8).strip();
        if (command.isEmpty()) {
            return;
        }
        final ByteBuffer answer = ByteBuffer.wrap(commands.apply(command).getBytes(StandardCharsets.UTF_8));
        while (answer.hasRemaining()) {
            channel.write(answer);
        }
    }

    private static boolean endsLine(ByteBuffer line) {
        return line.position() > 0 && line.get(line.position() - 1) == '\n';
    }

    boolean isOpen() {
        return server.isOpen();
    }

    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("event=control-socket problem=\"{}\"", e.getMessage());
        }
    }
}
