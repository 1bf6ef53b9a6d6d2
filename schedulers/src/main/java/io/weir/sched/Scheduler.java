package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;

/**
 * Chooses the real server of a new connection.
 *
 * <p>An instance belongs to one virtual service and one list of destinations; a changed list gets a new instance.
 *
 * <p><b>Thread</b>: {@link #withDestinations} runs on the director thread, {@link #schedule} on any number of workers at
 * once, without a lock; what workers share is at most one atomic. While a new instance is published, workers may use the
 * former one beside it; the edit after that waits for them. Nothing here allocates after construction.
 *
 * <p><b>Plug-ins</b> implement this, with a public constructor without arguments that makes the scheduler of an empty
 * service, and name the class in {@code META-INF/services/io.weir.sched.Scheduler}; see docs/labs/write-a-scheduler.md.
 * What all keep to is in {@code io.weir.sched.contract}, and tried before one is used.
 *
 * <p><b>Source</b>: {@code struct ip_vs_scheduler} and net/netfilter/ipvs/ip_vs_*.c.
 */
public interface Scheduler {
    /** {@link #schedule} found no usable destination. */
    int NONE = -1;

    /** The name ipvsadm knows it by. */
    String name();

    /**
     * The scheduler for the service's list after one add, edit or delete (or after several: then apply the rule once).
     * State such as a cursor is taken over from this instance, as the kernel's scheduler keeps it.
     *
     * @param destinations in the kernel's list order: newest first
     * @param flags scheduler flags, see {@link SchedulerFlags}
     */
    Scheduler withDestinations(List<Destination> destinations, int flags);

    /** How many destinations it can serve; a service does not take more. */
    default int mostDestinations() {
        return Integer.MAX_VALUE;
    }

    /**
     * Lets time pass; on the director's thread, after each command and at least once a second. For what it remembers.
     *
     * @param nowNs of the clock of {@link Flow#nowNs}
     */
    default void advance(long nowNs, MemoryLimits limits) {}

    /**
     * Chooses a destination.
     *
     * @return its index in the list given to {@link #withDestinations}, or {@link #NONE}
     */
    int schedule(Flow flow, DestinationLoad load);
}
