package io.weir.service;

import io.weir.sched.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One virtual service with its real servers; immutable, part of a published snapshot.
 *
 * @param slot dense id; indexes the service {@link SlotCounters}
 * @param persistenceSeconds 0 if not persistent
 * @param netmask of the clients that count as one: an IPv4 mask (host order; may have holes), or a prefix length for IPv6
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
        int netmask,
        boolean onePacket,
        int schedulerFlags,
        @Nullable String persistenceEngine,
        boolean toa,
        int[] localAddresses,
        Destination[] destinations,
        Scheduler scheduler,
        Shadow[] shadows) {
    private static final Shadow[] NO_SHADOWS = new Shadow[0];
    /** The upper half of the low word of an IPv4 address. */
    private static final long V4_MAPPED = 0xFFFF_0000_0000L;

    /** Without shadows. */
    public VirtualService(
            int slot,
            ServiceKey key,
            int persistenceSeconds,
            int netmask,
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
                netmask,
                onePacket,
                schedulerFlags,
                persistenceEngine,
                toa,
                localAddresses,
                destinations,
                scheduler,
                NO_SHADOWS);
    }

    /** Bits that all clients which count as one begin with: those of an IPv4 mask before its first hole. */
    public int netmaskBits() {
        return key.ipv6() ? netmask : Integer.numberOfLeadingZeros(~netmask);
    }

    /** The high half of a client's address under the mask. */
    public long maskHi(long hi) {
        if (!key.ipv6()) {
            return hi;
        }
        return netmask >= Long.SIZE ? hi : netmask == 0 ? 0 : hi & -1L << (Long.SIZE - netmask);
    }

    /** The low half of a client's address under the mask. */
    public long maskLo(long lo) {
        if (!key.ipv6()) {
            return lo & (V4_MAPPED | netmask & 0xFFFF_FFFFL);
        }
        return netmask <= Long.SIZE ? 0 : lo & -1L << (2 * Long.SIZE - netmask);
    }

    /** Is this service persistent? */
    public boolean isPersistent() {
        return persistenceSeconds > 0;
    }
}
