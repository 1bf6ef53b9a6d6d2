package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;

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

    private final ConnectionTable table;
    private final PacketParser parser = new PacketParser();
    private final VipCheck vips = new VipCheck();
    private final ParsedPacket[] parsed = new ParsedPacket[PacketBatch.CAPACITY];
    private final int[] status = new int[PacketBatch.CAPACITY];
    private final int[] kind = new int[PacketBatch.CAPACITY];
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
        for (int i = 0; i < batch.size; i++) {
            parse(batch, i);
        }
        touch(batch.size);
    }

    private void parse(PacketBatch batch, int i) {
        final ParsedPacket p = parsed[i];
        final boolean ethernet = interfaces[batch.ingress[i]].linkLayer();
        final int result = parser.parse(batch.buffer[i], batch.offset[i], batch.length[i], ethernet, p);
        status[i] = result;
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
        kind[i] = (toVip ? TO_VIP : 0) | (p.isPlain() ? plain(batch, i, p, toVip) : 0);
        hash[i] = found;
        window[i] = table.window(found);
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

    ParsedPacket packet(int i) {
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

    /** Is it plain, for a VIP, and as simple as can be: one for {@link EstablishedPath}? */
    boolean isUsual(int i) {
        return (kind[i] & (PLAIN | SIMPLE)) == (PLAIN | SIMPLE);
    }

    /** Where in memory the record lies that {@link #hint} tells of. */
    long record(int i) {
        return record[i];
    }

    /** The table's hash of the client: the source of a packet for a VIP, the destination of any other. */
    long hash(int i) {
        return hash[i];
    }

    /** The record that the frame probably belongs to, or NONE if the table is no longer what it was then. */
    int hint(int i) {
        return table.changes() == changes ? candidate[i] : ConnectionTable.NONE;
    }

    /** What was loaded, summed: worth nothing in itself. */
    int sum() {
        return sum;
    }
}
