package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.RouteTable;
import io.weir.dataplane.sync.SyncMaster;
import io.weir.packet.DirectBytes;
import io.weir.packet.PlainPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.DestinationTable;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.UnsafeApi;

/**
 * The short way of nearly every packet: a plain one for a VIP, of a connection whose state it leaves as it is, towards a
 * real server that another packet went to a moment ago.
 *
 * <p>Nothing is decided here. What the long way ({@link PacketPath}) found out about a destination is kept as a row, for
 * {@link #HOLD_NS} and until configuration, neighbours or path MTU change. A packet for which every condition holds leaves
 * with the same bytes, counts and timer as by the long way; any other one is untouched and goes there.
 *
 * <p><b>Layout</b> of a row, 8 words, a cache line: until when (ns); the shape, 0 for none; 14 bytes of link header in two
 * words; the forwarding method's two. Rows lie outside the heap, where the compiler neither checks an index nor thinks that a
 * store could have changed a field. <b>Owner</b>: one worker.
 */
final class EstablishedPath {
    static final long HOLD_NS = 100_000_000L;
    /** Headroom that a frame must have: for a link header, where it came without, and what a method puts in front. */
    static final int HEADROOM = 56;

    private static final int ROW_SHIFT = 6;
    private static final int ROW_BYTES = 1 << ROW_SHIFT;
    private static final int UNTIL = 0;
    private static final int SHAPE = 8;
    private static final int LINK_HI = 16;
    private static final int LINK_LO = 24;
    private static final int OF_METHOD = 32;

    // The shape: most bytes of layer 3, 16 bits; egress, 12; method code, 4; service slot, 31; without a link layer, 1.
    private static final int LENGTH = 0xFFFF;
    private static final int EGRESS_SHIFT = 16;
    private static final int EGRESS = 0xFFF;
    private static final int CODE_SHIFT = 28;
    private static final int CODE = 0xF;
    private static final int SERVICE_SHIFT = 32;
    private static final long LOW_32 = 0xFFFF_FFFFL;

    /** Connections whose packets want more than their bytes changed. */
    private static final int RARE = ConnectionFlags.ONE_PACKET
            | ConnectionFlags.FTP
            | ConnectionFlags.NO_CPORT
            | ConnectionFlags.ELSEWHERE
            | ConnectionFlags.SEQ_MASK;

    private final ConnectionTable table;
    private final Connections connections;
    private final SlotCounters destinationCounters;
    private final SlotCounters serviceCounters;
    private final SyncMaster sync;
    private final Egress egress;
    private final NeighbourTable neighbours;
    private final ForwardingMethod[] methods;
    private final UnmovedStates unmoved = new UnmovedStates();

    /** Holds the memory that {@link #rows} is the address of. */
    private ByteBuffer memory = ByteBuffer.allocateDirect(0);

    private long rows;
    /** The slots whose rows say something: forgetting them costs what was learnt, not what the table could hold. */
    private int[] learnt = new int[0];

    private int learntCount;
    private int slots;
    private int changes;
    private long nowNs;
    private int nowTick;
    /** Does somebody want to know of each packet? */
    private boolean counting;

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
        this.destinationCounters = connections.destinationCounters();
        this.serviceCounters = connections.serviceCounters();
        this.sync = sync;
        this.egress = egress;
        this.neighbours = neighbours;
        this.methods = methods;
    }

    /** Takes a new configuration: nothing is known of it. */
    void snapshot(ConfigSnapshot snapshot) {
        slots = snapshot.destinations().capacity();
        if (learnt.length < slots) {
            memory = BufferUtil.allocateDirectAligned(2 * slots * ROW_BYTES, ROW_BYTES);
            rows = BufferUtil.address(memory);
            learnt = new int[2 * slots];
            learntCount = 0;
        }
        forget();
    }

    /** A batch begins. */
    void begin(long batchNs) {
        nowNs = batchNs;
        nowTick = Ticks.ofNanos(batchNs);
        unmoved.take(connections.timeouts(), connections.tcpStates());
        counting = sync.isOn() || connections.countsPackets();
        final int now = neighbours.changes() + egress.pathMtu().changes();
        if (now != changes) {
            changes = now;
            forget();
        }
    }

    private void forget() {
        for (int i = 0; i < learntCount; i++) {
            UnsafeApi.putLong(row(learnt[i]) + SHAPE, 0);
        }
        learntCount = 0;
    }

    private long row(int slot) {
        return rows + ((long) slot << ROW_SHIFT);
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

    /**
     * Sends frames of a batch in their order.
     *
     * @param from the first of them
     * @return the first that must go the long way, or the batch's size
     */
    int forward(PacketBatch batch, int from, Intake intake) {
        final int to = intake.isCurrent() ? batch.size : from;
        int i = from;
        // One loop that the compiler takes in whole, with all it calls: what a batch has in common is found once, not
        // for each packet.
        for (; i < to; i++) {
            final long ip = intake.usual(i);
            final long record = intake.record(i);
            if (ip == 0) {
                break;
            }
            final boolean v4 = PlainPacket.isV4(ip);
            final int packed = HotRecord.packed(record);
            final int slot = HotRecord.slotOf(packed);
            if (slot >= slots || !isOf(record, ip, v4)) {
                break;
            }
            final long row = row(slot);
            final long shape = UnsafeApi.getLong(row + SHAPE);
            final int code = (int) (shape >>> CODE_SHIFT) & CODE;
            final int ticks = ticks(record, packed, ip, v4);
            final int length = PlainPacket.length(ip, v4);
            if (length > (shape & LENGTH)
                    || code != HotRecord.methodOf(packed)
                    || nowNs - UnsafeApi.getLong(row + UNTIL) >= 0
                    || ticks < 0) {
                break;
            }
            final int id = intake.candidate(i);
            final int added = methods[code].shortIn(ip, v4, id, record, row + OF_METHOD);
            if (added == ForwardingMethod.NO_SHORT_WAY) {
                break;
            }
            destinationCounters.count(slot, SlotCounters.IN_PKTS, SlotCounters.IN_BYTES, length);
            serviceCounters.count(service(shape), SlotCounters.IN_PKTS, SlotCounters.IN_BYTES, length);
            table.expireAt(id, record, nowTick + ticks);
            if (counting) {
                count(id);
            }
            batch.connection[i] = id;
            batch.length[i] = added + length + (shape > 0 ? LinkHeader.BYTES : 0);
            send(batch, i, ip - added, row, shape);
        }
        forwarded += i - from;
        return i;
    }

    /** Is this the record of the packet's connection, one whose packets want no more than their bytes changed? */
    private static boolean isOf(long record, long ip, boolean v4) {
        final int protocol = PlainPacket.protocol(ip, v4);
        final int ports = PlainPacket.ports(ip, v4);
        final int source = ports >>> 16;
        final int destination = ports & 0xFFFF;
        if (v4) {
            final long client = PlainPacket.source4(ip);
            return ConnectionTable.isOf(
                    record, protocol, 0, client, source, 0, PlainPacket.destination4(ip), destination, RARE);
        }
        return ConnectionTable.isOf(
                record,
                protocol,
                DirectBytes.getLong(ip + 8),
                DirectBytes.getLong(ip + 16),
                source,
                DirectBytes.getLong(ip + 24),
                DirectBytes.getLong(ip + 32),
                destination,
                RARE);
    }

    private static int service(long shape) {
        return (int) (shape >>> SERVICE_SHIFT) & Integer.MAX_VALUE;
    }

    /** Negative if the packet does more than restart a timer. */
    private int ticks(long record, int packed, long ip, boolean v4) {
        final int protocol = PlainPacket.protocol(ip, v4);
        if (protocol != ProtocolNumbers.TCP) {
            return unmoved.udp(HotRecord.slotOf(packed));
        }
        final boolean noOutput = HotRecord.hasFlags(record, ConnectionFlags.NOOUTPUT);
        return unmoved.tcp(noOutput, PlainPacket.tcpFlags(ip, v4), HotRecord.stateOf(packed), HotRecord.slotOf(packed));
    }

    private void count(int id) {
        connections.countPacket(id);
        sync.packet(id, nowTick);
    }

    /** The IP packet begins at {@code packet} now; puts the link header in front. */
    private static void send(PacketBatch batch, int i, long packet, long row, long shape) {
        long begin = packet;
        if (shape > 0) {
            begin -= LinkHeader.BYTES;
            final long rest = UnsafeApi.getLong(row + LINK_LO);
            UnsafeApi.putLong(begin, UnsafeApi.getLong(row + LINK_HI));
            UnsafeApi.putInt(begin + 8, (int) rest);
            UnsafeApi.putShort(begin + 12, (short) (rest >>> Integer.SIZE));
        }
        final int before = batch.offset[i];
        final int offset = (int) (begin - batch.buffer[i].addressOffset());
        batch.offset[i] = offset;
        batch.headroom[i] += offset - before;
        batch.egress[i] = (int) (shape >>> EGRESS_SHIFT) & EGRESS;
        batch.verdict[i] = PacketBatch.TRANSMIT;
    }

    /** Keeps what a simple packet of a destination's connection found out that has just got its link header. */
    void learn(PacketContext c) {
        if (c.slot >= slots) {
            return;
        }
        final long row = row(c.slot);
        final boolean noted = UnsafeApi.getLong(row + SHAPE) != 0;
        if (noted && nowNs - UnsafeApi.getLong(row + UNTIL) < 0) {
            return;
        }
        UnsafeApi.putLong(row + SHAPE, 0);
        final int code = HotRecord.methodCode(c.record);
        final int overhead = methods[code].prepareShort(c, row + OF_METHOD);
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
            final long rest = (c.buffer.getShort(at + 12) & 0xFFFFL) << Integer.SIZE | c.buffer.getInt(at + 8) & LOW_32;
            UnsafeApi.putLong(row + LINK_HI, c.buffer.getLong(at));
            UnsafeApi.putLong(row + LINK_LO, rest);
        } else {
            shape |= Long.MIN_VALUE;
        }
        if (!noted) {
            note(c.slot);
        }
        UnsafeApi.putLong(row + SHAPE, shape);
        UnsafeApi.putLong(row + UNTIL, nowNs + HOLD_NS);
    }
}
