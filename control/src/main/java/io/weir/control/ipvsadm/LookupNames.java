package io.weir.control.ipvsadm;

import io.weir.packet.IpAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names for one listing, without waiting: a host that is not known yet has no name and is noted, so that whoever made the
 * listing can look it up where nobody waits, and make the listing again.
 *
 * <p><b>Thread</b>: one at a time.
 */
public final class LookupNames implements NameService {
    private final NameService source;
    private final Map<IpAddress, String> known = new HashMap<>();
    private final Set<IpAddress> missing = new LinkedHashSet<>();

    public LookupNames(NameService source) {
        this.source = source;
    }

    /** Looks up what was missing; may wait for a name server. False if nothing was missing. */
    public boolean resolve() {
        if (missing.isEmpty()) {
            return false;
        }
        for (IpAddress address : missing) {
            final String host = source.host(address);
            known.put(address, host == null ? "" : host);
        }
        missing.clear();
        return true;
    }

    @Override
    public @Nullable IpAddress address(String host) {
        return source.address(host);
    }

    @Override
    public @Nullable String host(IpAddress address) {
        final String host = known.get(address);
        if (host == null) {
            missing.add(address);
        }
        return host == null || host.isEmpty() ? null : host;
    }

    @Override
    public int port(String service, int protocol) {
        return source.port(service, protocol);
    }

    @Override
    public @Nullable String service(int port, int protocol) {
        return source.service(port, protocol);
    }
}
