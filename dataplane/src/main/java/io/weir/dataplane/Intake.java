package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.PlainPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The first passes over a batch: headers are parsed, and what the decisions will read of the table comes into the cache.
 *
 * <p>Java has no prefetch instruction; plain loads that nothing waits for do the same. They must stand in tight loops of
 * their own: only so are many cache misses under way at once. <b>Owner</b>: one worker.
 */
final class Intake {
    private static final int TO_VIP = 1;
    private static final int PLAIN = 2;
    private static final int SIMPLE = 4;
    private static final int USUAL = PLAIN | SIMPLE;

    private final ConnectionTable table;
    private final PacketParser parser = new PacketParser();
    private final VipCheck vips = new VipCheck();
    private final ParsedPacket[] parsed = new ParsedPacket[PacketBatch.CAPACITY];
    private final boolean[] isParsed = new boolean[PacketBatch.CAPACITY];
    private final int[] status = new int[PacketBatch.CAPACITY];
    private final int[] kind = new int[PacketBatch.CAPACITY];
    private final long[] usual = new long[PacketBatch.CAPACITY];
    private final long[] hash = new long[PacketBatch.CAPACITY];
    private final long[] window = new long[PacketBatch.CAPACITY];
    private final int[] candidate = new int[PacketBatch.CAPACITY];
    private final long[] record = new long[PacketBatch.CAPACITY];

    private InterfaceInfo[] interfaces = {};
    private boolean hasLocalAddresses;
    /** Plain packets for a VIP need not be asked what else they might be: no VIP is a FULLNAT local address too. */
    private boolean plainIpv4IsBalanced;

    private boolean plainIpv6IsBalanced;

    private int changes;
    /** Keeps the loads from being optimised away. */
    private int sum;

    Intake(ConnectionTable table) {
        this.table = table;
        for (int i = 0; i < parsed.length; i++) {
            parsed[i] = new ParsedPacket();
        }
    }

    /** Takes a new configuration; between batches. */
    void snapshot(ConfigSnapshot snapshot) {
        interfaces = snapshot.interfaces().toArray(new InterfaceInfo[0]);
        vips.take(snapshot.vips());
        hasLocalAddresses = !snapshot.localAddresses().isEmpty();
        final boolean balances = !snapshot.isPassive() && !hasLocalVip(snapshot);
        plainIpv4IsBalanced = balances && snapshot.isHooked(true);
        plainIpv6IsBalanced = balances && snapshot.isHooked(false);
    }

    private static boolean hasLocalVip(ConfigSnapshot snapshot) {
        for (int i = 0; i < snapshot.localAddresses().size(); i++) {
            final IpAddress local = snapshot.localAddresses().get(i);
            if (snapshot.vips().contains(local.hi(), local.lo())) {
                return true;
            }
        }
        return false;
    }

    /** Goes over the whole batch. */
    void read(PacketBatch batch) {
        if (UnsafeBuffer.SHOULD_BOUNDS_CHECK) {
            check(batch);
        }
        for (int i = readUsual(batch, 0); i < batch.size; i = readUsual(batch, i + 1)) {
            parse(batch, i);
        }
        touch(batch.size);
    }

    /** What is read by address must be there. */
    private static void check(PacketBatch batch) {
        for (int i = 0; i < batch.size; i++) {
            batch.buffer[i].boundsCheck(batch.offset[i] - batch.headroom[i], batch.headroom[i] + batch.length[i]);
        }
    }

    /**
     * Goes over frames of the most usual kind, from one on; the first of another kind, or the batch's size. What is plain over
     * IPv4, for a VIP, and opens nothing need not be parsed, unless it must go the long way.
     */
    private int readUsual(PacketBatch batch, int from) {
        final int to = plainIpv4IsBalanced && batch.largestFragment == 0 ? batch.size : from;
        int i = from;
        for (; i < to; i++) {
            final InterfaceInfo in = interfaces[batch.ingress[i]];
            final long frame = batch.buffer[i].addressOffset() + batch.offset[i];
            final int link = in.linkLayer() ? LinkHeader.BYTES : 0;
            final long ip = frame + link;
            if ((batch.vlanTci[i] & batch.checksumStart[i]) >= 0
                    || batch.segmentSize[i] != 0
                    || batch.headroom[i] < EstablishedPath.HEADROOM
                    || !PlainPacket.isWholeIpv4(ip, batch.length[i] - link)
                    || link != 0 && !LinkHeader.isIpv4For(frame, in.mac())
                    || !mayBeEstablished(ip)) {
                break;
            }
            final long found = table.hash(
                    PlainPacket.protocol(ip, true), 0, PlainPacket.source4(ip), PlainPacket.ports(ip, true) >>> 16);
            isParsed[i] = false;
            status[i] = ParseStatus.OK;
            kind[i] = TO_VIP | USUAL;
            usual[i] = ip;
            hash[i] = found;
            window[i] = table.window(found);
        }
        return i;
    }

    private boolean mayBeEstablished(long ip) {
        return vips.contains(0, PlainPacket.destination4(ip))
                && PlainPacket.ttl(ip, true) > 1
                && (PlainPacket.protocol(ip, true) != ProtocolNumbers.TCP
                        || (PlainPacket.tcpFlags(ip, true) & TcpFlags.SYN) == 0);
    }

    private void parse(PacketBatch batch, int i) {
        final ParsedPacket p = parsed[i];
        isParsed[i] = true;
        final InterfaceInfo in = interfaces[batch.ingress[i]];
        final int result = parser.parse(batch.buffer[i], batch.offset[i], batch.length[i], in.linkLayer(), p);
        status[i] = result;
        usual[i] = 0;
        if (result != ParseStatus.OK) {
            kind[i] = 0;
            hash[i] = 0;
            window[i] = table.window(0);
            return;
        }
        final boolean toVip = vips.contains(p.dstHi, p.dstLo);
        final long found = toVip
                ? table.hash(p.protocol, p.srcHi, p.srcLo, p.srcPort)
                : table.hash(p.protocol, p.dstHi, p.dstLo, p.dstPort);
        final int traits = p.isPlain() ? plain(batch, i, p, toVip) : 0;
        kind[i] = (toVip ? TO_VIP : 0) | traits;
        if (traits == USUAL && p.ttl > 1 && batch.headroom[i] >= EstablishedPath.HEADROOM && isFor(in, batch, i)) {
            usual[i] = batch.buffer[i].addressOffset() + p.l3Offset;
        }
        hash[i] = found;
        window[i] = table.window(found);
    }

    /** Is the frame addressed to the interface it came in by, if that has addresses? */
    private static boolean isFor(InterfaceInfo in, PacketBatch batch, int i) {
        return !in.linkLayer() || LinkHeader.destination(batch.buffer[i], batch.offset[i]) == in.mac();
    }

    private int plain(PacketBatch batch, int i, ParsedPacket p, boolean toVip) {
        final boolean untouched = (p.vlanTci & batch.vlanTci[i] & batch.checksumStart[i]) < 0
                && (batch.segmentSize[i] | batch.largestFragment) == 0;
        final boolean balanced = toVip && (p.isV4() ? plainIpv4IsBalanced : plainIpv6IsBalanced);
        return (balanced ? PLAIN : 0) | (untouched ? SIMPLE : 0);
    }

    /** Touches the index lines of the hashes, then the records they lead to. */
    private void touch(int size) {
        int loaded = 0;
        for (int i = 0; i < size; i++) {
            loaded += ConnectionTable.touch(window[i]);
        }
        for (int i = 0; i < size; i++) {
            candidate[i] = table.candidate(window[i], hash[i]);
            record[i] = table.recordAddress(candidate[i]);
        }
        if (hasLocalAddresses) {
            // FULLNAT reads the other halves too
            for (int i = 0; i < size; i++) {
                loaded += ConnectionTable.touchRecord(record[i]) + table.localPort(candidate[i]);
            }
        } else {
            for (int i = 0; i < size; i++) {
                loaded += ConnectionTable.touchRecord(record[i]);
            }
        }
        sum += loaded;
        changes = table.changes();
    }

    /** The frame's headers; it is parsed now, if that was not necessary until now. */
    ParsedPacket packet(PacketBatch batch, int i) {
        if (!isParsed[i]) {
            parse(batch, i);
        }
        return parsed[i];
    }

    /** Of {@link ParseStatus}. */
    int status(int i) {
        return status[i];
    }

    /** Is it for a VIP? */
    boolean isToVip(int i) {
        return (kind[i] & TO_VIP) != 0;
    }

    /** Is it a plain packet for a VIP, which can only belong to a connection or make one? */
    boolean isPlain(int i) {
        return (kind[i] & PLAIN) != 0;
    }

    /** A plain packet without offloads or tag: it leaves as it is, if it fits. */
    boolean isSimple(int i) {
        return (kind[i] & SIMPLE) != 0;
    }

    /**
     * Where in memory the IP header of a frame lies that is one for {@link EstablishedPath}, as far as itself can tell: plain, for a VIP, simple,
     * for this host, with a TTL left and room in front; else 0.
     */
    long usual(int i) {
        return usual[i];
    }

    /** Where in memory the record lies that {@link #candidate} tells of. */
    long record(int i) {
        return record[i];
    }

    /** The table's hash of the client: the source of a packet for a VIP, the destination of any other. */
    long hash(int i) {
        return hash[i];
    }

    /** The record that the frame probably belongs to, or NONE if the table is no longer what it was then. */
    int hint(int i) {
        return isCurrent() ? candidate[i] : ConnectionTable.NONE;
    }

    /** Is the table still what it was when the candidates were found? */
    boolean isCurrent() {
        return table.changes() == changes;
    }

    /** The record that the frame probably belongs to, while {@link #isCurrent}. */
    int candidate(int i) {
        return candidate[i];
    }

    /** What was loaded, summed: worth nothing in itself. */
    int sum() {
        return sum;
    }
}
