package io.weir.control.ipvsadm;

import io.weir.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** Names of hosts and ports; what listings without {@code -n} show and commands may say. */
public interface NameService {
    /** The first IPv4 address of a host, or null. */
    @Nullable
    IpAddress address(String host);

    /** The name of an address, or null. */
    @Nullable
    String host(IpAddress address);

    /** The port of a named service, or -1. */
    int port(String service, int protocol);

    /** The name of a port, or null. */
    @Nullable
    String service(int port, int protocol);
}
