package io.weir.dataplane;

import io.weir.dataplane.route.NeighbourTable;
import java.util.Arrays;

/**
 * The MAC addresses of next hops, by destination slot or by route, so that not every packet asks the neighbour table.
 *
 * <p>What is kept here holds for {@link #HOLD_NS} and until the neighbour table changes; asking it that often is enough
 * to keep a next hop known as one in use. <b>Owner</b>: one worker.
 */
final class NextHops {
    /** No key: nothing is kept. */
    static final int NO_KEY = -1;

    private static final long HOLD_NS = 100_000_000L;

    private final NeighbourTable neighbours;
    /** Two for each key: MAC address, and the time until which it may be used without asking. */
    private long[] kept = new long[0];

    private int slots;
    private int changes;

    NextHops(NeighbourTable neighbours) {
        this.neighbours = neighbours;
    }

    /** Takes a new configuration; between batches. */
    void snapshot(ConfigSnapshot snapshot) {
        slots = snapshot.destinations().capacity();
        final int longs = 2 * (slots + snapshot.routes().size());
        if (kept.length < longs) {
            kept = new long[longs];
        }
        Arrays.fill(kept, NeighbourTable.UNRESOLVED);
    }

    /** The key of a route whose next hop is a gateway. */
    int keyOfRoute(int route) {
        return slots + route;
    }

    /** The key of a destination that is on link, or {@link #NO_KEY}. */
    int keyOfSlot(int slot) {
        return slot < slots ? slot : NO_KEY;
    }

    /** The MAC address of a next hop, or {@link NeighbourTable#UNRESOLVED}: then it will be asked for. */
    long resolve(int key, int ifIndex, long hi, long lo, long nowNs) {
        if (key == NO_KEY) {
            return neighbours.resolve(ifIndex, hi, lo, nowNs);
        }
        if (changes != neighbours.changes()) {
            Arrays.fill(kept, NeighbourTable.UNRESOLVED);
            changes = neighbours.changes();
        }
        final long mac = kept[2 * key];
        if (mac != NeighbourTable.UNRESOLVED && nowNs - kept[2 * key + 1] < 0) {
            return mac;
        }
        final long asked = neighbours.resolve(ifIndex, hi, lo, nowNs);
        kept[2 * key] = asked;
        kept[2 * key + 1] = nowNs + HOLD_NS;
        return asked;
    }
}
