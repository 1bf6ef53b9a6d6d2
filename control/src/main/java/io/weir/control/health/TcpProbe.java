package io.weir.control.health;

import io.weir.control.health.Conversation.Inbox;
import io.weir.control.health.Conversation.Step;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.packet.ProtocolNumbers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A try over TCP, with or without TLS: connect, hold a conversation, close.
 *
 * <p>The timeout counts for the connection and once more for all that follows, so that a server that answers drop by drop
 * keeps nothing busy.
 */
final class TcpProbe extends ChannelProbe<SocketChannel> {
    private static final int CHUNK = 16_384;

    private final Conversation conversation;
    private final @Nullable TlsStream tls;
    private final Inbox inbox = new Inbox();
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private ByteBuffer toSend = ByteBuffer.allocate(0);
    private @Nullable SelectionKey key;
    private @Nullable CheckResult last;

    TcpProbe(CheckSettings check, CheckLoop loop, Conversation conversation, @Nullable TlsStream tls) {
        super(check, loop);
        this.conversation = conversation;
        this.tls = tls;
    }

    @Override
    int protocol() {
        return ProtocolNumbers.TCP;
    }

    @Override
    void open() throws IOException {
        final SocketChannel opened = SocketChannel.open();
        channel = opened;
        opened.configureBlocking(false);
        Sockets.bind(opened, endpoint());
        limit(() -> finish(CheckResult.down("connection timed out")));
        final boolean now = opened.connect(Sockets.address(endpoint()));
        key = loop.watch(opened, now ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this::ready);
        if (now) {
            connected();
        }
    }

    private void ready(SelectionKey ready) {
        final SocketChannel open = channel;
        if (open == null) {
            return;
        }
        try {
            if (ready.isConnectable() && open.finishConnect()) {
                connected();
            } else {
                if (ready.isWritable()) {
                    flush(open);
                }
                if (channel != null && ready.isReadable()) {
                    read(open);
                }
            }
        } catch (IOException e) {
            ended(e);
        }
    }

    private void connected() throws IOException {
        limit(() -> finish(conversation.silence()));
        interest(SelectionKey.OP_READ);
        if (tls == null) {
            take(conversation.begin());
        } else {
            tls.begin();
            secure(tls);
        }
    }

    /** Moves the handshake on as far as it goes without more from the server. */
    private void secure(TlsStream stream) throws IOException {
        final TlsStream.State state = stream.advance();
        send(stream.takeOutput());
        switch (state) {
            case TASK -> {
                interest(0);
                loop.beside(stream::runTasks, () -> {
                    if (channel != null) {
                        try {
                            interest(SelectionKey.OP_READ);
                            secure(stream);
                        } catch (IOException e) {
                            ended(e);
                        }
                    }
                });
            }
            case READY -> {
                if (stream.isFirstTimeReady()) {
                    take(conversation.begin());
                }
                plain(stream);
            }
            case WAIT -> {}
        }
    }

    private void plain(TlsStream stream) throws IOException {
        final byte[] bytes = stream.takePlain();
        if (channel != null && bytes.length > 0) {
            inbox.add(bytes, bytes.length);
            take(conversation.received(inbox, false));
        }
    }

    private void read(SocketChannel open) throws IOException {
        while (channel != null) {
            chunk.clear();
            final int got = open.read(chunk);
            if (got == 0) {
                return;
            }
            if (got < 0) {
                ended(null);
                return;
            }
            if (tls != null) {
                tls.addInput(chunk.array(), got);
                secure(tls);
            } else {
                inbox.add(chunk.array(), got);
                take(conversation.received(inbox, false));
            }
            if (inbox.isFull()) {
                finish(CheckResult.down("the answer is longer than " + (Inbox.MOST_BYTES >> 20) + " MiB"));
            }
        }
    }

    /** The server has closed, or the connection has failed. */
    private void ended(@Nullable IOException problem) {
        if (channel == null) {
            return;
        }
        final boolean talking = tls == null || tls.wasReady();
        if (key == null || problem != null && inbox.size() == 0 || !talking) {
            finish(CheckResult.down(problem == null ? "connection closed early" : Sockets.reason(problem)));
            return;
        }
        final Step step = conversation.received(inbox, true);
        finish(step.isDone() ? step.result() : CheckResult.down("connection closed early"));
    }

    private void take(Step step) throws IOException {
        if (step.send().length > 0) {
            send(tls == null ? step.send() : tls.wrap(step.send()));
        }
        if (step.isDone()) {
            last = step.result();
            if (!toSend.hasRemaining()) {
                finish(step.result());
            }
        }
    }

    private void send(byte[] bytes) throws IOException {
        final SocketChannel open = channel;
        if (open == null || bytes.length == 0) {
            return;
        }
        final ByteBuffer all = ByteBuffer.allocate(toSend.remaining() + bytes.length);
        all.put(toSend).put(bytes).flip();
        toSend = all;
        flush(open);
    }

    private void flush(SocketChannel open) throws IOException {
        open.write(toSend);
        interest(toSend.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        final CheckResult result = last;
        if (!toSend.hasRemaining() && result != null) {
            finish(result);
        }
    }

    private void interest(int operations) {
        if (key != null && key.isValid()) {
            key.interestOps(operations);
        }
    }
}
