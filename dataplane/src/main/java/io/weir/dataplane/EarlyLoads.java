package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.io.PacketBatch;

/**
 * Brings what a batch will read of the connection table into the cache.
 *
 * <p>Java has no prefetch instruction; plain loads that nothing waits for do the same. They must stand in tight loops of
 * their own: only so are many cache misses under way at once. <b>Owner</b>: one worker.
 */
final class EarlyLoads {
    private final ConnectionTable table;
    private final int[] candidate = new int[PacketBatch.CAPACITY];
    /** Keeps the loads from being optimised away. */
    private int sum;

    EarlyLoads(ConnectionTable table) {
        this.table = table;
    }

    /** Touches the index lines of these hashes, then the records they lead to. */
    void touch(long[] hash, int size) {
        int loaded = 0;
        for (int i = 0; i < size; i++) {
            loaded += table.touch(hash[i]);
        }
        for (int i = 0; i < size; i++) {
            candidate[i] = table.candidate(hash[i]);
        }
        for (int i = 0; i < size; i++) {
            loaded += table.touchRecord(candidate[i]);
        }
        sum += loaded;
    }

    /** What was loaded, summed: worth nothing in itself. */
    int sum() {
        return sum;
    }
}
