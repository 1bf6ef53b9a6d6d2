package io.weir.control.replay;

import io.weir.conntrack.Ticks;
import io.weir.control.state.DirectorState;
import io.weir.control.state.SyncDaemon;
import io.weir.dataplane.SteppedWorker.Sink;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.sync.SyncHeader;
import io.weir.dataplane.sync.SyncLink;
import io.weir.dataplane.sync.SyncMessages;
import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.UdpView;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The sync daemons of a replay: sockets are frames, and time is the scenario's.
 *
 * <p>The machine of a backup also reports that it joined the group. A kernel waits a random part of a second with that; here
 * it is always the same tenth.
 *
 * <p><b>Thread</b>: the runner's.
 */
final class ReplaySync {
    private static final long REPORT_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** What the recording machine's tick counter had when the scenario began, as far as its timers showed it. */
    private static final int FIRST_TICK = 5;

    private final SyncLink link;
    private final MessageHandler toMessages;
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket parsed = new ParsedPacket();
    private @Nullable SyncDaemon master;
    private @Nullable SyncDaemon backup;
    private @Nullable SyncMessages messages;
    private int ports = 1;
    private int nowTick;
    private long reportAtNs = Long.MAX_VALUE;

    ReplaySync(SyncLink link) {
        this.link = link;
        this.toMessages = (type, buffer, index, length) -> {
            if (messages != null) {
                messages.add(type, buffer, index, length, nowTick);
            }
        };
    }

    /**
     * Starts and stops daemons as the state says.
     *
     * @param nowNs when the command that changed it ends
     */
    void update(DirectorState state, long nowNs) {
        ports = state.syncRoles().ports();
        final SyncDaemon newMaster = daemon(state, true);
        if (newMaster == null) {
            messages = null;
        } else if (!newMaster.equals(master)) {
            messages = new SyncMessages(newMaster.syncId(), newMaster.maxLength(), ports, link.counters(), tick(nowNs));
        }
        master = newMaster;
        if (messages != null) {
            messages.queueLimit(state.sysctls().value("sync_qlen_max"));
        }
        final SyncDaemon newBackup = daemon(state, false);
        if (newBackup != null && !newBackup.equals(backup)) {
            reportAtNs = nowNs + REPORT_AFTER_NS;
        }
        backup = newBackup;
    }

    private static int tick(long nowNs) {
        return FIRST_TICK + Ticks.ofNanos(nowNs);
    }

    /** Does a daemon run, so that something may leave at any tick? */
    boolean isActive() {
        return master != null || backup != null;
    }

    private static @Nullable SyncDaemon daemon(DirectorState state, boolean master) {
        return state.daemons().stream()
                .filter(each -> each.master() == master)
                .findFirst()
                .orElse(null);
    }

    /** If the frame is a message for the backup, hands it over. */
    void receive(byte[] frame, InterfaceInfo ingress) {
        final SyncDaemon daemon = backup;
        if (daemon == null || !daemon.interfaceName().equals(ingress.name())) {
            return;
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(frame);
        if (parser.parse(buffer, 0, frame.length, true, parsed) != ParseStatus.OK
                || parsed.protocol != ProtocolNumbers.UDP
                || parsed.fragment != ParsedPacket.FRAGMENT_NONE
                || !daemon.group().equals(new IpAddress(parsed.dstHi, parsed.dstLo))
                || parsed.dstPort < daemon.port()
                || parsed.dstPort >= daemon.port() + ports
                || !InternetChecksum.transportValid(buffer, parsed)) {
            return;
        }
        final int offset = parsed.l4Offset + UdpView.HEADER_LENGTH;
        final int length = Math.min(parsed.l4Length - UdpView.HEADER_LENGTH, daemon.maxLength());
        if (SyncHeader.accepts(buffer, offset, length, daemon.syncId(), link.counters())) {
            link.offer(buffer, offset, length);
        }
    }

    /** Sends what is due; after the worker has run. */
    void run(long nowNs, Topology topology, Sink sink) {
        nowTick = tick(nowNs);
        int taken;
        do {
            taken = link.outbox().read(toMessages);
        } while (taken > 0);
        final SyncMessages sending = messages;
        final SyncDaemon sender = master;
        if (sending != null && sender != null) {
            final InterfaceInfo via = interfaceOf(topology, sender);
            sending.run(nowTick, (port, buffer, length) -> {
                final byte[] payload = new byte[length];
                buffer.getBytes(0, payload);
                leave(SyncFrames.message(sender, via, port, payload), via, sink);
                return true;
            });
        }
        final SyncDaemon receiver = backup;
        if (nowNs >= reportAtNs && receiver != null) {
            reportAtNs = Long.MAX_VALUE;
            if (receiver.group().isV4()) {
                final InterfaceInfo via = interfaceOf(topology, receiver);
                leave(SyncFrames.membershipReport(receiver.group(), via), via, sink);
            }
        }
    }

    private static void leave(byte[] frame, InterfaceInfo via, Sink sink) {
        sink.frame(new UnsafeBuffer(frame), 0, frame.length, via.index());
    }

    private static InterfaceInfo interfaceOf(Topology topology, SyncDaemon daemon) {
        return topology.interfaces().stream()
                .filter(each -> each.name().equals(daemon.interfaceName()))
                .findFirst()
                .orElseThrow();
    }
}
