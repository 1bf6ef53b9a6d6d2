package io.weir.sched;

import io.weir.sched.SchedulerOptions.Choice;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Maglev hashing: the client's address picks an entry of a table that two directors with the same destinations fill
 * alike, and that changes little when a destination comes or goes.
 *
 * <p>Each destination has its own order of preference over the entries, a start and a stride from two hashes of its
 * address and port. In rounds they take turns, as many in a row as the reduced weight says, at the next entry still free.
 * With mh-port the client's port is hashed too; with mh-fallback an entry whose destination is not usable sends its
 * clients on.
 *
 * <p>The table is filled by the <em>last weight that was not zero</em>: quiescing a destination moves nobody else's
 * clients. A destination added with weight 0 has none. The table size is one of those a kernel can be built with.
 *
 * <p><b>Thread</b>: any; the table never changes.
 *
 * <p><b>Source</b>: Eisenbud et al., "Maglev", NSDI 2016, section 3.4; net/netfilter/ipvs/ip_vs_mh.c.
 */
public final class MhScheduler implements Scheduler {
    /** CONFIG_IP_VS_MH_TAB_INDEX 8 to 17: primes, so that every stride visits every entry. */
    private static final List<Integer> SIZES =
            List.of(251, 509, 1021, 2039, 4093, 8191, 16_381, 32_749, 65_521, 131_071);

    private static final int SMALLEST_INDEX = 8;
    private static final int DEFAULT_SIZE = 4093;

    static final Choice TABLE_SIZE = new Choice("one of " + SIZES, SIZES::contains);

    private static final long START_KEY = 2654435761L;
    private static final long STRIDE_KEY = 2654446892L;

    private final int size;
    private final Candidates candidates;
    private final boolean hashPort;
    private final boolean fallback;
    /** Index into the list, by entry; empty if no destination ever had a weight. */
    private final char[] entries;

    public MhScheduler(SchedulerOptions options) {
        this(options.tableSizeOr(DEFAULT_SIZE), Candidates.EMPTY, 0, new char[0]);
    }

    private MhScheduler(int size, Candidates candidates, int flags, char[] entries) {
        this.size = size;
        this.candidates = candidates;
        this.hashPort = (flags & SchedulerFlags.MH_PORT) != 0;
        this.fallback = (flags & SchedulerFlags.MH_FALLBACK) != 0;
        this.entries = entries;
    }

    @Override
    public String name() {
        return "mh";
    }

    @Override
    public int mostDestinations() {
        return size;
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        final int[] weights = SlowStart.shares(destinations, Destination::lastWeight);
        return new MhScheduler(size, Candidates.sharing(destinations), flags, fill(destinations, weights, size));
    }

    private static char[] fill(List<Destination> destinations, int[] weights, int size) {
        // Turns fit into half of the index's bits.
        final int[] turns = WeightedTurns.turns(weights, (SIZES.indexOf(size) + SMALLEST_INDEX) / 2);
        if (WeightedTurns.max(turns) == 0) {
            return new char[0];
        }
        final int[] place = new int[turns.length];
        final int[] stride = new int[turns.length];
        for (int i = 0; i < turns.length; i++) {
            final Destination destination = destinations.get(i);
            final int key = FlowKeys.fold(
                            destination.address().hi(), destination.address().lo())
                    + destination.port();
            place[i] = Integer.remainderUnsigned(SipHash13.hash(key, START_KEY), size);
            stride[i] = Integer.remainderUnsigned(SipHash13.hash(key, STRIDE_KEY), size - 1) + 1;
        }
        final PreferenceTable table = new PreferenceTable(size, place, stride);
        while (!table.isFull()) {
            for (int index = 0; index < turns.length; index++) {
                for (int taken = 0; taken < turns[index] && !table.isFull(); taken++) {
                    table.take(index);
                }
            }
        }
        return table.entries();
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        if (entries.length == 0) {
            return NONE;
        }
        final int key = FlowKeys.fold(flow.srcHi, flow.srcLo) + (hashPort ? FlowKeys.sourcePort(flow) : 0);
        final int home = entry(key);
        final int index = entries[home];
        if (candidates.isUsable(index, load)) {
            return index;
        }
        return fallback ? another(key, home, load) : NONE;
    }

    private int another(int key, int home, DestinationLoad load) {
        for (int i = 0; i < size; i++) {
            final int index = entries[entry(key + (i + home) % size)];
            if (candidates.isUsable(index, load)) {
                return index;
            }
        }
        return NONE;
    }

    private int entry(int key) {
        return Integer.remainderUnsigned(SipHash13.hash(key, START_KEY), size);
    }
}
