package io.weir.bench.quality;

import java.util.List;

/**
 * What comes, and to whom: the same for every scheduler.
 *
 * @param arrivals by start
 * @param weights of the servers; a weight is also how many connections a server is there for
 * @param durationNs when the run ends
 * @param outage the server that goes and comes back
 */
// An array: nobody writes to it.
@SuppressWarnings("ArrayRecordComponent")
public record Workload(String name, List<Arrival> arrivals, int[] weights, long durationNs, Outage outage) {

    /**
     * A server is deleted from the service and added again.
     *
     * @param server its index; {@link #NONE} if all stay
     */
    public record Outage(int server, long fromNs, long toNs) {
        /** Nobody goes. */
        public static final Outage NONE = new Outage(-1, Long.MAX_VALUE, Long.MAX_VALUE);

        /** Does a server go at all? */
        public boolean happens() {
            return server >= 0;
        }
    }

    /** The same with one server of the middle away from 40 % to 60 % of the time. */
    Workload withOutage(String newName) {
        final Outage middle = new Outage(weights.length / 2, durationNs / 10 * 4, durationNs / 10 * 6);
        return new Workload(newName, arrivals, weights, durationNs, middle);
    }
}
