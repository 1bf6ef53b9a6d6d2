package io.weir.control.state;

import io.weir.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * One connection or template, as listings show it.
 *
 * @param protocol 0 for the template of a firewall-mark service
 * @param ipv6 the family of client and virtual address
 * @param state its name
 * @param expiresSeconds until it ends
 * @param engine persistence engine of a template, or null
 * @param engineData what the engine keyed it by, or null
 */
public record ConnectionInfo(
        int protocol,
        boolean ipv6,
        IpAddress client,
        int clientPort,
        IpAddress virtual,
        int virtualPort,
        IpAddress destination,
        int destinationPort,
        String state,
        int expiresSeconds,
        @Nullable String engine,
        @Nullable String engineData) {}
