package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.RouteTable;
import io.weir.dataplane.sync.SyncMaster;
import io.weir.packet.DirectBytes;
import io.weir.packet.ParsedPacket;
import io.weir.service.DestinationTable;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The short way of nearly every packet: a plain one for a VIP, of a connection whose state it leaves as it is, towards a
 * real server that another packet went to a moment ago.
 *
 * <p>Nothing is decided here. What the long way ({@link PacketPath}) found out about a destination is kept as a row, for
 * {@link #HOLD_NS} and until configuration, neighbours or path MTU change. A packet for which every condition holds leaves
 * with the same bytes, counts and timer as by the long way; any other one is untouched and goes there.
 *
 * <p><b>Layout</b> of a row, 8 words: until when (ns); the shape, 0 for none; 14 bytes of link header in two words; the
 * forwarding method's two. <b>Owner</b>: one worker.
 */
final class EstablishedPath {
    static final long HOLD_NS = 100_000_000L;

    private static final int ROW = 8;
    private static final int UNTIL = 0;
    private static final int SHAPE = 1;
    private static final int LINK_HI = 2;
    private static final int LINK_LO = 3;
    private static final int OF_METHOD = 4;

    // The shape: most bytes of layer 3, 16 bits; egress, 12; method code, 4; service slot, 31; without a link layer, 1.
    private static final int LENGTH = 0xFFFF;
    private static final int EGRESS_SHIFT = 16;
    private static final int EGRESS = 0xFFF;
    private static final int CODE_SHIFT = 28;
    private static final int CODE = 0xF;
    private static final int SERVICE_SHIFT = 32;
    private static final long LOW_32 = 0xFFFF_FFFFL;
    private static final long NO_MAC = -1;
    /** Headroom that a frame must have: for a link header, where it came without, and what a method puts in front. */
    private static final int HEADROOM = 56;

    /** Connections whose packets want more than their bytes changed. */
    private static final int RARE = ConnectionFlags.ONE_PACKET
            | ConnectionFlags.FTP
            | ConnectionFlags.NO_CPORT
            | ConnectionFlags.ELSEWHERE
            | ConnectionFlags.SEQ_MASK;

    private final ConnectionTable table;
    private final Connections connections;
    private final SyncMaster sync;
    private final Egress egress;
    private final NeighbourTable neighbours;
    private final ForwardingMethod[] methods;

    private long[] rows = new long[0];
    /** The slots whose rows say something: forgetting them costs what was learnt, not what the table could hold. */
    private int[] learnt = new int[0];

    private int learntCount;
    private long[] ownMacs = new long[0];
    private int slots;
    private int changes;
    private long nowNs;
    private int nowTick;
    private long forwarded;

    EstablishedPath(
            ConnectionTable table,
            Connections connections,
            SyncMaster sync,
            Egress egress,
            NeighbourTable neighbours,
            ForwardingMethod[] methods) {
        this.table = table;
        this.connections = connections;
        this.sync = sync;
        this.egress = egress;
        this.neighbours = neighbours;
        this.methods = methods;
    }

    /** Takes a new configuration: nothing is known of it. */
    void snapshot(ConfigSnapshot snapshot) {
        slots = snapshot.destinations().capacity();
        if (rows.length < slots * ROW) {
            rows = new long[2 * slots * ROW];
            learnt = new int[2 * slots];
            learntCount = 0;
        }
        forget();
        ownMacs = new long[snapshot.interfaces().size()];
        for (int i = 0; i < ownMacs.length; i++) {
            final InterfaceInfo in = snapshot.interfaces().get(i);
            ownMacs[i] = in.linkLayer() ? in.mac() : NO_MAC;
        }
    }

    /** A batch begins. */
    void begin(long batchNs) {
        nowNs = batchNs;
        nowTick = Ticks.ofNanos(batchNs);
        final int now = neighbours.changes() + egress.pathMtu().changes();
        if (now != changes) {
            changes = now;
            forget();
        }
    }

    private void forget() {
        for (int i = 0; i < learntCount; i++) {
            rows[learnt[i] * ROW + SHAPE] = 0;
        }
        learntCount = 0;
    }

    /** A slot that was learnt and could not be learnt again may be noted twice: then it is time to begin anew. */
    private void note(int slot) {
        if (learntCount == learnt.length) {
            forget();
        }
        learnt[learntCount++] = slot;
    }

    /** Packets that went this way. */
    long forwarded() {
        return forwarded;
    }

    /** Sends frame {@code i}; false if it must go the long way. */
    boolean forward(PacketBatch batch, int i, Intake intake) {
        final ParsedPacket p = intake.packet(i);
        final long record = intake.record(i);
        final int id = intake.hint(i);
        if (!intake.isUsual(i)
                || id == ConnectionTable.NONE
                || !ConnectionTable.isOf(
                        record, p.protocol, p.srcHi, p.srcLo, p.srcPort, p.dstHi, p.dstLo, p.dstPort)) {
            return false;
        }
        final int slot = HotRecord.destinationSlot(record);
        if (slot >= slots) {
            return false;
        }
        final int row = slot * ROW;
        final long shape = rows[row + SHAPE];
        final int code = (int) (shape >>> CODE_SHIFT) & CODE;
        final long ownMac = ownMacs[batch.ingress[i]];
        final long frame = batch.buffer[i].addressOffset() + p.frameOffset;
        if (p.l3Length > (shape & LENGTH)
                || code != HotRecord.methodCode(record)
                || nowNs - rows[row + UNTIL] >= 0
                || p.ttl <= 1
                || batch.headroom[i] < HEADROOM
                || (HotRecord.flags(record) & RARE) != 0
                || ownMac != NO_MAC && DirectBytes.getLong(frame) >>> 16 != ownMac) {
            return false;
        }
        if (UnsafeBuffer.SHOULD_BOUNDS_CHECK) {
            batch.buffer[i].boundsCheck(p.frameOffset - HEADROOM, HEADROOM + p.frameLength);
        }
        final int ticks = connections.ticksIfUnmoved(record, p);
        final int added = ticks < 0
                ? ForwardingMethod.NO_SHORT_WAY
                : methods[code].shortIn(frame + p.linkHeaderLength, p, id, record, rows, row + OF_METHOD);
        if (added == ForwardingMethod.NO_SHORT_WAY) {
            return false;
        }
        connections.countIn(slot, (int) (shape >>> SERVICE_SHIFT) & Integer.MAX_VALUE, p.l3Length);
        table.schedule(id, record, nowTick, ticks);
        connections.countPacket(id);
        sync.packet(id, nowTick);
        send(batch, i, p, frame, row, added);
        batch.connection[i] = id;
        return true;
    }

    private void send(PacketBatch batch, int i, ParsedPacket p, long frame, int row, int added) {
        final long shape = rows[row + SHAPE];
        int before = p.linkHeaderLength - added;
        if (shape > 0) {
            before -= LinkHeader.BYTES;
            final long rest = rows[row + LINK_LO];
            UnsafeApi.putLong(frame + before, rows[row + LINK_HI]);
            UnsafeApi.putInt(frame + before + 8, (int) rest);
            UnsafeApi.putShort(frame + before + 12, (short) (rest >>> Integer.SIZE));
        }
        batch.headroom[i] += before;
        batch.length[i] = p.linkHeaderLength + p.l3Length - before;
        batch.offset[i] = p.frameOffset + before;
        batch.egress[i] = (int) (shape >>> EGRESS_SHIFT) & EGRESS;
        batch.verdict[i] = PacketBatch.TRANSMIT;
        forwarded++;
    }

    /** Keeps what a simple packet of a destination's connection found out that has just got its link header. */
    void learn(PacketContext c) {
        final int row = c.slot * ROW;
        if (c.slot >= slots || rows[row + SHAPE] != 0 && nowNs - rows[row + UNTIL] < 0) {
            return;
        }
        final boolean noted = rows[row + SHAPE] != 0;
        rows[row + SHAPE] = 0;
        final int code = HotRecord.methodCode(c.record);
        final int overhead = methods[code].prepareShort(c, rows, row + OF_METHOD);
        final RouteTable routes = c.snapshot.routes();
        final int route = egress.routeToDestination(c);
        final int service = c.snapshot.destinations().serviceSlot(c.slot);
        // a learnt path MTU holds until some tick; it is not kept
        if (overhead == ForwardingMethod.NO_SHORT_WAY
                || service == DestinationTable.NO_SERVICE
                || egress.mtu(c, route) != routes.mtu(route)) {
            return;
        }
        final int out = c.batch.egress[c.index];
        final int most = Math.min(routes.mtu(route), LENGTH) - overhead;
        if (out > EGRESS || overhead > HEADROOM - LinkHeader.BYTES || most <= 0) {
            return;
        }
        long shape = (long) service << SERVICE_SHIFT | (long) code << CODE_SHIFT | (long) out << EGRESS_SHIFT | most;
        if (c.interfaces[out].linkLayer()) {
            final int at = c.batch.offset[c.index];
            rows[row + LINK_HI] = c.buffer.getLong(at);
            rows[row + LINK_LO] =
                    (c.buffer.getShort(at + 12) & 0xFFFFL) << Integer.SIZE | c.buffer.getInt(at + 8) & LOW_32;
        } else {
            shape |= Long.MIN_VALUE;
        }
        if (!noted) {
            note(c.slot);
        }
        rows[row + SHAPE] = shape;
        rows[row + UNTIL] = nowNs + HOLD_NS;
    }
}
