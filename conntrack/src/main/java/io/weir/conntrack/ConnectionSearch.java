package io.weir.conntrack;

import static io.weir.conntrack.ConnectionLayout.CLIENT_HI;
import static io.weir.conntrack.ConnectionLayout.CLIENT_LO;
import static io.weir.conntrack.ConnectionLayout.DESTINATION_HI;
import static io.weir.conntrack.ConnectionLayout.FLAGS_SHIFT;
import static io.weir.conntrack.ConnectionLayout.METHOD_SHIFT;
import static io.weir.conntrack.ConnectionLayout.NIBBLE;
import static io.weir.conntrack.ConnectionLayout.PACKED;
import static io.weir.conntrack.ConnectionLayout.PORTS_FLAGS;
import static io.weir.conntrack.ConnectionLayout.PROTOCOL_MASK;
import static io.weir.conntrack.ConnectionLayout.PROTOCOL_SHIFT;
import static io.weir.conntrack.ConnectionLayout.VIRTUAL_HI;

import org.agrona.UnsafeApi;

/**
 * How a packet's connection is found.
 *
 * <p>For a whole batch at once it goes in passes, so that the cache misses overlap: {@link #window} and {@link #touch} for
 * all, {@link #candidate} and {@link #touchRecord} for all, then {@code find} with the candidate as a hint.
 *
 * <p><b>Thread</b>: the table's worker.
 */
abstract sealed class ConnectionSearch extends ConnectionRecords permits ConnectionTable {
    private static final long PORTS_MASK = 0xFFFF_FFFFL;
    private static final long REPLY_PORTS_MASK = 0xFFFF_0000_FFFFL;
    private static final long HASHED_BIT = (long) ConnectionFlags.HASHED << FLAGS_SHIFT;
    private static final long NO_CPORT_BIT = (long) ConnectionFlags.NO_CPORT << FLAGS_SHIFT;
    /** More than that many virtual addresses with one real server port need not be put in order. */
    private static final int MOST_ALIKE = 32;

    private static final int ANY_METHOD = -1;
    /** NAT, and a real server on the director itself: a bit for each method code. */
    private static final int ANSWERED_FROM_DESTINATION = 1 << 0 | 1 << 1;

    private static final long TEMPLATE_BIT = (long) ConnectionFlags.TEMPLATE << FLAGS_SHIFT;

    final HashIndex index;
    final ClientHash clientHash;
    /** Counts what comes and goes. */
    int changes;
    /** Records that wait for their client's port (NO_CPORT). */
    int noClientPorts;

    ConnectionSearch(Region hot, Region cold, HashIndex index, ClientHash clientHash) {
        super(hot, cold);
        this.index = index;
        this.clientHash = clientHash;
    }

    public ClientHash clientHash() {
        return clientHash;
    }

    /** The hash that {@code find…} and {@link ConnectionTable#insert} want: of the client side. */
    public long hash(int protocol, long clientHi, long clientLo, int clientPort) {
        return clientHash.bucket(protocol, clientHi, clientLo, clientPort);
    }

    /** Where in memory the index entries of a hash are, for {@link #touch}. */
    public long window(long hash) {
        return index.window(HashIndex.tag(hash));
    }

    /** Loads the first and the last index entry of a {@link #window}; use the result, or the load may be left out. */
    public static int touch(long window) {
        return (int) (UnsafeApi.getLong(window) + UnsafeApi.getLong(window + HashIndex.WINDOW_BYTES - Long.BYTES));
    }

    /** The first record that may belong to a hash, or 0 (which may be a stranger's); the next pass after {@link #touch}. */
    public int candidate(long window, long hash) {
        return index.first(window, HashIndex.tag(hash));
    }

    /** Where the hot line of a record is in memory, for {@link HotRecord} and {@link #touchRecord}. */
    public long recordAddress(int id) {
        return hot.address(id);
    }

    /** Loads from a hot line; use the result, or the load may be left out. */
    public static int touchRecord(long recordAddress) {
        return UnsafeApi.getInt(recordAddress + PACKED);
    }

    /** Changes whenever a record comes or goes: a {@link #candidate} of before must not be used as a hint any more. */
    public int changes() {
        return changes;
    }

    /** The same as {@link #find}, for a caller that has the hash's {@link #candidate}; NONE is no hint. */
    public int find(int hint, long hash, int protocol, long cHi, long cLo, int cPort, long vHi, long vLo, int vPort) {
        final long ports = ConnectionLayout.portsFlags(cPort, vPort, 0, ConnectionFlags.HASHED);
        return hint != NONE
                        && matches(
                                hot.address(hint),
                                protocol,
                                cHi,
                                cLo,
                                VIRTUAL_HI,
                                vHi,
                                vLo,
                                ports,
                                PORTS_MASK,
                                ANY_METHOD)
                ? hint
                : find(hash, protocol, cHi, cLo, cPort, vHi, vLo, vPort);
    }

    /**
     * Is the record at an address, one that {@link #recordAddress} gave, the connection of a client's packet, and has none of
     * some flags?
     */
    public static boolean isOf(
            long record, int protocol, long cHi, long cLo, int cPort, long vHi, long vLo, int vPort, int without) {
        final long ports = ConnectionLayout.portsFlags(cPort, vPort, 0, ConnectionFlags.HASHED);
        final long mask = PORTS_MASK | (long) without << FLAGS_SHIFT;
        return matches(record, protocol, cHi, cLo, VIRTUAL_HI, vHi, vLo, ports, mask, ANY_METHOD);
    }

    /** The same as {@link #findReply}, for a caller that has the hash's {@link #candidate}; NONE is no hint. */
    public int findReply(
            int hint, long hash, int protocol, long sHi, long sLo, int sPort, long cHi, long cLo, int cPort) {
        final long ports = ConnectionLayout.portsFlags(cPort, 0, sPort, ConnectionFlags.HASHED);
        return hint != NONE
                        && matches(
                                hot.address(hint),
                                protocol,
                                cHi,
                                cLo,
                                DESTINATION_HI,
                                sHi,
                                sLo,
                                ports,
                                REPLY_PORTS_MASK,
                                ANSWERED_FROM_DESTINATION)
                ? hint
                : findReply(hash, protocol, sHi, sLo, sPort, cHi, cLo, cPort);
    }

    /** The connection of a client's packet to a virtual address, or one that waits for its client's port, or NONE. */
    public int find(long hash, int protocol, long cHi, long cLo, int cPort, long vHi, long vLo, int vPort) {
        final long ports = ConnectionLayout.portsFlags(cPort, vPort, 0, 0);
        final int id = search(hash, protocol, cHi, cLo, VIRTUAL_HI, vHi, vLo, ports, PORTS_MASK, ANY_METHOD);
        return id != NONE || noClientPorts == 0 ? id : findNoClientPort(protocol, cHi, cLo, vHi, vLo, vPort);
    }

    private int findNoClientPort(int protocol, long cHi, long cLo, long vHi, long vLo, int vPort) {
        final long ports = ConnectionLayout.portsFlags(0, vPort, 0, ConnectionFlags.NO_CPORT);
        final long hash = hash(protocol, cHi, cLo, 0);
        return search(hash, protocol, cHi, cLo, VIRTUAL_HI, vHi, vLo, ports, PORTS_MASK | NO_CPORT_BIT, ANY_METHOD);
    }

    /** The template of a client network (port 0) and a virtual address, or NONE. */
    public int findTemplate(long hash, int protocol, long cHi, long cLo, int cPort, long vHi, long vLo, int vPort) {
        final long ports = ConnectionLayout.portsFlags(cPort, vPort, 0, ConnectionFlags.TEMPLATE);
        return search(hash, protocol, cHi, cLo, VIRTUAL_HI, vHi, vLo, ports, PORTS_MASK, ANY_METHOD);
    }

    /** The template that also satisfies a condition, under a hash of the caller's own, or NONE. */
    public int findTemplate(
            long hash, int protocol, long cHi, long cLo, long vHi, long vLo, int vPort, RecordTest condition) {
        final int tag = HashIndex.tag(hash);
        int slot = index.home(tag);
        long entry;
        while ((entry = index.entry(slot)) != 0) {
            final int id = HashIndex.idOf(entry);
            if (HashIndex.tagOf(entry) == tag
                    && isTemplate(id)
                    && protocol(id) == protocol
                    && virtualPort(id) == vPort
                    && clientLo(id) == cLo
                    && clientHi(id) == cHi
                    && virtualLo(id) == vLo
                    && virtualHi(id) == vHi
                    && condition.test(id)) {
                return id;
            }
            slot = index.next(slot);
        }
        return NONE;
    }

    /**
     * The connection of a real server's packet to a client, or NONE; the hash is the client's.
     *
     * <p>Only of one whose answers come from the real server's own address to the client's: under DR, TUN and FULLNAT the same
     * client port may have another connection to the same server (ip_vs_conn_out_get() of the Linux kernel).
     */
    public int findReply(long hash, int protocol, long sHi, long sLo, int sPort, long cHi, long cLo, int cPort) {
        final long ports = ConnectionLayout.portsFlags(cPort, 0, sPort, 0);
        return search(
                hash, protocol, cHi, cLo, DESTINATION_HI, sHi, sLo, ports, REPLY_PORTS_MASK, ANSWERED_FROM_DESTINATION);
    }

    /** The connection of a client to a real server, under any method, or NONE; the hash is the client's. */
    public int findToServer(long hash, int protocol, long sHi, long sLo, int sPort, long cHi, long cLo, int cPort) {
        final long ports = ConnectionLayout.portsFlags(cPort, 0, sPort, 0);
        return search(hash, protocol, cHi, cLo, DESTINATION_HI, sHi, sLo, ports, REPLY_PORTS_MASK, ANY_METHOD);
    }

    /** Compares the client, the ports under {@code mask}, the address at offset {@code other} and the method. */
    private int search(
            long hash,
            int protocol,
            long cHi,
            long cLo,
            int other,
            long oHi,
            long oLo,
            long ports,
            long mask,
            int methods) {
        final int tag = HashIndex.tag(hash);
        final int code = ConnectionLayout.protocolCode(protocol);
        int slot = index.home(tag);
        long entry;
        while ((entry = index.entry(slot)) != 0) {
            if (HashIndex.tagOf(entry) == tag) {
                final int id = HashIndex.idOf(entry);
                final long at = hot.address(id);
                if (((UnsafeApi.getLong(at + PORTS_FLAGS) ^ ports) & (mask | TEMPLATE_BIT)) == 0
                        && UnsafeApi.getLong(at + CLIENT_LO) == cLo
                        && UnsafeApi.getLong(at + other + Long.BYTES) == oLo
                        && UnsafeApi.getLong(at + CLIENT_HI) == cHi
                        && UnsafeApi.getLong(at + other) == oHi
                        && isPacked(UnsafeApi.getInt(at + PACKED), code, methods)) {
                    return id;
                }
            }
            slot = index.next(slot);
        }
        return NONE;
    }

    /** Is the record at this address in use, and the one that is looked for? */
    private static boolean matches(
            long at,
            int protocol,
            long cHi,
            long cLo,
            int other,
            long oHi,
            long oLo,
            long ports,
            long mask,
            int methods) {
        return ((UnsafeApi.getLong(at + PORTS_FLAGS) ^ ports) & (mask | HASHED_BIT | TEMPLATE_BIT)) == 0
                && UnsafeApi.getLong(at + CLIENT_LO) == cLo
                && UnsafeApi.getLong(at + other + Long.BYTES) == oLo
                && UnsafeApi.getLong(at + CLIENT_HI) == cHi
                && UnsafeApi.getLong(at + other) == oHi
                && isPacked(UnsafeApi.getInt(at + PACKED), ConnectionLayout.protocolCode(protocol), methods);
    }

    /** Has it this protocol, and one of these methods, a bit for each code? */
    private static boolean isPacked(int packed, int protocolCode, int methods) {
        return (packed >>> PROTOCOL_SHIFT & PROTOCOL_MASK) == protocolCode
                && (methods == ANY_METHOD || (methods >>> (packed >>> METHOD_SHIFT & NIBBLE) & 1) != 0);
    }

    final int tagOf(int id) {
        return hasFlags(id, ConnectionFlags.ENGINE)
                ? helperWord(id)
                : HashIndex.tag(hash(protocol(id), clientHi(id), clientLo(id), clientPort(id)));
    }

    /** Of several records of one client end, this one is to be found last. */
    public void findLast(int id) {
        final int tag = tagOf(id);
        index.remove(tag, id);
        index.put(tag, id);
        changes++;
    }

    /**
     * Two virtual addresses may map one client end to the same real server port: their replies look the same, and belong to
     * the newest connection (the kernel's lists have it first).
     */
    final void putBeforeAlike(long hash, int id, NewConnection c) {
        if ((ANSWERED_FROM_DESTINATION >>> c.methodCode & 1) == 0) {
            return;
        }
        for (int i = 0; i < MOST_ALIKE; i++) {
            final int found = findReply(
                    hash,
                    c.protocol,
                    c.destinationHi,
                    c.destinationLo,
                    c.destinationPort,
                    c.clientHi,
                    c.clientLo,
                    c.clientPort);
            if (found == id || found == NONE) {
                return;
            }
            findLast(found);
        }
    }
}
