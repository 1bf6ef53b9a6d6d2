package io.weir.control.state;

import io.weir.conntrack.StateTimeouts;
import io.weir.service.ServiceKey;
import org.jspecify.annotations.Nullable;

/**
 * A virtual service as a command asks for it.
 *
 * @param scheduler its name, known or not
 * @param persistenceSeconds 0 if not persistent
 * @param netmask of the clients that count as one: an IPv4 mask (host order), or a prefix length for IPv6
 * @param schedulerFlags see SchedulerFlags
 * @param engine persistence engine by name, or null
 * @param toa insert the TOA option towards FULLNAT destinations
 * @param tuning what the kernel's schedulers have not
 * @param timeouts of its connections, where they are others than all have
 */
public record ServiceSpec(
        ServiceKey key,
        String scheduler,
        int persistenceSeconds,
        int netmask,
        boolean onePacket,
        int schedulerFlags,
        @Nullable String engine,
        boolean toa,
        SchedulerTuning tuning,
        StateTimeouts timeouts) {
    /** Each IPv4 client counts for itself. */
    public static final int FULL_NETMASK = 0xFFFFFFFF;
    /** Each IPv6 client counts for itself. */
    public static final int FULL_PREFIX = 128;

    /** Does each client count for itself? */
    public boolean hasFullNetmask() {
        return netmask == (key.ipv6() ? FULL_PREFIX : FULL_NETMASK);
    }
}
