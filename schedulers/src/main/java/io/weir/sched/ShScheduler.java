package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Source hashing: the client's address picks one of 256 buckets, and so a client keeps its destination.
 *
 * <p>The buckets are filled by walking the list again and again, each destination taking as many in a row as it has
 * weight; one of weight 0 takes one, and the clients of that bucket are refused. With sh-port the client's port is hashed
 * too; with sh-fallback a bucket whose destination is not usable sends its clients on to others.
 *
 * <p><b>Thread</b>: any; the buckets never change.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_sh.c.
 */
public final class ShScheduler implements Scheduler {
    private static final int BITS = 8;
    private static final int BUCKETS = 1 << BITS;
    private static final int MASK = BUCKETS - 1;

    private final Candidates candidates;
    private final boolean hashPort;
    private final boolean fallback;
    /** Index into the list, by bucket; empty if the list is. */
    private final int[] buckets;

    public ShScheduler() {
        this(Candidates.EMPTY, 0);
    }

    private ShScheduler(Candidates candidates, int flags) {
        this.candidates = candidates;
        this.hashPort = (flags & SchedulerFlags.SH_PORT) != 0;
        this.fallback = (flags & SchedulerFlags.SH_FALLBACK) != 0;
        this.buckets = candidates.size() == 0 ? new int[0] : fill(candidates);
    }

    private static int[] fill(Candidates candidates) {
        final int[] buckets = new int[BUCKETS];
        int index = 0;
        int taken = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            buckets[bucket] = index;
            taken++;
            // compared after taking one: this is what gives a bucket to weight 0
            if (taken >= candidates.weight(index)) {
                index = index + 1 == candidates.size() ? 0 : index + 1;
                taken = 0;
            }
        }
        return buckets;
    }

    @Override
    public String name() {
        return "sh";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        return new ShScheduler(Candidates.counting(destinations), flags);
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        if (buckets.length == 0) {
            return NONE;
        }
        final int key = FlowKeys.fold(flow.srcHi, flow.srcLo) + (hashPort ? FlowKeys.sourcePort(flow) : 0);
        final int home = bucket(key, 0);
        if (candidates.isUsable(buckets[home], load)) {
            return buckets[home];
        }
        return fallback ? another(key, home, load) : NONE;
    }

    private int another(int key, int home, DestinationLoad load) {
        for (int i = 0; i < BUCKETS; i++) {
            final int index = buckets[bucket(key, (i + home) & MASK)];
            if (candidates.isUsable(index, load)) {
                return index;
            }
        }
        return NONE;
    }

    private static int bucket(int key, int offset) {
        return (offset + FlowKeys.hash32(key, BITS)) & MASK;
    }
}
