package io.weir.dataplane.route;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Which MAC address a next hop has: the ARP cache and the IPv6 neighbour cache of one worker.
 *
 * <p>The packet path only asks ({@link #resolve}) and parks; requests leave
 * outside of it, when the worker walks {@link #nextRequest}. Up to 64 packets for a next hop that is being asked for
 * are kept ({@link FramePark}), so that neither a first SYN nor a first large datagram is lost.
 *
 * <p><b>Timing</b>: three requests one second apart, then FAILED. An answer holds 30 s; a next hop still in use is then
 * asked again, first by unicast then by broadcast, while packets go on, and given up 60 s later. An unused one is
 * forgotten after 60 s. (The Linux defaults, without their random factor.)
 *
 * <p><b>Units</b>: nanoseconds of one monotonic clock; a MAC address is the low 48 bits of a long. An <i>entry</i> is an
 * index that stays valid only until the next call that changes the table. <b>Owner</b>: one worker. <b>Fails</b>: a full
 * table refuses new neighbours and counts them ({@link #refused}).
 */
public final class NeighbourTable {
    /** The MAC address is not known (yet). */
    public static final long UNRESOLVED = -1;
    /** No entry. */
    public static final int NONE = -1;
    /** All ones: to be asked by broadcast (ARP) or at the solicited-node address (IPv6). */
    public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

    static final long SECOND_NS = 1_000_000_000L;
    static final long REACHABLE_NS = 30 * SECOND_NS;
    static final long GIVE_UP_NS = 60 * SECOND_NS;
    static final long RETRY_NS = SECOND_NS;
    /** A neighbour that spoke to us is taken at its word this long before it is asked. */
    static final long DELAY_NS = 5 * SECOND_NS;

    static final int PROBES = 3;
    private static final int DEFAULT_CAPACITY = 4096;

    private final NeighbourEntries table;
    private final FramePark park;
    private final AddressWatch watch = new AddressWatch();

    private int cursor;
    private boolean scanning;
    private boolean anyDue;
    private long nextDueNs;
    private long scanMinNs;

    private int changes;
    private long unresolved;
    private long failures;
    private long refused;

    public NeighbourTable() {
        this(DEFAULT_CAPACITY);
    }

    /** Makes an empty table for about {@code capacity} neighbours. */
    public NeighbourTable(int capacity) {
        table = new NeighbourEntries(capacity);
        park = new FramePark();
    }

    /**
     * The MAC address of a next hop; an unknown one is noted, so that it will be asked for.
     *
     * @return 48 bits, or {@link #UNRESOLVED}
     */
    public long resolve(int ifIndex, long nextHi, long nextLo, long nowNs) {
        final int e = table.find(ifIndex, nextHi, nextLo);
        if (e == NONE) {
            unresolved++;
            ask(add(ifIndex, nextHi, nextLo, nowNs), nowNs);
            return UNRESOLVED;
        }
        table.usedNs[e] = nowNs;
        final int s = table.state[e];
        if (s == NeighbourState.REACHABLE && nowNs - table.confirmedNs[e] < REACHABLE_NS
                || s == NeighbourState.PERMANENT) {
            return table.mac[e];
        }
        return resolveSlowly(e, s, nowNs);
    }

    private long resolveSlowly(int e, int s, long nowNs) {
        switch (s) {
            case NeighbourState.REACHABLE -> startProbe(e, nowNs, nowNs);
            case NeighbourState.STALE -> startProbe(e, nowNs, nowNs + DELAY_NS);
            case NeighbourState.PROBE -> {
                return table.mac[e];
            }
            case NeighbourState.FAILED -> {
                unresolved++;
                ask(e, nowNs);
                return UNRESOLVED;
            }
            default -> {
                unresolved++;
                return UNRESOLVED;
            }
        }
        return table.mac[e];
    }

    private int add(int ifIndex, long nHi, long nLo, long nowNs) {
        final int e = table.insert(ifIndex, nHi, nLo, nowNs);
        if (e == NONE) {
            refused++;
        }
        return e;
    }

    private void ask(int e, long nowNs) {
        if (e != NONE) {
            table.state[e] = NeighbourState.INCOMPLETE;
            table.mac[e] = UNRESOLVED;
            table.probes[e] = 0;
            due(e, nowNs);
        }
    }

    private void startProbe(int e, long nowNs, long firstNs) {
        table.state[e] = NeighbourState.PROBE;
        table.probes[e] = 0;
        // Given up 60 s after probing began, however long the entry lay unused before.
        table.confirmedNs[e] = nowNs;
        due(e, firstNs);
    }

    private void due(int e, long atNs) {
        table.dueNs[e] = atNs;
        if (!anyDue || atNs - nextDueNs < 0) {
            nextDueNs = atNs;
            anyDue = true;
        }
        if (atNs - scanMinNs < 0) {
            scanMinNs = atNs;
        }
    }

    /**
     * Keeps a copy of a packet until its next hop is resolved; at most 64 per next hop, the oldest gives way.
     *
     * @return false if there was no room, or the next hop is not being asked for
     */
    public boolean park(int ifIndex, long nextHi, long nextLo, UnsafeBuffer source, int offset, int length) {
        final int e = table.find(ifIndex, nextHi, nextLo);
        return e != NONE
                && table.state[e] == NeighbourState.INCOMPLETE
                && park.put(ifIndex, nextHi, nextLo, source, offset, length);
    }

    /** The parked packets; those whose next hop was resolved, or failed, wait there to be taken. */
    public FramePark parked() {
        return park;
    }

    /**
     * The next neighbour that must be asked now; call until it returns {@link #NONE}. Ages the table on the way.
     *
     * <p>Cheap when nothing is due. The entry is valid for the {@code request...} getters until the next call.
     */
    public int nextRequest(long nowNs) {
        if (!scanning) {
            if (!anyDue || nowNs - nextDueNs < 0) {
                return NONE;
            }
            scanning = true;
            cursor = 0;
            scanMinNs = nowNs + SECOND_NS;
        }
        while (cursor < table.slots()) {
            final int e = cursor;
            if (table.state[e] == NeighbourState.NONE || table.state[e] == NeighbourState.PERMANENT) {
                cursor++;
            } else if (nowNs - table.dueNs[e] < 0) {
                if (table.dueNs[e] - scanMinNs < 0) {
                    scanMinNs = table.dueNs[e];
                }
                cursor++;
            } else if (age(e, nowNs)) {
                cursor++;
                return e;
            }
        }
        scanning = false;
        anyDue = table.size() > 0;
        nextDueNs = scanMinNs;
        return NONE;
    }

    /** Does what is due for an entry; true if it must be asked for. An entry that was removed is not stepped over. */
    private boolean age(int e, long nowNs) {
        switch (table.state[e]) {
            case NeighbourState.INCOMPLETE -> {
                if (table.probes[e] < PROBES) {
                    return probe(e, nowNs);
                }
                fail(e, nowNs);
            }
            case NeighbourState.PROBE -> {
                if (nowNs - table.confirmedNs[e] >= GIVE_UP_NS) {
                    fail(e, nowNs);
                } else if (nowNs - table.usedNs[e] > REACHABLE_NS) {
                    stale(e, nowNs);
                } else {
                    return probe(e, nowNs);
                }
            }
            case NeighbourState.REACHABLE -> stale(e, nowNs);
            case NeighbourState.STALE -> {
                if (nowNs - table.usedNs[e] >= GIVE_UP_NS) {
                    changes++;
                    table.remove(e);
                } else {
                    due(e, table.usedNs[e] + GIVE_UP_NS);
                }
            }
            default -> {
                changes++;
                table.remove(e);
            }
        }
        return false;
    }

    private boolean probe(int e, long nowNs) {
        table.probes[e]++;
        due(e, nowNs + RETRY_NS);
        return true;
    }

    private void stale(int e, long nowNs) {
        table.state[e] = NeighbourState.STALE;
        due(e, nowNs + GIVE_UP_NS);
    }

    private void fail(int e, long nowNs) {
        changes++;
        failures++;
        table.state[e] = NeighbourState.FAILED;
        table.mac[e] = UNRESOLVED;
        due(e, nowNs + RETRY_NS);
        park.fail(table.interfaceIndex[e], table.hi[e], table.lo[e]);
    }

    /** Interface on which to ask. */
    public int requestInterface(int entry) {
        return table.interfaceIndex[entry];
    }

    /** High half of the address asked for. */
    public long requestHi(int entry) {
        return table.hi[entry];
    }

    /** Low half of the address asked for. */
    public long requestLo(int entry) {
        return table.lo[entry];
    }

    /** Whom to ask: the MAC address known so far, or {@link #BROADCAST}. */
    public long requestMac(int entry) {
        return table.state[entry] == NeighbourState.PROBE && table.probes[entry] <= PROBES
                ? table.mac[entry]
                : BROADCAST;
    }

    /** A neighbour answered our request ({@code override} false: a secondary answer that must not replace another). */
    public void answered(int ifIndex, long nHi, long nLo, long address, boolean override, long nowNs) {
        final int e = table.find(ifIndex, nHi, nLo);
        if (e == NONE || table.state[e] == NeighbourState.PERMANENT || !isUnicast(address)) {
            return;
        }
        if (!override && table.mac[e] != UNRESOLVED && table.mac[e] != address) {
            if (table.state[e] == NeighbourState.REACHABLE) {
                stale(e, nowNs);
            }
            return;
        }
        set(e, address, NeighbourState.REACHABLE, nowNs);
    }

    /** A neighbour answered without naming its MAC address: the one known is right. */
    public void confirmed(int ifIndex, long nHi, long nLo, long nowNs) {
        final int e = table.find(ifIndex, nHi, nLo);
        if (e != NONE && table.state[e] != NeighbourState.PERMANENT && table.mac[e] != UNRESOLVED) {
            set(e, table.mac[e], NeighbourState.REACHABLE, nowNs);
        }
    }

    /** A neighbour asked us for our address and told its own: it becomes known, though not confirmed. */
    public void asked(int ifIndex, long nHi, long nLo, long address, long nowNs) {
        if (!isUnicast(address)) {
            return;
        }
        int e = table.find(ifIndex, nHi, nLo);
        if (e == NONE) {
            e = add(ifIndex, nHi, nLo, nowNs);
        }
        if (e != NONE && table.state[e] != NeighbourState.PERMANENT && table.mac[e] != address) {
            set(e, address, NeighbourState.STALE, nowNs);
        }
    }

    /** A neighbour told its address unasked (gratuitous ARP, unsolicited advertisement): only a known one is updated. */
    public void heard(int ifIndex, long nHi, long nLo, long address, long nowNs) {
        final int e = table.find(ifIndex, nHi, nLo);
        if (e != NONE && table.state[e] != NeighbourState.PERMANENT && isUnicast(address) && table.mac[e] != address) {
            set(e, address, NeighbourState.STALE, nowNs);
        }
    }

    /** Makes a neighbour known for good. */
    public void addPermanent(int ifIndex, long nHi, long nLo, long address) {
        int e = table.find(ifIndex, nHi, nLo);
        if (e == NONE) {
            e = add(ifIndex, nHi, nLo, 0);
        }
        if (e != NONE) {
            changes++;
            table.mac[e] = address;
            table.state[e] = NeighbourState.PERMANENT;
            park.resolve(ifIndex, nHi, nLo, address);
        }
    }

    private void set(int e, long address, int newState, long nowNs) {
        final boolean waited = table.mac[e] == UNRESOLVED;
        if (!waited && table.mac[e] != address) {
            changes++;
            watch.moved(table.interfaceIndex[e], table.hi[e], table.lo[e], address, nowNs);
        }
        table.mac[e] = address;
        table.state[e] = newState;
        table.probes[e] = 0;
        if (newState == NeighbourState.REACHABLE) {
            table.confirmedNs[e] = nowNs;
            due(e, nowNs + REACHABLE_NS);
        } else {
            due(e, nowNs + GIVE_UP_NS);
        }
        if (waited) {
            park.resolve(table.interfaceIndex[e], table.hi[e], table.lo[e], address);
        }
    }

    private static boolean isUnicast(long address) {
        return address != 0 && (address & 1L << 40) == 0;
    }

    /** Changes whenever a MAC address that {@link #resolve} may have given is not to be used any more. */
    public int changes() {
        return changes;
    }

    /** The state of a neighbour ({@link NeighbourState}), for tests and listings. */
    public int stateOf(int ifIndex, long nHi, long nLo) {
        final int e = table.find(ifIndex, nHi, nLo);
        return e == NONE ? NeighbourState.NONE : table.state[e];
    }

    /** Whose MAC address goes to and fro, and who claims an address of the director. */
    public AddressWatch watch() {
        return watch;
    }

    /** Neighbours held. */
    public int size() {
        return table.size();
    }

    /** Slots, for a walk with {@link #stateAt} and the {@code request...} getters on the worker's thread. */
    public int slots() {
        return table.slots();
    }

    public int stateAt(int slot) {
        return table.state[slot];
    }

    public long macAt(int slot) {
        return table.mac[slot];
    }

    /** Lookups that found no usable MAC address: packets that could not be sent at once. */
    public long unresolved() {
        return unresolved;
    }

    /** Neighbours that did not answer. */
    public long failures() {
        return failures;
    }

    /** Neighbours not taken up because the table was full. */
    public long refused() {
        return refused;
    }
}
