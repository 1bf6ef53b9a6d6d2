package io.weir.control.state;

import io.weir.conntrack.StateTimeouts;
import io.weir.packet.IpAddress;
import io.weir.service.Destination.Tunnel;

/**
 * A real server as a command asks for it.
 *
 * @param ipv6 the family it was written in: an IPv4-mapped address is IPv6 here, and refused
 * @param port host order; 0 takes over the packet's port
 * @param methodCode as in Destination
 * @param upperThreshold unsigned; 0 is off
 * @param lowerThreshold unsigned
 * @param timeouts of its connections, where they are others than its service's
 */
public record ServerSpec(
        IpAddress address,
        boolean ipv6,
        int port,
        int methodCode,
        int weight,
        int upperThreshold,
        int lowerThreshold,
        Tunnel tunnel,
        StateTimeouts timeouts) {}
