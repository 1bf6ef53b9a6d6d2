package io.weir.dataplane.route;

import java.util.Arrays;

/**
 * The entries of a {@link NeighbourTable}: a hash table over primitive arrays.
 *
 * <p>Open addressing with linear probing, at most three quarters full; removal moves later entries back, so that there
 * are no tombstones. <b>Owner</b>: the neighbour table.
 */
final class NeighbourEntries {
    final int[] interfaceIndex;
    final long[] hi;
    final long[] lo;
    final long[] mac;
    final int[] state;
    final int[] probes;
    final long[] confirmedNs;
    final long[] usedNs;
    final long[] dueNs;

    private final int mask;
    private final int limit;
    private int size;

    NeighbourEntries(int capacity) {
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
        Arrays.fill(mac, NeighbourTable.UNRESOLVED);
    }

    int size() {
        return size;
    }

    int slots() {
        return mask + 1;
    }

    int find(int ifIndex, long kHi, long kLo) {
        for (int i = home(ifIndex, kHi, kLo); state[i] != NeighbourState.NONE; i = (i + 1) & mask) {
            if (lo[i] == kLo && hi[i] == kHi && interfaceIndex[i] == ifIndex) {
                return i;
            }
        }
        return NeighbourTable.NONE;
    }

    /** Adds an entry whose MAC address is not known; NONE if the table is full. */
    int insert(int ifIndex, long kHi, long kLo, long nowNs) {
        if (size >= limit) {
            return NeighbourTable.NONE;
        }
        int i = home(ifIndex, kHi, kLo);
        while (state[i] != NeighbourState.NONE) {
            i = (i + 1) & mask;
        }
        size++;
        interfaceIndex[i] = ifIndex;
        hi[i] = kHi;
        lo[i] = kLo;
        mac[i] = NeighbourTable.UNRESOLVED;
        state[i] = NeighbourState.STALE;
        probes[i] = 0;
        confirmedNs[i] = nowNs;
        usedNs[i] = nowNs;
        dueNs[i] = nowNs;
        return i;
    }

    /** Removes an entry; later ones may move into its place. */
    void remove(int entry) {
        int hole = entry;
        for (int i = (hole + 1) & mask; state[i] != NeighbourState.NONE; i = (i + 1) & mask) {
            final int home = home(interfaceIndex[i], hi[i], lo[i]);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                move(i, hole);
                hole = i;
            }
        }
        state[hole] = NeighbourState.NONE;
        mac[hole] = NeighbourTable.UNRESOLVED;
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
        final long x = (kLo ^ kHi >>> 19 ^ kHi << 23 ^ ifIndex) * 0xC2B2AE3D27D4EB4FL;
        return (int) (x >>> 32) & mask;
    }
}
