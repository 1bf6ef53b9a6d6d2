package io.weir.service;

import io.weir.sched.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One virtual service with its real servers; immutable, part of a published snapshot.
 *
 * @param slot dense id; indexes the service {@link SlotCounters}
 * @param persistenceSeconds 0 if not persistent
 * @param netmaskBits prefix length of the persistence mask: 1..32, or 1..128 for IPv6
 * @param onePacket {@code --ops}
 * @param schedulerFlags see SchedulerFlags
 * @param persistenceEngine {@code sip} or null
 * @param toa insert the TOA option towards FULLNAT destinations
 * @param localAddresses slots of the FULLNAT local addresses (LIPs) this service may use; empty means all
 * @param destinations newest first, the kernel's list order
 * @param scheduler built for exactly these destinations
 * @param shadows schedulers that are asked too and not obeyed; none as a rule
 */
// Arrays, not lists: the packet path walks them; identity is all that is compared.
@SuppressWarnings("ArrayRecordComponent")
public record VirtualService(
        int slot,
        ServiceKey key,
        int persistenceSeconds,
        int netmaskBits,
        boolean onePacket,
        int schedulerFlags,
        @Nullable String persistenceEngine,
        boolean toa,
        int[] localAddresses,
        Destination[] destinations,
        Scheduler scheduler,
        Shadow[] shadows) {
    private static final Shadow[] NO_SHADOWS = new Shadow[0];

    /** Without shadows. */
    public VirtualService(
            int slot,
            ServiceKey key,
            int persistenceSeconds,
            int netmaskBits,
            boolean onePacket,
            int schedulerFlags,
            @Nullable String persistenceEngine,
            boolean toa,
            int[] localAddresses,
            Destination[] destinations,
            Scheduler scheduler) {
        this(
                slot,
                key,
                persistenceSeconds,
                netmaskBits,
                onePacket,
                schedulerFlags,
                persistenceEngine,
                toa,
                localAddresses,
                destinations,
                scheduler,
                NO_SHADOWS);
    }

    /** Is this service persistent? */
    public boolean isPersistent() {
        return persistenceSeconds > 0;
    }
}
