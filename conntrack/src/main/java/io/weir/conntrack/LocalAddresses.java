package io.weir.conntrack;

import static io.weir.conntrack.ConnectionLayout.LOCAL;
import static io.weir.conntrack.ConnectionLayout.LOCAL_PORT_SHIFT;
import static io.weir.conntrack.ConnectionRecords.NONE;

import org.agrona.UnsafeApi;

/**
 * The FULLNAT side of a table: the local addresses (LIPs) by index, and who talks to which real server from which of
 * them.
 *
 * <p>A reply under FULLNAT carries the LIP in place of the client, so it is found by (protocol, real server, local
 * address), each with its port, in an index of its own. That tuple can be given away once only; the same local port may
 * serve many real servers.
 *
 * <p><b>Owner</b>: one table. The addresses are in its file, since the records mean nothing without them; the control
 * plane hands out the indexes.
 */
final class LocalAddresses implements AutoCloseable {
    /** Elements of the region; those of {@link HelperNotes} are no addresses. */
    static final int COUNT = 65_535;

    /** Indexes 0 .. 61438. */
    static final int MOST = COUNT - HelperNotes.COUNT;

    static final int BYTES = 16;

    private final ConnectionRecords records;
    private final ClientHash clientHash;
    private final HashIndex index;
    private final Region addresses;
    private final int[] users;

    LocalAddresses(
            ConnectionRecords records, ClientHash clientHash, int capacity, Region addresses, MemoryAdvice advice) {
        this.records = records;
        this.clientHash = clientHash;
        this.index = new HashIndex(capacity, advice);
        this.addresses = addresses;
        this.users = new int[capacity == 0 ? 0 : COUNT];
    }

    /** How many connections can be bound. */
    int capacity() {
        return index.capacity();
    }

    long bytes() {
        return index.bytes();
    }

    long hi(int address) {
        return UnsafeApi.getLong(addresses.address(address));
    }

    long lo(int address) {
        return UnsafeApi.getLong(addresses.address(address) + Long.BYTES);
    }

    /** False if the index stands for another address that connections still use. */
    boolean set(int address, long hi, long lo) {
        if (address >= MOST || users[address] > 0 && (hi(address) != hi || lo(address) != lo)) {
            return false;
        }
        final long at = addresses.address(address);
        UnsafeApi.putLong(at, hi);
        UnsafeApi.putLong(at + Long.BYTES, lo);
        return true;
    }

    int users(int address) {
        return users[address];
    }

    /** The connection of a real server's packet to a local address, or NONE. */
    int find(int protocol, long sHi, long sLo, int sPort, long lHi, long lLo, int lPort) {
        final int tag = HashIndex.tag(clientHash.local(protocol, sHi, sLo, sPort, lHi, lLo, lPort));
        int slot = index.home(tag);
        long entry;
        while ((entry = index.entry(slot)) != 0) {
            if (HashIndex.tagOf(entry) == tag) {
                final int id = HashIndex.idOf(entry);
                if (records.localPort(id) == lPort
                        && records.destinationPort(id) == sPort
                        && records.destinationLo(id) == sLo
                        && records.destinationHi(id) == sHi
                        && lo(records.localIndex(id)) == lLo
                        && hi(records.localIndex(id)) == lHi
                        && records.protocol(id) == protocol) {
                    return id;
                }
            }
            slot = index.next(slot);
        }
        return NONE;
    }

    /** Gives a connection a local address and port; false if that tuple is taken or there is no room. */
    boolean bind(int id, int address, int port) {
        final int protocol = records.protocol(id);
        final long sHi = records.destinationHi(id);
        final long sLo = records.destinationLo(id);
        final int sPort = records.destinationPort(id);
        if (records.localPort(id) != 0 || find(protocol, sHi, sLo, sPort, hi(address), lo(address), port) != NONE) {
            return false;
        }
        if (!index.put(tag(id, address, port), id)) {
            return false;
        }
        records.coldInt(id, LOCAL, port << LOCAL_PORT_SHIFT | address);
        users[address]++;
        return true;
    }

    /** Gives back what a connection has, if it has any. */
    void unbind(int id) {
        final int port = records.localPort(id);
        if (port == 0) {
            return;
        }
        final int address = records.localIndex(id);
        index.remove(tag(id, address, port), id);
        users[address]--;
        records.coldInt(id, LOCAL, 0);
    }

    private int tag(int id, int address, int port) {
        return HashIndex.tag(clientHash.local(
                records.protocol(id),
                records.destinationHi(id),
                records.destinationLo(id),
                records.destinationPort(id),
                hi(address),
                lo(address),
                port));
    }

    @Override
    public void close() {
        index.close();
        addresses.close();
    }
}
