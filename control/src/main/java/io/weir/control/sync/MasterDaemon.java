package io.weir.control.sync;

import io.weir.control.state.SyncDaemon;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncLinks;
import io.weir.dataplane.sync.SyncMessages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A running master: sends what the worker tells, and hears requests for the whole table.
 *
 * <p><b>Thread</b>: opened by any, then the sync thread's.
 */
final class MasterDaemon implements AutoCloseable {
    private final SyncDaemon daemon;
    private final SyncLinks links;
    private final SyncMessages messages;
    private final List<DatagramChannel> senders = new ArrayList<>();
    private final DatagramChannel requests;
    private final MessageHandler fromWorker = this::take;
    private final SyncMessages.Sink sink = this::send;
    private int nowTick;

    private MasterDaemon(SyncDaemon daemon, SyncLinks links, SyncMessages messages, DatagramChannel requests) {
        this.daemon = daemon;
        this.links = links;
        this.messages = messages;
        this.requests = requests;
    }

    static MasterDaemon open(SyncDaemon daemon, int ports, SyncSettings settings, SyncLinks links, int nowTick)
            throws IOException {
        final SyncMessages messages =
                new SyncMessages(daemon.syncId(), daemon.maxLength(), ports, links.counters(), nowTick);
        messages.queueLimit(settings.queueLimit());
        final DatagramChannel requests = SyncSockets.receiver(daemon, 0, settings.bufferBytes());
        final MasterDaemon opened = new MasterDaemon(daemon, links, messages, requests);
        try {
            for (int port = 0; port < ports; port++) {
                opened.senders.add(SyncSockets.sender(daemon, port, settings.bufferBytes()));
            }
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** The socket requests come in by. */
    DatagramChannel requests() {
        return requests;
    }

    /** Takes a request, if it is one. */
    void heard(UnsafeBuffer buffer, int length) {
        if (TableRequest.asks(buffer, length, daemon.syncId())) {
            links.askTable();
        }
    }

    /** Takes what the worker told, and sends what is due; what is not full, at that age. */
    void run(int tick, int flushTicks) {
        nowTick = tick;
        messages.flushAfter(flushTicks);
        int taken;
        do {
            taken = links.read(fromWorker);
        } while (taken > 0);
        messages.run(tick, sink);
    }

    private void take(int type, MutableDirectBuffer buffer, int offset, int length) {
        messages.add(type, buffer, offset, length, nowTick);
    }

    private boolean send(int port, UnsafeBuffer buffer, int length) {
        try {
            final int sent = senders.get(port).write(ByteBuffer.wrap(buffer.byteArray(), 0, length));
            if (sent == 0) {
                return false;
            }
            links.counters().increment(SyncCounters.SENT);
        } catch (IOException e) {
            // As the kernel: what cannot be sent is gone.
            links.counters().increment(SyncCounters.SEND_LOST);
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        requests.close();
        for (final DatagramChannel sender : senders) {
            sender.close();
        }
    }
}
