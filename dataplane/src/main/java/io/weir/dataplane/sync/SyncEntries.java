package io.weir.dataplane.sync;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.SyncMarks;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.CallIds;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.Connections;
import io.weir.dataplane.FtpHelper;
import io.weir.dataplane.SequenceShift;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.OverloadRule;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the connections and templates of other directors into the table, or brings them up to date.
 *
 * <p>A connection whose real server is not configured here is made all the same, bound to none; it is bound when a later
 * message finds the server.
 *
 * <p><b>Source</b>: ip_vs_proc_conn(), ip_vs_find_dest(), ip_vs_bind_dest() and ip_vs_try_bind_dest() of the Linux kernel.
 * <b>Owner</b>: one worker.
 */
final class SyncEntries {
    private static final int MASQUERADING = 0;
    private static final int LOCAL_NODE = 1;
    private static final int HIGHEST_METHOD = 4;
    private static final int FULLNAT = Connections.FULLNAT;
    private static final int WITHOUT_TIMEOUT_SECONDS = 3 * 60;
    private static final long MOST_SECONDS = Ticks.MAX_TIMEOUT / Ticks.PER_SECOND;
    /** Flags that a message about a known connection changes. */
    private static final int UPDATED_FLAGS = ConnectionFlags.INACTIVE | ConnectionFlags.SEQ_MASK;

    private static final int TEMPLATE_ASSURED = 1;

    private final ConnectionTable table;
    private final DestinationLoad load;
    private final CallIds callIds;
    private final SyncCounters counters;
    private final NewConnection request = new NewConnection();
    private @Nullable SyncMarks marks;

    @SuppressWarnings("NullAway.Init") // set before the first message
    private ConfigSnapshot snapshot;

    private int threshold;

    SyncEntries(ConnectionTable table, DestinationLoad load, CallIds callIds, SyncCounters counters) {
        this.table = table;
        this.callIds = callIds;
        this.load = load;
        this.counters = counters;
    }

    void snapshot(ConfigSnapshot newSnapshot, @Nullable SyncMarks newMarks) {
        snapshot = newSnapshot;
        marks = newMarks;
        threshold = newSnapshot.sysctls().value("sync_threshold");
    }

    void enter(SyncEntry e, int nowTick) {
        // A connection of one packet is over as soon as it is made; version 0 can tell of one.
        if (!isSound(e) || (e.flags & ConnectionFlags.ONE_PACKET) != 0) {
            counters.increment(SyncCounters.UNKNOWN);
            return;
        }
        final long hash = isKeyedByCallId(e)
                ? callIds.hash(e.protocol, e.clientHi, e.clientLo)
                : table.hash(e.protocol, e.clientHi, e.clientLo, e.clientPort);
        int id = find(e, hash);
        int replaced = ConnectionTable.NONE;
        if (id != ConnectionTable.NONE && !e.isTemplate() && !hasSameServer(id, e)) {
            if (e.isInactive()) {
                counters.increment(SyncCounters.LATE);
                return;
            }
            table.schedule(id, nowTick, 1);
            replaced = id;
            id = ConnectionTable.NONE;
        }
        if (id != ConnectionTable.NONE) {
            update(id, e);
            counters.increment(SyncCounters.UPDATED);
        } else {
            id = make(e, hash, nowTick);
            if (id == ConnectionTable.NONE) {
                return;
            }
            if (replaced != ConnectionTable.NONE) {
                table.findLast(replaced);
            }
        }
        settle(id, e, nowTick);
    }

    /** Only FULLNAT's have a local end, all but templates. */
    private static boolean isSound(SyncEntry e) {
        return !e.hasLocal || e.method() == FULLNAT && e.isTemplate() == (e.localPort == 0);
    }

    /** Takes the Call-ID that stands in a message. */
    void callId(DirectBuffer buffer, int offset, int length) {
        callIds.take(buffer, offset, length);
    }

    private static boolean isKeyedByCallId(SyncEntry e) {
        return e.byCallId && e.isTemplate();
    }

    private int find(SyncEntry e, long hash) {
        if (isKeyedByCallId(e)) {
            return table.findTemplate(
                    hash, e.protocol, e.clientHi, e.clientLo, e.virtualHi, e.virtualLo, e.virtualPort, callIds);
        }
        return e.isTemplate()
                ? table.findTemplate(
                        hash, e.protocol, e.clientHi, e.clientLo, e.clientPort, e.virtualHi, e.virtualLo, e.virtualPort)
                : table.find(
                        hash,
                        e.protocol,
                        e.clientHi,
                        e.clientLo,
                        e.clientPort,
                        e.virtualHi,
                        e.virtualLo,
                        e.virtualPort);
    }

    private boolean hasSameServer(int id, SyncEntry e) {
        return table.destinationPort(id) == e.serverPort
                && table.destinationLo(id) == e.serverLo
                && table.destinationHi(id) == e.serverHi
                && hasSameLocal(id, e);
    }

    private boolean hasSameLocal(int id, SyncEntry e) {
        final int port = table.methodCode(id) == FULLNAT ? table.localPort(id) : 0;
        return !e.hasLocal
                ? port == 0
                : port == e.localPort && table.localLo(id) == e.localLo && table.localHi(id) == e.localHi;
    }

    private void update(int id, SyncEntry e) {
        final boolean bound = table.destinationSlot(id) != ConnectionTable.NO_DESTINATION;
        final boolean wasInactive = table.hasFlags(id, ConnectionFlags.INACTIVE);
        if (bound && !e.isTemplate() && wasInactive != e.isInactive()) {
            final int slot = table.destinationSlot(id);
            load.counters().add(slot, SlotCounters.ACTIVE, e.isInactive() ? -1 : 1);
            load.counters().add(slot, SlotCounters.INACTIVE, e.isInactive() ? 1 : -1);
        }
        table.changeFlags(id, e.flags & UPDATED_FLAGS, ~e.flags & UPDATED_FLAGS);
        if (!bound) {
            bindLate(id, e);
        }
    }

    /** A server that was missing when the connection was made is there now. */
    private void bindLate(int id, SyncEntry e) {
        final Destination destination = destination(e, table.fwmark(id), table.methodCode(id));
        if (destination == null) {
            return;
        }
        final int method = table.methodCode(id) == FULLNAT ? FULLNAT : method(destination, e);
        final int flags = bound(table.flags(id), destination, method);
        table.destinationSlot(id, destination.slot());
        table.methodCode(id, method);
        table.changeFlags(id, flags, ~flags & ConnectionFlags.NOOUTPUT);
        countIn(id, destination);
    }

    private int make(SyncEntry e, long hash, int nowTick) {
        final Destination destination = destination(e, e.fwmark, e.method());
        final int method = method(destination, e);
        if (method > HIGHEST_METHOD && !e.hasLocal) {
            counters.increment(SyncCounters.UNKNOWN);
            return ConnectionTable.NONE;
        }
        final int local = e.localPort == 0 ? 0 : localIndex(e);
        if (local < 0) {
            counters.increment(SyncCounters.NO_LOCAL);
            return ConnectionTable.NONE;
        }
        request.clear()
                .client(e.clientHi, e.clientLo, e.clientPort)
                .virtual(e.virtualHi, e.virtualLo, e.virtualPort)
                .destination(
                        destination == null ? ConnectionTable.NO_DESTINATION : destination.slot(),
                        e.serverHi,
                        e.serverLo,
                        e.serverPort);
        final int flags = ConnectionFlags.fromWire(e.flags) | ConnectionFlags.SYNC;
        request.protocol = e.protocol;
        request.flags = destination == null ? flags : bound(flags, destination, method);
        request.methodCode = method;
        if (isKeyedByCallId(e)) {
            request.flags |= ConnectionFlags.ENGINE;
        }
        if (!e.isTemplate()) {
            request.flags |= FtpHelper.flag(e.protocol, e.virtualPort, request.methodCode);
        }
        request.fwmark = e.fwmark;
        request.timeoutTicks = 3 * Ticks.PER_SECOND;
        final int id = table.insert(hash, request, nowTick);
        if (id == ConnectionTable.NONE) {
            counters.increment(SyncCounters.TABLE_FULL);
            return ConnectionTable.NONE;
        }
        if (e.localPort != 0 && !bindLocal(id, local, e, nowTick)) {
            table.remove(id);
            counters.increment(SyncCounters.NO_LOCAL);
            return ConnectionTable.NONE;
        }
        if (isKeyedByCallId(e)) {
            callIds.keep(id);
        }
        if (destination != null) {
            countIn(id, destination);
        }
        if (marks != null) {
            marks.start(id, 0, nowTick);
        }
        counters.increment(SyncCounters.MADE);
        return id;
    }

    /** The number of a local address here, or -1. */
    private int localIndex(SyncEntry e) {
        final List<IpAddress> locals = snapshot.localAddresses();
        for (int i = 0; i < locals.size(); i++) {
            if (locals.get(i).lo() == e.localLo && locals.get(i).hi() == e.localHi) {
                return i;
            }
        }
        return -1;
    }

    /** Gives a new connection the local end it was told with. Who had it has lost it, unless we are a master ourselves. */
    private boolean bindLocal(int id, int local, SyncEntry e, int nowTick) {
        if (table.bindLocal(id, local, e.localPort)) {
            return true;
        }
        final int before =
                table.findLocal(e.protocol, e.serverHi, e.serverLo, e.serverPort, e.localHi, e.localLo, e.localPort);
        if (before == ConnectionTable.NONE || snapshot.sync().master()) {
            return false;
        }
        table.unbindLocal(before);
        table.schedule(before, nowTick, 1);
        return table.bindLocal(id, local, e.localPort);
    }

    /** The real server a connection goes to, in the service it belongs to here. */
    private @Nullable Destination destination(SyncEntry e, int fwmark, int method) {
        final VirtualService service =
                snapshot.services().find(e.protocol, e.virtualHi, e.virtualLo, e.virtualPort, fwmark, e.ipv6);
        if (service == null) {
            return null;
        }
        final boolean anyPortFirst = fwmark != 0 && method != MASQUERADING;
        final Destination found = server(service, e, anyPortFirst ? 0 : e.serverPort);
        return found != null ? found : server(service, e, anyPortFirst ? e.serverPort : 0);
    }

    private static @Nullable Destination server(VirtualService service, SyncEntry e, int port) {
        for (final Destination d : service.destinations()) {
            if (d.port() == port
                    && d.address().lo() == e.serverLo
                    && d.address().hi() == e.serverHi) {
                return d;
            }
        }
        return null;
    }

    /** NOOUTPUT is the real server's, but for FULLNAT; a template also counts as inactive. */
    private static int bound(int flags, Destination destination, int method) {
        final boolean output = destination.methodCode() == MASQUERADING || method == MASQUERADING || method == FULLNAT;
        final int inactive = (flags & ConnectionFlags.TEMPLATE) != 0 ? ConnectionFlags.INACTIVE : 0;
        return flags & ~ConnectionFlags.NOOUTPUT | (output ? 0 : ConnectionFlags.NOOUTPUT) | inactive;
    }

    private int method(@Nullable Destination destination, SyncEntry e) {
        if (destination == null || e.hasLocal || destination.methodCode() == FULLNAT) {
            // A local end cannot be made up, nor left out.
            return e.method();
        }
        final long hi = destination.address().hi();
        final long lo = destination.address().lo();
        final boolean local = snapshot.own().contains(hi, lo) || snapshot.vips().contains(hi, lo);
        return local ? LOCAL_NODE : destination.methodCode();
    }

    private void countIn(int id, Destination destination) {
        final int slot = destination.slot();
        final int counter = table.isTemplate(id)
                ? SlotCounters.PERSISTENT
                : table.hasFlags(id, ConnectionFlags.INACTIVE) ? SlotCounters.INACTIVE : SlotCounters.ACTIVE;
        load.counters().add(slot, counter, 1);
        if (OverloadRule.overloadsAtBind(destination, load)) {
            load.setOverloaded(slot, true);
        }
    }

    /** What a message settles for a new connection and a known one alike. */
    private void settle(int id, SyncEntry e, int nowTick) {
        table.packets(id, threshold);
        if (e.isTemplate()) {
            final boolean assured = e.state == TEMPLATE_ASSURED;
            table.changeFlags(id, assured ? ConnectionFlags.ASSURED : 0, assured ? 0 : ConnectionFlags.ASSURED);
        } else {
            table.state(id, e.state);
        }
        if (e.hasSequence) {
            takeSequence(id, e);
        }
        if (marks != null) {
            SyncMaster.known(marks, table, id, e.isTemplate() ? 0 : e.state);
        }
        final int ticks = timeoutTicks(e);
        if (e.isTemplate()) {
            table.extra(id, ticks);
        }
        table.schedule(id, nowTick, ticks);
    }

    private void takeSequence(int id, SyncEntry e) {
        final boolean server = (e.sequenceAfter | e.sequenceBefore) == 0
                || SequenceShift.take(
                        table, id, SequenceShift.SERVER, e.sequencePlace, e.sequenceAfter, e.sequenceBefore);
        final boolean client = (e.clientAfter | e.clientBefore) == 0
                || SequenceShift.take(table, id, SequenceShift.CLIENT, e.clientPlace, e.clientAfter, e.clientBefore);
        if (!server || !client) {
            counters.increment(SyncCounters.NO_SEQUENCE);
        }
    }

    private int timeoutTicks(SyncEntry e) {
        if (e.timeoutSeconds != 0) {
            return Ticks.ofSeconds((int) Math.min(e.timeoutSeconds, MOST_SECONDS));
        }
        final boolean hasTimeouts = e.protocol == ProtocolNumbers.TCP
                || e.protocol == ProtocolNumbers.UDP
                || e.protocol == ProtocolNumbers.SCTP;
        return !e.isTemplate() && hasTimeouts
                ? snapshot.timeouts().ticks(e.protocol, e.state)
                : Ticks.ofSeconds(WITHOUT_TIMEOUT_SECONDS);
    }
}
