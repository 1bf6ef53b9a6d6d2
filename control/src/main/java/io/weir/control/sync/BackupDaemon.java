package io.weir.control.sync;

import io.weir.conntrack.Ticks;
import io.weir.control.state.SyncDaemon;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncHeader;
import io.weir.dataplane.sync.SyncLinks;
import io.weir.dataplane.sync.SyncWire;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A running backup: hands messages to the worker, and asks for the whole table when it begins.
 *
 * <p>It asks until a master has said that all was told and as much has arrived; at most {@value #MOST_TRIES} times, with
 * growing pauses. A kernel director never answers, which does no harm.
 *
 * <p><b>Thread</b>: opened by any, then the sync thread's.
 */
final class BackupDaemon implements AutoCloseable {
    private static final int MOST_TRIES = 5;
    /** Switches need a moment to learn who joined. */
    private static final int FIRST_AFTER = Ticks.PER_SECOND / 5;

    private static final int PAUSE = 2 * Ticks.PER_SECOND;

    private final SyncDaemon daemon;
    private final SyncLinks links;
    private final List<DatagramChannel> receivers = new ArrayList<>();
    private final DatagramChannel asking;
    private int tries;
    private int nextTick;
    private boolean complete;
    private long arrived;

    private BackupDaemon(SyncDaemon daemon, SyncLinks links, DatagramChannel asking, int nowTick) {
        this.daemon = daemon;
        this.links = links;
        this.asking = asking;
        this.nextTick = nowTick + FIRST_AFTER;
    }

    static BackupDaemon open(SyncDaemon daemon, int ports, SyncSettings settings, SyncLinks links, int nowTick)
            throws IOException {
        final BackupDaemon opened = new BackupDaemon(daemon, links, SyncSockets.sender(daemon, 0, 0), nowTick);
        try {
            for (int port = 0; port < ports; port++) {
                opened.receivers.add(SyncSockets.receiver(daemon, port, settings.bufferBytes()));
            }
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** The sockets messages come in by. */
    List<DatagramChannel> receivers() {
        return receivers;
    }

    /** Takes a message; one that is longer than the daemon's bound is cut, and then not what it says. */
    void heard(UnsafeBuffer buffer, int received) {
        final int length = Math.min(received, daemon.maxLength());
        if (!SyncHeader.accepts(buffer, 0, length, daemon.syncId(), links.counters())) {
            return;
        }
        final long told = TableRequest.told(buffer, length);
        if (told >= 0) {
            if (!complete && tries > 0 && arrived >= told) {
                complete = true;
                links.counters().increment(SyncCounters.TABLES_GOT);
            }
            return;
        }
        final boolean version0 = buffer.getByte(0) != 0;
        arrived += buffer.getByte(version0 ? 0 : SyncWire.COUNT) & 0xFF;
        links.offer(buffer, 0, length);
    }

    /** Asks for the table if that is due. */
    void run(int nowTick) {
        if (complete || tries == MOST_TRIES || nextTick - nowTick > 0) {
            return;
        }
        tries++;
        nextTick = nowTick + (PAUSE << tries);
        arrived = 0;
        try {
            asking.write(TableRequest.ask(daemon.syncId()));
            links.counters().increment(SyncCounters.TABLES_ASKED);
        } catch (IOException e) {
            // Tried again later.
            links.counters().increment(SyncCounters.SEND_LOST);
        }
    }

    @Override
    public void close() throws IOException {
        asking.close();
        for (final DatagramChannel receiver : receivers) {
            receiver.close();
        }
    }
}
