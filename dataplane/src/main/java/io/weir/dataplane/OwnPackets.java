package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.host.BareSegments;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends packets of the director's own making: to anybody, or to a connection's real server in the way its client's packets
 * go, rewritten or wrapped.
 *
 * <p>They are not counted at the connection, and do not move its state. <b>Owner</b>: one worker; no allocation.
 */
final class OwnPackets {
    private static final int HEADROOM = 256;
    private static final int MOST_BYTES = 2_048;

    private final Egress egress;
    private final FrameOutput output;
    private final ForwardingMethod[] methods;
    private final BareSegments segments = new BareSegments();
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(HEADROOM + MOST_BYTES));
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket parsed = new ParsedPacket();
    private final PacketBatch batch = new PacketBatch();
    private final PacketContext own = new PacketContext();

    OwnPackets(Egress egress, FrameOutput output, ForwardingMethod[] methods) {
        this.egress = egress;
        this.output = output;
        this.methods = methods;
    }

    void snapshot(ConfigSnapshot snapshot) {
        own.take(snapshot);
    }

    /** The configuration in force. */
    ConfigSnapshot snapshot() {
        return own.snapshot;
    }

    /** Its routes. */
    RouteTable routes() {
        return own.snapshot.routes();
    }

    /** The segment to send next: set its ends. */
    BareSegments segment() {
        return segments;
    }

    /** Sends the segment to an address. */
    void send(long hi, long lo, int flags, int sequence, int acknowledgement, int window, long nowNs) {
        if (!begin(flags, sequence, acknowledgement, window, nowNs)) {
            return;
        }
        sendTaken(hi, lo);
    }

    /** Sends the segment, which has the client's end as its sender and the VIP as its receiver, to the real server. */
    boolean sendToServer(
            ConnectionTable table, int id, int flags, int sequence, int acknowledgement, int window, long nowNs) {
        if (!begin(flags, sequence, acknowledgement, window, nowNs)) {
            return false;
        }
        return sendTakenToServer(table, id);
    }

    /** Takes somebody's packet to be sent; false if it is none. */
    boolean take(UnsafeBuffer packet, long nowNs) {
        final int length = packet.capacity();
        if (length > MOST_BYTES) {
            return false;
        }
        memory.putBytes(HEADROOM, packet, 0, length);
        return start(length, nowNs);
    }

    /** What {@link #take} has taken: its bytes may be rewritten. */
    PacketContext taken() {
        return own;
    }

    /** Sends what was taken to an address. */
    void sendTaken(long hi, long lo) {
        final int at = output.begin(parsed.l3Length);
        output.buffer().putBytes(at, memory, HEADROOM, parsed.l3Length);
        egress.emitTo(own, hi, lo, at, parsed.l3Length);
    }

    /** Sends what was taken, which has the VIP as its receiver, to the connection's real server. */
    boolean sendTakenToServer(ConnectionTable table, int id) {
        own.use(table, id);
        final int verdict = methods[HotRecord.methodCode(own.record)].in(own);
        if (verdict == PacketBatch.TRANSMIT) {
            final int at = output.begin(batch.length[0]);
            output.buffer().putBytes(at, batch.buffer[0], batch.offset[0], batch.length[0]);
            output.commit(at, batch.length[0], batch.egress[0], false, 0, 0, 0, -1);
        }
        return verdict == PacketBatch.TRANSMIT || verdict == PacketBatch.CONSUMED;
    }

    private boolean begin(int flags, int sequence, int acknowledgement, int window, long nowNs) {
        return start(segments.build(memory, HEADROOM, flags, sequence, acknowledgement, window), nowNs);
    }

    private boolean start(int length, long nowNs) {
        if (parser.parse(memory, HEADROOM, length, false, parsed) != ParseStatus.OK) {
            return false;
        }
        batch.clear();
        batch.add(memory, HEADROOM, length, HEADROOM, 0);
        own.nowNs = nowNs;
        own.start(batch, 0, parsed);
        own.goesElsewhere();
        return true;
    }
}
