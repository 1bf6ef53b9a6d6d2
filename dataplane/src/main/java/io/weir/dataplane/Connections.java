package io.weir.dataplane;

import io.weir.conntrack.ConnectionCursor;
import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.conntrack.SctpState;
import io.weir.conntrack.SctpStateTable;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.TcpStateTable;
import io.weir.conntrack.Ticks;
import io.weir.conntrack.Timeouts;
import io.weir.dataplane.sync.SyncMaster;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.DestinationTable;
import io.weir.service.OverloadRule;
import io.weir.service.SlotCounters;
import java.util.List;

/**
 * The life of a connection: counted in at its destination, moved from state to state, counted out.
 *
 * <p><b>Source</b>: ip_vs_bind_dest(), set_tcp_state(), ip_vs_unbind_dest() and ip_vs_conn_expire() of the Linux kernel.
 * <b>Owner</b>: one worker.
 */
public final class Connections {
    /** A packet from the client. */
    public static final int INPUT = TcpStateTable.INPUT;
    /** A packet from the real server. */
    public static final int OUTPUT = TcpStateTable.OUTPUT;

    /** What a connection has before its first state. */
    static final int NEW_TICKS = 3 * Ticks.PER_SECOND;

    /** The method code of FULLNAT, the one that needs a local address. */
    public static final int FULLNAT = 5;
    /** Method code of NAT. */
    static final int MASQUERADING = 0;

    /** Records looked at in one turn for connections whose real server went. */
    private static final int EXPIRE_SLICE = 4096;

    /** The tick that has begun does not count. */
    private static final int FULL_TICK = 2;

    private static final int STILL_CONTROLLING_TICKS = 60 * Ticks.PER_SECOND;

    private final ConnectionTable table;
    private final DestinationLoad load;
    private final SlotCounters services;
    private final PathCounters counters;
    private final SyncMaster sync;
    private final Defence defence;
    private final CallIds callIds;
    private final Shadows shadows;
    private final Answers answers;
    private final ConnectionCursor unavailable;
    private ConfigSnapshot snapshot;
    /** The snapshot's. */
    private Timeouts timeouts = Timeouts.DEFAULTS;

    private boolean expiryRequested;
    private boolean expiryWaits;
    private boolean expiringUnavailable;
    private int expireFromTick;

    @SuppressWarnings("NullAway.Init") // snapshot is set before the first packet
    Connections(
            ConnectionTable table,
            DestinationLoad load,
            SlotCounters services,
            PathCounters counters,
            SyncMaster sync,
            Defence defence,
            CallIds callIds) {
        this.table = table;
        this.load = load;
        this.services = services;
        this.counters = counters;
        this.sync = sync;
        this.defence = defence;
        this.callIds = callIds;
        this.shadows = new Shadows(table);
        this.answers = new Answers(load.counters().capacity());
        this.unavailable = new ConnectionCursor(table);
    }

    void snapshot(ConfigSnapshot newSnapshot) {
        // A real server was deleted: the connections of all that went are to end.
        expiryRequested |= snapshot != null
                && newSnapshot.sysctls().expireNodestConn()
                && newSnapshot.destinations().lacksAnyOf(snapshot.destinations());
        this.snapshot = newSnapshot;
        this.timeouts = newSnapshot.timeouts();
        shadows.snapshot(newSnapshot);
        final List<IpAddress> locals = newSnapshot.localAddresses();
        for (int i = 0; i < locals.size(); i++) {
            table.setLocalAddress(i, locals.get(i).hi(), locals.get(i).lo());
        }
    }

    /** Told of a connection's beginning by who makes it, of the rest from here. */
    Shadows shadows() {
        return shadows;
    }

    /** How real servers answer handshakes. */
    public Answers answers() {
        return answers;
    }

    /** Takes over what an earlier director left in the table; returns how many records go on. */
    int adopt(ConfigSnapshot first) {
        return new Adoption(table, load).run(first);
    }

    /** Counts a fresh record in at its destination, as inactive, and marks the destination overloaded if that fills it. */
    void bind(int id, Destination destination) {
        final int slot = destination.slot();
        final boolean output = destination.methodCode() == 0 || destination.methodCode() == FULLNAT;
        table.changeFlags(id, ConnectionFlags.INACTIVE | (output ? 0 : ConnectionFlags.NOOUTPUT), 0);
        load.counters().add(slot, table.isTemplate(id) ? SlotCounters.PERSISTENT : SlotCounters.INACTIVE, 1);
        if (OverloadRule.overloadsAtBind(destination, load)) {
            load.setOverloaded(slot, true);
        }
    }

    /** Moves the state after a packet and restarts the timer with the new state's timeout. */
    void transition(PacketContext c, ParsedPacket p, int direction) {
        final int ticks =
                switch (p.protocol) {
                    case ProtocolNumbers.TCP -> tcp(c, p.tcpFlags, direction);
                    case ProtocolNumbers.SCTP -> sctp(c, p, direction);
                        // The packet is not of the connection's own protocol, and moves nothing.
                    case ProtocolNumbers.AH, ProtocolNumbers.ESP -> timeoutTicks(c.connection);
                    default -> udp(c, direction);
                };
        table.schedule(c.connection, c.record, c.nowTick, ticks);
    }

    /** In force. */
    TcpStateTable tcpStates() {
        return defence.secureTcp() ? TcpStateTable.SECURE : TcpStateTable.NORMAL;
    }

    private int udp(PacketContext c, int direction) {
        if (direction == OUTPUT) {
            assure(c.connection);
        }
        return timeouts.of(c.slot).udpTicks();
    }

    private int tcp(PacketContext c, int tcpFlags, int direction) {
        final int id = c.connection;
        final long record = c.record;
        final int old = HotRecord.state(record);
        final int next = tcpStates().next(seen(id, record, direction), old, TcpStateTable.event(tcpFlags));
        if (old == TcpState.SYN_RECV) {
            handshake(id, next, tcpFlags, direction);
        }
        if (next != old) {
            moved(id, next, TcpState.isActive(next), next == TcpState.ESTABLISHED);
        }
        return timeouts.of(c.slot).tcpTicks(next);
    }

    /** Counts how the real server answers: with a RST, not at all so that the SYN comes again, or as it should. */
    private void handshake(int id, int next, int tcpFlags, int direction) {
        if (!hasDestination(id)) {
            return;
        }
        if (next == TcpState.ESTABLISHED) {
            answers.count(table.destinationSlot(id), Answers.OPENED);
        } else if (direction == OUTPUT) {
            table.changeFlags(id, ConnectionFlags.REPLIED, 0);
            if (next == TcpState.CLOSE) {
                answers.count(table.destinationSlot(id), Answers.REFUSED);
            }
        } else if ((tcpFlags & TcpFlags.SYN) != 0 && !table.hasFlags(id, ConnectionFlags.REPLIED)) {
            answers.count(table.destinationSlot(id), Answers.UNANSWERED);
        }
    }

    private int sctp(PacketContext c, ParsedPacket p, int direction) {
        final int id = c.connection;
        final int old = table.state(id);
        final int event = SctpStateTable.event(p.sctpChunkType, SctpChunks.second(p));
        final int next = SctpStateTable.next(seen(id, table.recordAddress(id), direction), old, event);
        if (next != old) {
            moved(id, next, SctpState.isActive(next), next == SctpState.ESTABLISHED);
        }
        return timeouts.of(c.slot).sctpTicks(next);
    }

    private void moved(int id, int next, boolean active, boolean established) {
        active(id, active);
        if (established) {
            assure(id);
        }
        table.state(id, next);
    }

    /** While no reply was seen, the client's packets are judged without one; the first reply ends that. */
    private int seen(int id, long record, int direction) {
        if (!HotRecord.hasFlags(record, ConnectionFlags.NOOUTPUT)) {
            return direction;
        }
        if (direction == OUTPUT) {
            table.changeFlags(id, 0, ConnectionFlags.NOOUTPUT);
            return OUTPUT;
        }
        return TcpStateTable.INPUT_ONLY;
    }

    /** A flow that really came about vouches for the template that controls it. */
    private void assure(int id) {
        final int template = table.controller(id);
        if (template != ConnectionTable.NONE && table.isTemplate(template)) {
            table.changeFlags(template, ConnectionFlags.ASSURED, 0);
        }
    }

    private void active(int id, boolean active) {
        final boolean wasActive = !table.hasFlags(id, ConnectionFlags.INACTIVE);
        if (active == wasActive || !hasDestination(id)) {
            return;
        }
        final int slot = table.destinationSlot(id);
        final SlotCounters c = load.counters();
        c.add(slot, SlotCounters.ACTIVE, active ? 1 : -1);
        c.add(slot, SlotCounters.INACTIVE, active ? -1 : 1);
        table.changeFlags(id, active ? 0 : ConnectionFlags.INACTIVE, active ? ConnectionFlags.INACTIVE : 0);
        if (shadows.any()) {
            shadows.moved(id, slot, active);
        }
    }

    /** Is the connection bound to a destination of ours (a bypass has none)? */
    boolean hasDestination(int id) {
        return table.destinationSlot(id) != ConnectionTable.NO_DESTINATION;
    }

    /** Sets a template's own timeout and starts it. */
    void startTemplate(int id, int ticks, int nowTick) {
        table.extra(id, ticks);
        table.schedule(id, nowTick, ticks);
    }

    /** A template was used: its timer starts again. */
    void touchTemplate(int id, int nowTick) {
        table.schedule(id, nowTick, table.extra(id));
    }

    /**
     * Ends a connection with the next tick, as the kernel's timer does: until then a reply still finds it, and a new
     * connection of the same client end is found before it.
     */
    void expireNow(int id, int nowTick) {
        table.schedule(id, nowTick, 1);
    }

    /**
     * With expire_nodest_conn, ends the connections of deleted real servers, a slice at a time: a full tick after the first
     * turn that sees the deletion. As the kernel's delayed work: one that waits already is not put off.
     */
    void continueExpiring(int nowTick) {
        if (expiryRequested && !expiryWaits) {
            expiryRequested = false;
            expiryWaits = true;
            expireFromTick = nowTick + FULL_TICK;
        }
        if (expiryWaits && Ticks.reached(expireFromTick, nowTick)) {
            expiryWaits = false;
            expiryRequested = false;
            unavailable.reset();
            expiringUnavailable = true;
        }
        if (expiringUnavailable) {
            expireSlice();
        }
    }

    private void expireSlice() {
        final int until = unavailable.position() + EXPIRE_SLICE;
        while (!unavailable.isDone() && unavailable.position() < until) {
            final int id = unavailable.next(until - unavailable.position());
            if (id != ConnectionTable.NONE && isWithoutServer(id)) {
                endWithTemplate(id);
            }
        }
        expiringUnavailable = !unavailable.isDone();
    }

    private boolean isWithoutServer(int id) {
        return hasDestination(id)
                && table.controlled(id) == 0
                && !snapshot.destinations().isAvailable(table.destinationSlot(id));
    }

    void endWithTemplate(int id) {
        final int template = table.controller(id);
        end(id);
        if (template != ConnectionTable.NONE && table.controlled(template) == 0) {
            end(template);
        }
    }

    /** Ends a connection at once, and what controlled it if that has no other, unless it is a template that proved itself. */
    void endUnproven(int id) {
        final int template = table.controller(id);
        counters.increment(PathCounters.SACRIFICED);
        end(id);
        if (template != ConnectionTable.NONE
                && table.controlled(template) == 0
                && !table.hasFlags(template, ConnectionFlags.ASSURED)) {
            counters.increment(PathCounters.SACRIFICED);
            end(template);
        }
    }

    /** Waits for its first packet, as a socket that listens: an FTP data connection that was announced. */
    void listen(int id, int nowTick) {
        table.state(id, TcpState.LISTEN);
        table.schedule(id, nowTick, timeouts.of(table.destinationSlot(id)).tcpTicks(TcpState.LISTEN));
    }

    /** How long the connection lives on after a packet, as its state is now. */
    int timeoutTicks(int id) {
        return timeouts.of(table.destinationSlot(id)).ticks(table.protocol(id), table.state(id));
    }

    /** Counts a client's packet where the defence wants to know; a sync master counts by itself. */
    void countPacket(int id) {
        if (countsPackets()) {
            table.countPacket(id);
        }
    }

    /** See {@link #countPacket}. */
    boolean countsPackets() {
        return defence.countsPackets() && !sync.isOn();
    }

    /** The snapshot's. */
    Timeouts timeouts() {
        return timeouts;
    }

    /** Ends a connection at once, unless it controls others: counted out, unlinked from its template, its record free. */
    void end(int id) {
        if (table.controlled(id) == 0) {
            release(id);
            table.remove(id);
        }
    }

    /** What to do when a record's time is up; see ExpiryHandler. */
    int onExpiry(int id, int tick) {
        if (table.controlled(id) > 0) {
            if (table.isTemplate(id)) {
                table.extra(id, STILL_CONTROLLING_TICKS);
            }
            sync.goesOn(id, tick);
            return STILL_CONTROLLING_TICKS;
        }
        release(id);
        return 0;
    }

    /** Counts a record out that is taken out of the table, or will be. */
    void release(int id) {
        callIds.forget(id);
        if (hasDestination(id)) {
            unbind(id);
        }
        counters.increment(PathCounters.EXPIRED);
    }

    private void unbind(int id) {
        final int slot = table.destinationSlot(id);
        final int flags = table.flags(id);
        final int counter;
        if ((flags & ConnectionFlags.TEMPLATE) != 0) {
            counter = SlotCounters.PERSISTENT;
        } else {
            counter = (flags & ConnectionFlags.INACTIVE) != 0 ? SlotCounters.INACTIVE : SlotCounters.ACTIVE;
        }
        load.counters().add(slot, counter, -1);
        if (shadows.any()) {
            if (counter == SlotCounters.PERSISTENT) {
                shadows.forget(id);
            } else {
                shadows.closed(id, slot, counter == SlotCounters.ACTIVE);
            }
        }
        final Destination destination = snapshot.destinations().destination(slot);
        if (destination != null && load.isOverloaded(slot) && OverloadRule.clearsAtUnbind(destination, load)) {
            load.setOverloaded(slot, false);
        }
    }

    /** Counts a new connection at destination and service. */
    void countNew(int id) {
        final int slot = table.destinationSlot(id);
        final int service = snapshot.destinations().serviceSlot(slot);
        if (service != DestinationTable.NO_SERVICE) {
            load.counters().add(slot, SlotCounters.CONNS, 1);
            services.add(service, SlotCounters.CONNS, 1);
        }
        counters.increment(PathCounters.CONNECTIONS);
    }

    /** Counts a packet of the client. */
    void countIn(PacketContext c, int bytes) {
        count(c.slot, SlotCounters.IN_PKTS, SlotCounters.IN_BYTES, bytes);
    }

    /** Where packets are counted by destination slot. */
    SlotCounters destinationCounters() {
        return load.counters();
    }

    /** Where packets are counted by service slot. */
    SlotCounters serviceCounters() {
        return services;
    }

    /** Counts a packet of the real server. */
    void countOut(PacketContext c, int bytes) {
        count(c.slot, SlotCounters.OUT_PKTS, SlotCounters.OUT_BYTES, bytes);
    }

    /** As the kernel: only while the destination is in service. */
    private void count(int slot, int packetCounter, int byteCounter, int bytes) {
        final int service = snapshot.destinations().serviceSlot(slot);
        if (service != DestinationTable.NO_SERVICE) {
            load.counters().count(slot, packetCounter, byteCounter, bytes);
            services.count(service, packetCounter, byteCounter, bytes);
        }
    }
}
