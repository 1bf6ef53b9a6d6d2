package io.weir.dataplane;

/**
 * What a packet path leaves to the kernel of its machine, and where it may be better than the kernel.
 *
 * @param routesOthers also be the kernel that is missing: route packets that are neither ours nor for us, and answer as a
 *     local real server; off beside a kernel, which does it itself
 * @param acceptsIcmp6Replies pass ICMPv6 errors of real servers under NAT whose checksum is right; the kernel checks it
 *     without the pseudo header there and loses them, unless its driver vouched for the packet; and tell IPv6 clients of errors about IPv4 tunnels, which the kernel
 *     does not
 */
public record PathOptions(boolean routesOthers, boolean acceptsIcmp6Replies) {
    /** Beside the kernel of a live machine. */
    public static final PathOptions LIVE = new PathOptions(false, true);
}
