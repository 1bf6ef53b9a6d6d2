package io.weir.dataplane.sync;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.SctpState;
import io.weir.conntrack.SyncMarks;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.conntrack.Timeouts;
import io.weir.dataplane.CallIds;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.SequenceShift;
import io.weir.dataplane.Sysctls;
import io.weir.packet.ProtocolNumbers;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decides after a client's packet whether its connection is to be told to other directors, and encodes it.
 *
 * <p>A connection is told at packets of certain numbers (sync_threshold, sync_period), or when the deadline that the others
 * know has grown too old (sync_refresh_period), and always when it begins to end. Then comes the template that controls it.
 *
 * <p><b>Source</b>: ip_vs_sync_conn(), ip_vs_sync_conn_v0() and ip_vs_sync_conn_needed() of the Linux kernel.
 * <b>Owner</b>: one worker; nothing here allocates or waits.
 */
public final class SyncMaster {
    private static final int BYPASS = 4;
    private static final int SHORTEST_HALF = 10 * Ticks.PER_SECOND;
    private static final int REFRESH_RETRY_SHIFT = 3;
    /** A mark's state: TCP's or SCTP's, and above it what was told of shifted sequence numbers. */
    private static final int SHIFT_AT = 8;

    private static final int STATE_MASK = 0xFF;

    private static final int TCP_TOLD = 1 << TcpState.ESTABLISHED
            | 1 << TcpState.FIN_WAIT
            | 1 << TcpState.CLOSE
            | 1 << TcpState.CLOSE_WAIT
            | 1 << TcpState.TIME_WAIT;
    private static final int SCTP_TOLD = 1 << SctpState.ESTABLISHED
            | 1 << SctpState.SHUTDOWN_SENT
            | 1 << SctpState.SHUTDOWN_RECEIVED
            | 1 << SctpState.SHUTDOWN_ACK_SENT
            | 1 << SctpState.CLOSED;

    private final ConnectionTable table;
    private final OneToOneRingBuffer outbox;
    private final SyncCounters counters;
    private final SyncEntryWriter writer;
    private boolean on;
    private @Nullable SyncMarks marks;
    private Timeouts timeouts = Timeouts.DEFAULTS;
    private int portMask;
    private boolean version0;
    private boolean templatesOnly;
    private int threshold;
    private int period;
    private int refreshTicks;
    private int retries;

    SyncMaster(ConnectionTable table, SyncLink link, CallIds callIds) {
        this.table = table;
        this.writer = new SyncEntryWriter(table, callIds);
        this.outbox = link.outbox();
        this.counters = link.counters();
    }

    void snapshot(ConfigSnapshot snapshot, @Nullable SyncMarks newMarks) {
        final Sysctls sysctls = snapshot.sysctls();
        on = snapshot.sync().master() && newMarks != null;
        marks = newMarks;
        timeouts = snapshot.timeouts();
        portMask = snapshot.sync().ports() - 1;
        version0 = sysctls.value("sync_version") == 0;
        templatesOnly = sysctls.value("sync_persist_mode") != 0;
        threshold = sysctls.value("sync_threshold");
        period = sysctls.syncPeriod();
        refreshTicks = Ticks.ofSeconds(sysctls.value("sync_refresh_period"));
        retries = sysctls.value("sync_retries");
    }

    /** Does a master daemon run? */
    public boolean isOn() {
        return on;
    }

    /** A packet of the client was forwarded. */
    public void packet(int id, int nowTick) {
        if (on) {
            count(id, nowTick);
        }
    }

    private void count(int id, int nowTick) {
        if (table.hasFlags(id, ConnectionFlags.ONE_PACKET)) {
            tell(id, threshold, nowTick);
            return;
        }
        final int packets = counted(id, nowTick);
        // The first packet of a bypass is sent before the connection counts as one.
        if (packets > 1 || table.methodCode(id) != BYPASS) {
            tell(id, packets, nowTick);
        }
    }

    /** A template's time was up, but it goes on because it still controls connections. */
    public void goesOn(int id, int nowTick) {
        if (on) {
            tell(id, threshold, nowTick);
        }
    }

    private int counted(int id, int nowTick) {
        final int packets = table.countPacket(id);
        if (packets == 1 && marks != null) {
            marks.start(id, 0, nowTick);
        }
        return packets;
    }

    private void tell(int id, int packets, int nowTick) {
        int record = id;
        int count = packets;
        while (record != ConnectionTable.NONE) {
            final boolean told = !table.hasFlags(record, ConnectionFlags.ONE_PACKET)
                    && writer.canTell(record, version0)
                    && isNeeded(record, count, nowTick);
            if (told) {
                encode(record, Ticks.toSeconds(timeoutTicks(record)));
            } else if (version0) {
                // Only version 1 goes on to the template then.
                return;
            }
            record = table.controller(record);
            if (record != ConnectionTable.NONE) {
                count = table.isTemplate(record) ? counted(record, nowTick) : threshold;
            }
        }
    }

    private boolean isNeeded(int id, int packets, int nowTick) {
        if (marks == null) {
            return false;
        }
        final boolean template = table.isTemplate(id);
        boolean force = false;
        if (!template) {
            if (templatesOnly && isPersistent(id)) {
                return false;
            }
            final int told = toldStates(table.protocol(id));
            if (told != 0) {
                final int state = table.state(id);
                if ((1 << state & told) == 0) {
                    return false;
                }
                final int before = marks.state(id);
                force = state != (before & STATE_MASK);
                // A shift of sequence numbers (the kernel has no such rule): without it the other director is no use.
                if (force && !isEstablished(id, state) || SequenceShift.mark(table, id) != before >>> SHIFT_AT) {
                    return told(id, nowTick, 0);
                }
            }
        }
        int again = 0;
        if (refreshTicks > 0) {
            again = isStale(id, nowTick);
            if (again < 0) {
                return false;
            }
        }
        return isDue(template, packets) && told(id, nowTick, again);
    }

    private boolean isDue(boolean template, int packets) {
        if (period > 0) {
            return template || packets % period == threshold;
        }
        return refreshTicks > 0 || packets == threshold;
    }

    /** The states in which a protocol's connections are told, as bits; 0: it has one state. */
    private static int toldStates(int protocol) {
        return protocol == ProtocolNumbers.TCP ? TCP_TOLD : protocol == ProtocolNumbers.SCTP ? SCTP_TOLD : 0;
    }

    private boolean isEstablished(int id, int state) {
        return table.protocol(id) == ProtocolNumbers.TCP
                ? state == TcpState.ESTABLISHED
                : state == SctpState.ESTABLISHED;
    }

    private boolean isPersistent(int id) {
        int controller = table.controller(id);
        while (controller != ConnectionTable.NONE) {
            if (table.isTemplate(controller)) {
                return true;
            }
            controller = table.controller(controller);
        }
        return false;
    }

    /** Is the deadline that was told too far from the true one: the number of this retry, 0 for the first, or -1. */
    private int isStale(int id, int nowTick) {
        if (marks == null) {
            return -1;
        }
        final int timeout = timeoutTicks(id);
        final int before = marks.deadline(id);
        final int difference = Math.abs(deadline(nowTick, timeout) - before);
        if (difference >= Math.min(refreshTicks, Math.max(timeout >> 1, SHORTEST_HALF))) {
            return 0;
        }
        final int done = before & SyncMarks.RETRY_MASK;
        final boolean early = nowTick - (before - timeout + (refreshTicks >> REFRESH_RETRY_SHIFT)) < 0;
        return done >= retries || early ? -1 : done + 1;
    }

    private static int deadline(int nowTick, int timeout) {
        return nowTick + timeout & ~SyncMarks.RETRY_MASK;
    }

    private boolean told(int id, int nowTick, int again) {
        if (marks == null) {
            return false;
        }
        final int state = table.state(id) | SequenceShift.mark(table, id) << SHIFT_AT;
        marks.told(id, state, deadline(nowTick, timeoutTicks(id)) | again);
        return true;
    }

    /** Another director told this state, so that it needs not be told again. */
    static void known(SyncMarks marks, ConnectionTable table, int id, int state) {
        marks.told(id, state | SequenceShift.mark(table, id) << SHIFT_AT, marks.deadline(id));
    }

    private int timeoutTicks(int id) {
        return table.isTemplate(id) ? table.extra(id) : timeouts.ticks(table.protocol(id), table.state(id));
    }

    /**
     * Tells a record whether that is due or not, with the time that a connection has left; a template's timeout is its own.
     *
     * @return false if its state is none to be told, the version has no place for it, or the outbox is full
     */
    boolean tellAsItIs(int id, int nowTick) {
        final int states = table.isTemplate(id) ? 0 : toldStates(table.protocol(id));
        if (!writer.canTell(id, version0) || states != 0 && (1 << table.state(id) & states) == 0) {
            return false;
        }
        final int left = Math.max(1, Ticks.toSeconds(table.expiresAt(id) - nowTick));
        return encode(id, table.isTemplate(id) ? Ticks.toSeconds(timeoutTicks(id)) : left);
    }

    private boolean encode(int id, int timeoutSeconds) {
        final int bytes = writer.bytes(id, version0);
        final int kind = version0 ? SyncLink.ENTRY0 : SyncLink.ENTRY;
        final int at = outbox.tryClaim((id & portMask) << SyncLink.KIND_BITS | kind, bytes);
        if (at < 0) {
            counters.increment(SyncCounters.OUTBOX_FULL);
            return false;
        }
        writer.write(outbox.buffer(), at, id, version0, timeoutSeconds);
        outbox.commit(at);
        counters.increment(SyncCounters.TOLD);
        return true;
    }
}
