package io.weir.dataplane;

import io.weir.conntrack.ConnectionCursor;
import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.host.BareSegments;
import io.weir.dataplane.host.TcpResets;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import java.nio.ByteOrder;
import java.util.BitSet;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Ends the connections of deleted real servers where the operator wants that at once: forgets them, or resets both ends.
 *
 * <p>Forgotten, a flow's next packet is one of a new connection: UDP and a repeated SYN go to another server, any other
 * TCP segment is answered with a RST.
 *
 * <p>A RST counts only with the right sequence number, which a director does not know. So it sends the client of an
 * established connection an acknowledgement of nothing, and the client answers with what it has sent and what it expects
 * (RFC 9293 section 3.10.7.4). That packet, or any other of the client, tells how to reset both ends, and ends the
 * connection. A client that says nothing for a minute is forgotten.
 *
 * <p><b>Owner</b>: one worker.
 */
public final class Endings {
    private static final int SLICE = 4096;
    private static final int MOST_ASKED = 64;
    private static final int SEQUENCE_AT = 4;
    private static final int WAIT_TICKS = 60 * Ticks.PER_SECOND;
    /** Its distance from any window a client may have is unknown, but they are small in all there is. */
    private static final int NOWHERE = 0x5A17_C0DE;

    private final Connections connections;
    private final ConnectionTable table;
    private final OwnPackets packets;
    private final Egress egress;
    private final FrameOutput output;
    private final ConnectionCursor cursor;
    private final BitSet forgotten = new BitSet();
    private final BitSet reset = new BitSet();
    private ConfigSnapshot snapshot;
    private boolean working;
    private volatile long ended;
    private volatile long resets;

    @SuppressWarnings("NullAway.Init") // snapshot is set before the first turn
    Endings(Connections connections, ConnectionTable table, OwnPackets packets, Egress egress, FrameOutput output) {
        this.connections = connections;
        this.table = table;
        this.packets = packets;
        this.egress = egress;
        this.output = output;
        this.cursor = new ConnectionCursor(table);
    }

    void snapshot(ConfigSnapshot next) {
        snapshot = next;
        packets.snapshot(next);
    }

    /**
     * Begins to end the connections of destinations; on the worker's thread ({@link Worker.Order}).
     *
     * @param slots of destinations that were deleted; one that has been added again meanwhile is left alone
     * @param resetting TCP connections that were established are reset at both ends
     */
    public void begin(int[] slots, boolean resetting) {
        for (final int slot : slots) {
            (resetting ? reset : forgotten).set(slot);
        }
        cursor.reset();
        working = true;
    }

    /** Works on with that, a slice at a time. */
    void work(long nowNs) {
        if (!working) {
            return;
        }
        final int until = cursor.position() + SLICE;
        int asked = 0;
        while (!cursor.isDone() && cursor.position() < until && asked < MOST_ASKED) {
            final int id = cursor.next(until - cursor.position());
            if (id != ConnectionTable.NONE && isConcerned(id) && !end(id, nowNs)) {
                asked++;
            }
        }
        if (cursor.isDone()) {
            working = false;
            forgotten.clear();
            reset.clear();
        }
    }

    private boolean isConcerned(int id) {
        final int slot = table.destinationSlot(id);
        return slot != ConnectionTable.NO_DESTINATION
                && (reset.get(slot) || forgotten.get(slot))
                && table.controlled(id) == 0
                && !snapshot.destinations().isAvailable(slot);
    }

    /** False if it is only asked to come to its end. */
    private boolean end(int id, long nowNs) {
        if (reset.get(table.destinationSlot(id)) && isEstablished(id)) {
            table.changeFlags(id, ConnectionFlags.RESET, 0);
            table.schedule(id, Ticks.ofNanos(nowNs), WAIT_TICKS);
            packets.segment()
                    .from(table.virtualHi(id), table.virtualLo(id), table.virtualPort(id))
                    .to(table.clientHi(id), table.clientLo(id), table.clientPort(id));
            packets.send(
                    table.clientHi(id), table.clientLo(id), TcpFlags.ACK, NOWHERE + table.clientPort(id), 0, 0, nowNs);
            return false;
        }
        forget(id);
        return true;
    }

    private boolean isEstablished(int id) {
        if (table.protocol(id) != ProtocolNumbers.TCP || table.isTemplate(id)) {
            return false;
        }
        return switch (table.state(id)) {
            case TcpState.ESTABLISHED, TcpState.FIN_WAIT, TcpState.CLOSE_WAIT, TcpState.LAST_ACK -> true;
            default -> false;
        };
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void forget(int id) {
        connections.endWithTemplate(id);
        ended++;
    }

    /** A packet of a client whose real server was deleted: dropped, as in IPVS, unless both ends are to be reset. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    int gone(PacketContext c) {
        final ParsedPacket p = c.packet;
        if (!HotRecord.hasFlags(c.record, ConnectionFlags.RESET) || p.protocol != ProtocolNumbers.TCP) {
            return c.drop(DropReason.DESTINATION_GONE);
        }
        final UnsafeBuffer b = p.buffer;
        final int sequence = b == null ? 0 : b.getInt(p.l4Offset + SEQUENCE_AT, ByteOrder.BIG_ENDIAN);
        final int at = output.begin(BareSegments.MAX_BYTES);
        final int length = TcpResets.build(output.buffer(), at, p);
        if (length > 0) {
            egress.emitTo(c, p.srcHi, p.srcLo, at, length);
        }
        packets.segment().from(p.srcHi, p.srcLo, p.srcPort).to(p.dstHi, p.dstLo, p.dstPort);
        packets.sendToServer(table, c.connection, TcpFlags.RST, sequence, 0, 0, c.nowNs);
        forget(c.connection);
        resets++;
        c.connection = ConnectionTable.NONE;
        return PacketBatch.CONSUMED;
    }

    /** Connections ended because their real server was deleted; any thread. */
    public long ended() {
        return ended;
    }

    /** Those of them that were reset at both ends; any thread. */
    public long resets() {
        return resets;
    }
}
