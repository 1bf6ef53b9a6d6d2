package io.weir.control.state;

import io.weir.packet.IpAddress;
import io.weir.service.ServiceKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The services in the order in which the kernel lists them when nobody sorts: by hash bucket, newest first within one,
 * firewall marks after addresses.
 *
 * <p>The kernel mixes the address of a structure in; ours is a constant. <b>Source</b>: ip_vs_svc_hashkey().
 */
final class ServiceOrder {
    private static final int BUCKETS = 256;
    private static final int BUCKET_BITS = 8;
    private static final int SALT = 0x60;

    private final List<List<ServiceEntry>> byAddress = buckets();
    private final List<List<ServiceEntry>> byMark = buckets();
    private @Nullable List<ServiceEntry> listed;

    private static List<List<ServiceEntry>> buckets() {
        final List<List<ServiceEntry>> buckets = new ArrayList<>(BUCKETS);
        for (int i = 0; i < BUCKETS; i++) {
            buckets.add(new ArrayList<>(1));
        }
        return buckets;
    }

    void add(ServiceEntry entry) {
        listed = null;
        bucket(entry.key()).add(0, entry);
    }

    void remove(ServiceEntry entry) {
        listed = null;
        bucket(entry.key()).remove(entry);
    }

    /** Immutable; the same list as long as no service comes or goes. */
    List<ServiceEntry> services() {
        if (listed == null) {
            final List<ServiceEntry> all = new ArrayList<>();
            byAddress.forEach(all::addAll);
            byMark.forEach(all::addAll);
            listed = Collections.unmodifiableList(all);
        }
        return listed;
    }

    private List<ServiceEntry> bucket(ServiceKey key) {
        if (key.fwmark() != 0) {
            return byMark.get((SALT ^ key.fwmark()) & (BUCKETS - 1));
        }
        final int port = key.port();
        return byAddress.get(
                (key.protocol() ^ fold(key.address()) ^ SALT ^ port >>> BUCKET_BITS ^ port) & (BUCKETS - 1));
    }

    private static int fold(IpAddress address) {
        final long folded = address.isV4() ? address.lo() : address.hi() ^ address.lo();
        return address.isV4() ? (int) folded : (int) (folded ^ folded >>> 32);
    }
}
