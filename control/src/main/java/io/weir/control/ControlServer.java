package io.weir.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The director's control socket, {@code /run/weir/NAME.sock}: for its owner only, or for a group, too.
 *
 * <p>One connection carries one {@link ControlRequest}; the end of the stream ends the answer. A person may use it, too:
 * {@code echo -Ln | nc -UN /run/weir/weir.sock}.
 *
 * <p>A client that needs more than {@link #PATIENCE_NS} to ask, or to take the next piece of its answer, is cut off, and
 * there are at most {@link #MOST_CLIENTS}: nobody can keep the others waiting.
 *
 * <p><b>Thread</b>: one to accept, one to cut off, and one for each connection; the handler must bear that.
 */
final class ControlServer implements AutoCloseable {
    /** Answers one request; an exception is the server's to explain to the client. */
    @FunctionalInterface
    interface Handler {
        /** Writes the answer and returns the exit status. */
        int answer(ControlRequest request, ControlAnswer answer) throws IOException;
    }

    static final int MOST_CLIENTS = 64;
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);

    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final long SWEEP_EVERY_MS = 500;
    /** Of requests beyond their first pieces, all clients together: what is made of them must fit into the heap, too. */
    private static final int MOST_BYTES = 48 << 20;

    private static final int FAILED = 1;
    private static final Long WORKING = Long.MAX_VALUE;

    private final ServerSocketChannel server;
    private final Path path;
    private final Handler handler;
    /** Every open connection and when something last moved on it; WORKING while the director works for it. */
    private final Map<SocketChannel, Long> clients = new ConcurrentHashMap<>();

    private final Semaphore room = new Semaphore(MOST_BYTES);

    private ControlServer(ServerSocketChannel server, Path path, Handler handler) {
        this.server = server;
        this.path = path;
        this.handler = handler;
    }

    /** Listens, for the owner only, and answers lines of text. */
    static ControlServer start(Path path, UnaryOperator<String> commands) throws RunException {
        return start(path, null, (request, answer) -> {
            answer.out(commands.apply(request.name()));
            return 0;
        });
    }

    /**
     * Listens; a socket file that nobody listens on is replaced.
     *
     * @param group may use it besides the owner, or null
     */
    static ControlServer start(Path path, @Nullable String group, Handler handler) throws RunException {
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
            permit(path, group);
            final ControlServer result = new ControlServer(server, path, handler);
            start("weir-control", result::serve);
            start("weir-control-sweep", result::sweep);
            return result;
        } catch (UserPrincipalNotFoundException e) {
            throw new RunException("weir: control.group: no such group: " + group, e);
        } catch (IOException e) {
            throw new RunException("weir: control socket " + path + ": " + e.getMessage(), e);
        }
    }

    private static void permit(Path path, @Nullable String group) throws IOException {
        final PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        view.setPermissions(PosixFilePermissions.fromString("rw-------"));
        if (group != null) {
            view.setGroup(
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
            view.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
        }
    }

    private static void start(String name, Runnable run) {
        final Thread thread = new Thread(run, name);
        thread.setDaemon(true);
        thread.start();
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
                if (clients.size() >= MOST_CLIENTS) {
                    refuse(channel, "weir: busy: " + MOST_CLIENTS + " clients at once\n");
                    close(channel);
                    continue;
                }
                clients.put(channel, System.nanoTime());
                start("weir-control-client", () -> answerAndClose(channel));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("event=control-socket problem=\"{}\"", e.getMessage());
            }
        }
    }

    /** Cuts off who keeps us waiting; their threads end with an exception. */
    private void sweep() {
        while (server.isOpen()) {
            final long now = System.nanoTime();
            for (Map.Entry<SocketChannel, Long> each : clients.entrySet()) {
                if (!each.getValue().equals(WORKING) && now - each.getValue() > PATIENCE_NS) {
                    close(each.getKey());
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(SWEEP_EVERY_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void answerAndClose(SocketChannel channel) {
        final AtomicInteger taken = new AtomicInteger();
        try {
            answer(channel, bytes -> {
                if (!room.tryAcquire(bytes)) {
                    throw new IOException("busy: requests of more than " + MOST_BYTES + " bytes at once");
                }
                taken.addAndGet(bytes);
            });
        } catch (IOException e) {
            LOG.debug("event=control-client problem=\"{}\"", e.getMessage());
        } finally {
            room.release(taken.get());
            close(channel);
        }
    }

    private void answer(SocketChannel channel, ControlRequest.Room memory) throws IOException {
        final ControlRequest request;
        try {
            request = ControlRequest.read(channel, memory);
        } catch (ClosedChannelException e) {
            throw e; // cut off
        } catch (IOException e) {
            refuse(channel, "weir: " + e.getMessage() + "\n");
            return;
        }
        if (request.name().isEmpty()) {
            return;
        }
        clients.put(channel, WORKING);
        final Charset charset = request.name().equals("ipvsadm") ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
        final ControlAnswer answer = new ControlAnswer(
                channel,
                request.line(),
                charset,
                waits -> clients.replace(channel, waits ? Long.valueOf(System.nanoTime()) : WORKING));
        answer.end(handle(request, answer));
    }

    private int handle(ControlRequest request, ControlAnswer answer) throws IOException {
        try {
            return handler.answer(request, answer);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("event=bug where=control word={}", request.name(), e);
            answer.err("weir: a bug, and nothing was done; the director's log has it\n");
            return FAILED;
        }
    }

    /** Says why not, in both forms: the client's own form is not known yet. */
    private void refuse(SocketChannel channel, String why) throws IOException {
        LOG.info("event=control-refused reason=\"{}\"", why.strip());
        final ControlAnswer answer = new ControlAnswer(channel, false, StandardCharsets.UTF_8, waits -> {});
        answer.err(why);
        answer.end(FAILED);
    }

    private void close(SocketChannel channel) {
        clients.remove(channel);
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("event=control-client problem=\"{}\"", e.getMessage());
        }
    }

    boolean isOpen() {
        return server.isOpen();
    }

    @Override
    public void close() {
        try {
            server.close();
            final Iterator<SocketChannel> each = clients.keySet().iterator();
            while (each.hasNext()) {
                close(each.next());
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("event=control-socket problem=\"{}\"", e.getMessage());
        }
    }
}
