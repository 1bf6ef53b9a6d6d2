package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.segment.Reassembler;
import io.weir.packet.ParsedPacket;
import io.weir.sched.Flow;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One packet on its way through the path: where its bytes are, what was read of them, whose connection it belongs to.
 *
 * <p><b>Owner</b>: one worker; reused for every packet. Forwarding methods rewrite the bytes and may move
 * {@link #l3Offset} (into the headroom) and {@link #l3Length}; {@link Egress} then sends what these say.
 */
public final class PacketContext {
    public ConfigSnapshot snapshot;
    /** The snapshot's interfaces, as an array: every packet asks for two of them. */
    InterfaceInfo[] interfaces = {};

    public long nowNs;
    public int nowTick;

    public PacketBatch batch;
    /** Index in the batch. */
    public int index;
    /** The headers as they were received. */
    public ParsedPacket packet;

    /** The bytes to send: {@link #l3Length} bytes at {@link #l3Offset}, with {@link #headroom} free bytes before them. */
    public UnsafeBuffer buffer;

    public int l3Offset;
    public int l3Length;
    public int headroom;
    public int etherType;

    public int mark;
    /** Record id, or NONE; set by {@link #use}. */
    public int connection;
    /** Where the connection's hot line lies (HotRecord); means something only with a connection. */
    public long record;
    /** The connection's destination slot; as {@link #record}. */
    public int slot;
    /** The connection this packet ended, so that it was scheduled anew; or NONE. */
    public int superseded;
    /** A plain packet without offloads or tag: it leaves as it is, if it fits. */
    boolean simple;
    /** This is an ICMP error about the connection, not one of its packets. */
    public boolean icmpError;
    /** The largest fragment a reassembled packet arrived in, bytes of layer 3; 0 if it came whole. */
    public int largestFragment;
    /** Has the fragments it came in, if this worker has put them together; means something only with {@link #largestFragment}. */
    public @Nullable Reassembler pieces;
    /** Leaves with a fragment header even if it is one piece; means something only with {@link #largestFragment}. */
    public boolean alwaysCut;
    /** The bytes lie in the fragment store: they must be copied out before the next packet is looked at. */
    public boolean reassembled;
    /** The flow that decides: the packet's, or that of the packet an ICMP error quotes. */
    public final Flow flow = new Flow();

    private boolean hookedIpv4;
    private boolean hookedIpv6;
    /** There was an IPv6 service once. */
    private boolean gathersIpv6;

    @SuppressWarnings("NullAway.Init") // filled by start() before any use
    public PacketContext() {}

    /** Takes a new configuration; between batches. */
    void take(ConfigSnapshot next) {
        snapshot = next;
        interfaces = next.interfaces().toArray(new InterfaceInfo[0]);
        hookedIpv4 = next.isHooked(true);
        hookedIpv6 = next.isHooked(false);
        gathersIpv6 |= hookedIpv6;
    }

    /** Does the director look at packets of this one's family at all ({@link ConfigSnapshot#isHooked})? */
    boolean isHooked() {
        return packet.isV4() ? hookedIpv4 : hookedIpv6;
    }

    /**
     * Are fragments of this one's family gathered, also those that only pass through? Of IPv4 IPVS gathers them itself; for
     * IPv6 the first service has the kernel gather them, and it goes on when the last is gone (nf_defrag_ipv6_enable()).
     */
    boolean isGathered() {
        return packet.isV4() ? hookedIpv4 : gathersIpv6;
    }

    /** Points at frame {@code i} of the batch. */
    void start(PacketBatch frames, int i, ParsedPacket parsed) {
        batch = frames;
        index = i;
        mark = 0;
        connection = ConnectionTable.NONE;
        superseded = ConnectionTable.NONE;
        icmpError = false;
        largestFragment = frames.largestFragment;
        alwaysCut = false;
        pieces = null;
        reassembled = false;
        follow(parsed, frames.buffer[i], frames.headroom[i] + parsed.linkHeaderLength);
    }

    /** Goes on with these headers in this memory: a frame's, or a reassembled packet's. */
    void follow(ParsedPacket parsed, UnsafeBuffer memory, int freeBytes) {
        packet = parsed;
        buffer = memory;
        l3Offset = parsed.l3Offset;
        l3Length = parsed.l3Length;
        headroom = freeBytes;
        etherType = parsed.etherType;
    }

    /** This packet belongs to this connection. */
    void use(ConnectionTable table, int id) {
        connection = id;
        record = table.recordAddress(id);
        slot = HotRecord.destinationSlot(record);
    }

    /** What is known of the way to the connection's destination is not this packet's. */
    public void goesElsewhere() {
        simple = false;
    }

    /** Takes the packet's own flow as the one that decides. */
    void flowFromPacket() {
        flow.protocol = packet.protocol;
        flow.srcHi = packet.srcHi;
        flow.srcLo = packet.srcLo;
        flow.srcPort = packet.srcPort;
        flow.dstHi = packet.dstHi;
        flow.dstLo = packet.dstLo;
        flow.dstPort = packet.dstPort;
        flow.embedded = false;
    }

    /** Is this a super-frame, whose payload leaves in several segments? */
    public boolean isSuperFrame() {
        return batch.segmentSize[index] > 0;
    }

    /** Bytes of layer 3 of the largest packet that will be on the wire. */
    public int wireLength() {
        return isSuperFrame()
                ? packet.l3HeaderLength + packet.tcpHeaderLength + batch.segmentSize[index]
                : packet.l3Length;
    }

    /** Notes why and returns {@link PacketBatch#DROP}. */
    public int drop(DropReason reason) {
        batch.reason[index] = reason.code();
        return PacketBatch.DROP;
    }
}
