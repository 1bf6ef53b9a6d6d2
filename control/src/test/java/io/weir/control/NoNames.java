package io.weir.control;

import io.weir.control.ipvsadm.NameService;
import io.weir.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** A machine without name servers, hosts and services: nothing has a name, and nobody waits for one. */
final class NoNames implements NameService {
    @Override
    public @Nullable IpAddress address(String host) {
        return null;
    }

    @Override
    public @Nullable String host(IpAddress address) {
        return null;
    }

    @Override
    public int port(String service, int protocol) {
        return -1;
    }

    @Override
    public @Nullable String service(int port, int protocol) {
        return null;
    }
}
