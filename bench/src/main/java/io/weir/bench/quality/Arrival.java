package io.weir.bench.quality;

import io.weir.packet.IpAddress;

/**
 * A connection that a client opens.
 *
 * @param startNs virtual time, from the start of the run
 * @param client the client's address
 * @param port the client's port
 * @param destination the address the client asks for: the VIP, or behind a firewall mark a site
 * @param durationNs how long the connection stays active
 */
public record Arrival(long startNs, IpAddress client, int port, IpAddress destination, long durationNs) {}
