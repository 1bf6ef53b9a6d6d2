package io.weir.dataplane.route;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Which MAC address a next hop has: the ARP cache and the IPv6 neighbour cache of one worker.
 *
 * <p>Open addressing with linear probing over primitive arrays, at most three quarters full; removal moves later
 * entries back, so that there are no tombstones. The packet path only asks ({@link #resolve}) and parks; requests leave
 * outside of it, when the worker walks {@link #nextRequest}. Up to three packets for a next hop that is being asked for
 * are kept ({@link FramePark}), so that a first SYN is not lost.
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

    private final int mask;
    private final int limit;
    private final int[] interfaceIndex;
    private final long[] hi;
    private final long[] lo;
    private final long[] mac;
    private final int[] state;
    private final int[] probes;
    private final long[] confirmedNs;
    private final long[] usedNs;
    private final long[] dueNs;
    private final FramePark park;

    private int size;
    private int cursor;
    private boolean scanning;
    private boolean anyDue;
    private long nextDueNs;
    private long scanMinNs;

    private long unresolved;
    private long failures;
    private long refused;

    public NeighbourTable() {
        this(DEFAULT_CAPACITY);
    }

    /** Makes an empty table for about {@code capacity} neighbours. */
    public NeighbourTable(int capacity) {
        final int slots = Math.max(8, Integer.highestOneBit(Math.max(2, capacity * 4 / 3) - 1) << 1);
        mask = slots - 1;
        limit = slots - slots / 4;
        interfaceIndex = new int[slots];
        hi = new long[slots];
        lo = new long[slots];
        mac = new long[slots];
        state = new int[slots];
        probes = new int[slots];
        confirmedNs = new long[slots];
        usedNs = new long[slots];
        dueNs = new long[slots];
        park = new FramePark();
        Arrays.fill(mac, UNRESOLVED);
    }

    /**
     * The MAC address of a next hop; an unknown one is noted, so that it will be asked for.
     *
     * @return 48 bits, or {@link #UNRESOLVED}
     */
    public long resolve(int ifIndex, long nextHi, long nextLo, long nowNs) {
        final int e = find(ifIndex, nextHi, nextLo);
        if (e == NONE) {
            unresolved++;
            ask(insert(ifIndex, nextHi, nextLo, nowNs), nowNs);
            return UNRESOLVED;
        }
        usedNs[e] = nowNs;
        final int s = state[e];
        if (s == NeighbourState.REACHABLE && nowNs - confirmedNs[e] < REACHABLE_NS || s == NeighbourState.PERMANENT) {
            return mac[e];
        }
        return resolveSlowly(e, s, nowNs);
    }

    private long resolveSlowly(int e, int s, long nowNs) {
        switch (s) {
            case NeighbourState.REACHABLE -> startProbe(e, nowNs, nowNs);
            case NeighbourState.STALE -> startProbe(e, nowNs, nowNs + DELAY_NS);
            case NeighbourState.PROBE -> {
                return mac[e];
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
        return mac[e];
    }

    private void ask(int e, long nowNs) {
        if (e != NONE) {
            state[e] = NeighbourState.INCOMPLETE;
            mac[e] = UNRESOLVED;
            probes[e] = 0;
            due(e, nowNs);
        }
    }

    private void startProbe(int e, long nowNs, long firstNs) {
        state[e] = NeighbourState.PROBE;
        probes[e] = 0;
        // Given up 60 s after probing began, however long the entry lay unused before.
        confirmedNs[e] = nowNs;
        due(e, firstNs);
    }

    private void due(int e, long atNs) {
        dueNs[e] = atNs;
        if (!anyDue || atNs - nextDueNs < 0) {
            nextDueNs = atNs;
            anyDue = true;
        }
        if (atNs - scanMinNs < 0) {
            scanMinNs = atNs;
        }
    }

    /**
     * Keeps a copy of a packet until its next hop is resolved; at most three per next hop, the oldest gives way.
     *
     * @return false if there was no room, or the next hop is not being asked for
     */
    public boolean park(int ifIndex, long nextHi, long nextLo, UnsafeBuffer source, int offset, int length) {
        final int e = find(ifIndex, nextHi, nextLo);
        return e != NONE
                && state[e] == NeighbourState.INCOMPLETE
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
        while (cursor <= mask) {
            final int e = cursor;
            if (state[e] == NeighbourState.NONE || state[e] == NeighbourState.PERMANENT) {
                cursor++;
            } else if (nowNs - dueNs[e] < 0) {
                if (dueNs[e] - scanMinNs < 0) {
                    scanMinNs = dueNs[e];
                }
                cursor++;
            } else if (age(e, nowNs)) {
                cursor++;
                return e;
            }
        }
        scanning = false;
        anyDue = size > 0;
        nextDueNs = scanMinNs;
        return NONE;
    }

    /** Does what is due for an entry; true if it must be asked for. An entry that was removed is not stepped over. */
    private boolean age(int e, long nowNs) {
        switch (state[e]) {
            case NeighbourState.INCOMPLETE -> {
                if (probes[e] < PROBES) {
                    return probe(e, nowNs);
                }
                fail(e, nowNs);
            }
            case NeighbourState.PROBE -> {
                if (nowNs - confirmedNs[e] >= GIVE_UP_NS) {
                    fail(e, nowNs);
                } else if (nowNs - usedNs[e] > REACHABLE_NS) {
                    stale(e, nowNs);
                } else {
                    return probe(e, nowNs);
                }
            }
            case NeighbourState.REACHABLE -> stale(e, nowNs);
            case NeighbourState.STALE -> {
                if (nowNs - usedNs[e] >= GIVE_UP_NS) {
                    remove(e);
                } else {
                    due(e, usedNs[e] + GIVE_UP_NS);
                }
            }
            default -> remove(e);
        }
        return false;
    }

    private boolean probe(int e, long nowNs) {
        probes[e]++;
        due(e, nowNs + RETRY_NS);
        return true;
    }

    private void stale(int e, long nowNs) {
        state[e] = NeighbourState.STALE;
        due(e, nowNs + GIVE_UP_NS);
    }

    private void fail(int e, long nowNs) {
        failures++;
        state[e] = NeighbourState.FAILED;
        mac[e] = UNRESOLVED;
        due(e, nowNs + RETRY_NS);
        park.fail(interfaceIndex[e], hi[e], lo[e]);
    }

    /** Interface on which to ask. */
    public int requestInterface(int entry) {
        return interfaceIndex[entry];
    }

    /** High half of the address asked for. */
    public long requestHi(int entry) {
        return hi[entry];
    }

    /** Low half of the address asked for. */
    public long requestLo(int entry) {
        return lo[entry];
    }

    /** Whom to ask: the MAC address known so far, or {@link #BROADCAST}. */
    public long requestMac(int entry) {
        return state[entry] == NeighbourState.PROBE && probes[entry] <= PROBES ? mac[entry] : BROADCAST;
    }

    /** A neighbour answered our request ({@code override} false: a secondary answer that must not replace another). */
    public void answered(int ifIndex, long nHi, long nLo, long address, boolean override, long nowNs) {
        final int e = find(ifIndex, nHi, nLo);
        if (e == NONE || state[e] == NeighbourState.PERMANENT || !isUnicast(address)) {
            return;
        }
        if (!override && mac[e] != UNRESOLVED && mac[e] != address) {
            if (state[e] == NeighbourState.REACHABLE) {
                stale(e, nowNs);
            }
            return;
        }
        set(e, address, NeighbourState.REACHABLE, nowNs);
    }

    /** A neighbour answered without naming its MAC address: the one known is right. */
    public void confirmed(int ifIndex, long nHi, long nLo, long nowNs) {
        final int e = find(ifIndex, nHi, nLo);
        if (e != NONE && state[e] != NeighbourState.PERMANENT && mac[e] != UNRESOLVED) {
            set(e, mac[e], NeighbourState.REACHABLE, nowNs);
        }
    }

    /** A neighbour asked us for our address and told its own: it becomes known, though not confirmed. */
    public void asked(int ifIndex, long nHi, long nLo, long address, long nowNs) {
        if (!isUnicast(address)) {
            return;
        }
        int e = find(ifIndex, nHi, nLo);
        if (e == NONE) {
            e = insert(ifIndex, nHi, nLo, nowNs);
        }
        if (e != NONE && state[e] != NeighbourState.PERMANENT && mac[e] != address) {
            set(e, address, NeighbourState.STALE, nowNs);
        }
    }

    /** A neighbour told its address unasked (gratuitous ARP, unsolicited advertisement): only a known one is updated. */
    public void heard(int ifIndex, long nHi, long nLo, long address, long nowNs) {
        final int e = find(ifIndex, nHi, nLo);
        if (e != NONE && state[e] != NeighbourState.PERMANENT && isUnicast(address) && mac[e] != address) {
            set(e, address, NeighbourState.STALE, nowNs);
        }
    }

    /** Makes a neighbour known for good. */
    public void addPermanent(int ifIndex, long nHi, long nLo, long address) {
        int e = find(ifIndex, nHi, nLo);
        if (e == NONE) {
            e = insert(ifIndex, nHi, nLo, 0);
        }
        if (e != NONE) {
            mac[e] = address;
            state[e] = NeighbourState.PERMANENT;
            park.resolve(ifIndex, nHi, nLo, address);
        }
    }

    private void set(int e, long address, int newState, long nowNs) {
        final boolean waited = mac[e] == UNRESOLVED;
        mac[e] = address;
        state[e] = newState;
        probes[e] = 0;
        if (newState == NeighbourState.REACHABLE) {
            confirmedNs[e] = nowNs;
            due(e, nowNs + REACHABLE_NS);
        } else {
            due(e, nowNs + GIVE_UP_NS);
        }
        if (waited) {
            park.resolve(interfaceIndex[e], hi[e], lo[e], address);
        }
    }

    private static boolean isUnicast(long address) {
        return address != 0 && (address & 1L << 40) == 0;
    }

    private int find(int ifIndex, long kHi, long kLo) {
        for (int i = home(ifIndex, kHi, kLo); state[i] != NeighbourState.NONE; i = (i + 1) & mask) {
            if (lo[i] == kLo && hi[i] == kHi && interfaceIndex[i] == ifIndex) {
                return i;
            }
        }
        return NONE;
    }

    private int insert(int ifIndex, long kHi, long kLo, long nowNs) {
        if (size >= limit) {
            refused++;
            return NONE;
        }
        int i = home(ifIndex, kHi, kLo);
        while (state[i] != NeighbourState.NONE) {
            i = (i + 1) & mask;
        }
        size++;
        interfaceIndex[i] = ifIndex;
        hi[i] = kHi;
        lo[i] = kLo;
        mac[i] = UNRESOLVED;
        state[i] = NeighbourState.STALE;
        probes[i] = 0;
        confirmedNs[i] = nowNs;
        usedNs[i] = nowNs;
        dueNs[i] = nowNs;
        return i;
    }

    private void remove(int entry) {
        int hole = entry;
        for (int i = (hole + 1) & mask; state[i] != NeighbourState.NONE; i = (i + 1) & mask) {
            final int home = home(interfaceIndex[i], hi[i], lo[i]);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                move(i, hole);
                hole = i;
            }
        }
        state[hole] = NeighbourState.NONE;
        mac[hole] = UNRESOLVED;
        size--;
    }

    private void move(int from, int to) {
        interfaceIndex[to] = interfaceIndex[from];
        hi[to] = hi[from];
        lo[to] = lo[from];
        mac[to] = mac[from];
        state[to] = state[from];
        probes[to] = probes[from];
        confirmedNs[to] = confirmedNs[from];
        usedNs[to] = usedNs[from];
        dueNs[to] = dueNs[from];
    }

    private int home(int ifIndex, long kHi, long kLo) {
        final long x = (kHi ^ kLo * 0x9E3779B97F4A7C15L ^ ifIndex) * 0xC2B2AE3D27D4EB4FL;
        return (int) (x >>> 32) & mask;
    }

    /** The state of a neighbour ({@link NeighbourState}), for tests and listings. */
    public int stateOf(int ifIndex, long nHi, long nLo) {
        final int e = find(ifIndex, nHi, nLo);
        return e == NONE ? NeighbourState.NONE : state[e];
    }

    /** Neighbours held. */
    public int size() {
        return size;
    }

    /** Slots, for a walk with {@link #stateAt} and the {@code request...} getters on the worker's thread. */
    public int slots() {
        return mask + 1;
    }

    public int stateAt(int slot) {
        return state[slot];
    }

    public long macAt(int slot) {
        return mac[slot];
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
