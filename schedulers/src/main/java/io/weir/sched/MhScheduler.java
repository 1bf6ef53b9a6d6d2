package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.Arrays;
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
 * clients. That memory is handed on from instance to instance; a destination first seen with weight 0 has none.
 *
 * <p><b>Thread</b>: any; the table never changes. <b>Not here</b>: the kernel's other table sizes.
 *
 * <p><b>Source</b>: Eisenbud et al., "Maglev", NSDI 2016, section 3.4; net/netfilter/ipvs/ip_vs_mh.c.
 */
public final class MhScheduler implements Scheduler {
    /** A prime, so that every stride visits every entry; CONFIG_IP_VS_MH_TAB_INDEX 12. */
    private static final int ENTRIES = 4093;
    /** Turns fit into half of the index's bits. */
    private static final int TURN_BITS = 6;

    private static final long START_KEY = 2654435761L;
    private static final long STRIDE_KEY = 2654446892L;

    private final Candidates candidates;
    /** The last weight that was not zero, by index. */
    private final int[] lastWeights;

    private final boolean hashPort;
    private final boolean fallback;
    /** Index into the list, by entry; empty if no destination ever had a weight. */
    private final short[] entries;

    public MhScheduler() {
        this(Candidates.EMPTY, new int[0], 0, new short[0]);
    }

    private MhScheduler(Candidates candidates, int[] lastWeights, int flags, short[] entries) {
        this.candidates = candidates;
        this.lastWeights = lastWeights;
        this.hashPort = (flags & SchedulerFlags.MH_PORT) != 0;
        this.fallback = (flags & SchedulerFlags.MH_FALLBACK) != 0;
        this.entries = entries;
    }

    @Override
    public String name() {
        return "mh";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        final Candidates next = new Candidates(destinations);
        final int[] weights = next.weights().clone();
        for (int i = 0; i < weights.length; i++) {
            final int before = candidates.indexOfSlot(next.slot(i));
            if (weights[i] == 0 && before != NONE) {
                weights[i] = lastWeights[before];
            }
        }
        return new MhScheduler(next, weights, flags, fill(destinations, weights));
    }

    private static short[] fill(List<Destination> destinations, int[] weights) {
        final int[] turns = WeightedTurns.turns(weights, TURN_BITS);
        if (WeightedTurns.max(turns) == 0) {
            return new short[0];
        }
        final int[] place = new int[turns.length];
        final int[] stride = new int[turns.length];
        for (int i = 0; i < turns.length; i++) {
            final Destination destination = destinations.get(i);
            final int key = FlowKeys.fold(
                            destination.address().hi(), destination.address().lo())
                    + destination.port();
            place[i] = Integer.remainderUnsigned(SipHash13.hash(key, START_KEY), ENTRIES);
            stride[i] = Integer.remainderUnsigned(SipHash13.hash(key, STRIDE_KEY), ENTRIES - 1) + 1;
        }
        final short[] entries = new short[ENTRIES];
        Arrays.fill(entries, (short) NONE);
        int index = 0;
        int taken = 0;
        for (int filled = 0; filled < ENTRIES; index = index + 1 == turns.length ? 0 : index + 1, taken = 0) {
            for (; taken < turns[index] && filled < ENTRIES; taken++, filled++) {
                while (entries[place[index]] != NONE) {
                    place[index] = (place[index] + stride[index]) % ENTRIES;
                }
                entries[place[index]] = (short) index;
            }
        }
        return entries;
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
        for (int i = 0; i < ENTRIES; i++) {
            final int index = entries[entry(key + (i + home) % ENTRIES)];
            if (candidates.isUsable(index, load)) {
                return index;
            }
        }
        return NONE;
    }

    private static int entry(int key) {
        return Integer.remainderUnsigned(SipHash13.hash(key, START_KEY), ENTRIES);
    }
}
