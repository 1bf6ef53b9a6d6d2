package io.weir.service;

import io.weir.packet.ProtocolNumbers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the virtual service that a packet without a connection belongs to; immutable, part of a published snapshot.
 *
 * <p>The order is the kernel's: the firewall mark's service, and nothing else if there is one; protocol, address and
 * port; for TCP the FTP service of that address if the port may be an FTP data port; the address's service for all ports.
 *
 * <p><b>Layout</b>: two hash tables, the services by their keys and the VIPs. Lookups neither allocate nor lock.
 *
 * <p><b>Thread</b>: any. <b>Fails</b>: {@link #of} throws IllegalArgumentException if two services have one key.
 *
 * <p><b>Source</b>: ip_vs_service_find() in net/netfilter/ipvs/ip_vs_ctl.c.
 */
public final class ServiceTable {
    /** No service at all. */
    public static final ServiceTable EMPTY = new ServiceTable(List.of());

    private static final int FTP_PORT = 21;
    private static final int FTP_DATA_PORT = 20;
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;
    private static final int ANY_PORT = 0;

    private final List<VirtualService> services;
    private final ServiceIndex index;
    private final AddressSet vips;
    private final boolean anyFtp;
    private final boolean anyWildcard;
    private final boolean anyIpv4;
    private final boolean anyIpv6;
    private final boolean anyEngine;

    private ServiceTable(List<VirtualService> services) {
        this(services, ServiceIndex.of(services), AddressSet.of(services));
    }

    private ServiceTable(List<VirtualService> services, ServiceIndex index, AddressSet vips) {
        this.services = services;
        this.index = index;
        this.vips = vips;
        boolean ftp = false;
        boolean wildcard = false;
        boolean ipv4 = false;
        boolean ipv6 = false;
        boolean engine = false;
        for (final VirtualService service : services) {
            ipv4 |= !service.key().ipv6();
            ipv6 |= service.key().ipv6();
            engine |= service.persistenceEngine() != null;
            if (service.key().fwmark() == 0) {
                ftp |= service.key().port() == FTP_PORT;
                wildcard |= service.key().port() == ANY_PORT;
            }
        }
        this.anyFtp = ftp;
        this.anyWildcard = wildcard;
        this.anyIpv4 = ipv4;
        this.anyIpv6 = ipv6;
        this.anyEngine = engine;
    }

    private ServiceTable(ServiceTable before, List<VirtualService> services, List<VirtualService> edited) {
        this.services = services;
        this.index = before.index.edited(edited);
        this.vips = before.vips;
        this.anyFtp = before.anyFtp;
        this.anyWildcard = before.anyWildcard;
        this.anyIpv4 = before.anyIpv4;
        this.anyIpv6 = before.anyIpv6;
        this.anyEngine = before.anyEngine;
    }

    /** Builds the table; it keeps the given order for {@link #services}. */
    public static ServiceTable of(Collection<VirtualService> services) {
        return services.isEmpty() ? EMPTY : new ServiceTable(List.copyOf(services));
    }

    /**
     * The table of these services, made from this one where it is the same services in the same order, of which some were
     * edited, or one came or went: that costs copies of what is touched instead of hashing all keys anew.
     *
     * @param next is kept; nobody may change it any more
     */
    public ServiceTable next(List<VirtualService> next) {
        if (next.size() == services.size() + 1) {
            final int at = odd(next, services);
            return at < 0 || !index.hasRoomFor(next.size()) ? of(next) : with(next.get(at), next);
        }
        if (next.size() == services.size() - 1) {
            final int at = odd(services, next);
            return at < 0 ? of(next) : without(services.get(at), next);
        }
        if (next.size() != services.size()) {
            return of(next);
        }
        final List<VirtualService> edited = new ArrayList<>();
        for (int i = 0; i < next.size(); i++) {
            final VirtualService now = next.get(i);
            final VirtualService before = services.get(i);
            if (same(now, before)) {
                continue;
            }
            if (!now.key().equals(before.key())
                    || !Objects.equals(now.persistenceEngine(), before.persistenceEngine())) {
                return of(next);
            }
            edited.add(now);
        }
        return edited.isEmpty() ? this : new ServiceTable(this, next, edited);
    }

    /** Where {@code longer} has the one that {@code shorter} has not; -1 if that is not all of the difference. */
    private static int odd(List<VirtualService> longer, List<VirtualService> shorter) {
        int odd = shorter.size();
        for (int i = 0, of = 0; i < shorter.size(); i++, of++) {
            if (!same(longer.get(of), shorter.get(i))) {
                if (odd < shorter.size() || !same(longer.get(++of), shorter.get(i))) {
                    return -1;
                }
                odd = i;
            }
        }
        return odd;
    }

    private ServiceTable with(VirtualService come, List<VirtualService> next) {
        final ServiceKey key = come.key();
        final AddressSet addresses =
                key.fwmark() == 0 ? vips.with(key.address().hi(), key.address().lo()) : vips;
        return new ServiceTable(next, index.with(come), addresses);
    }

    private ServiceTable without(VirtualService gone, List<VirtualService> next) {
        final ServiceKey key = gone.key();
        boolean stays = key.fwmark() != 0;
        for (int i = 0; !stays && i < next.size(); i++) {
            final ServiceKey other = next.get(i).key();
            stays = other.fwmark() == 0
                    && other.address().hi() == key.address().hi()
                    && other.address().lo() == key.address().lo();
        }
        return new ServiceTable(next, index.without(key), stays ? vips : AddressSet.of(next));
    }

    /** Are the services of both the same ones, however edited? False if that is not known without looking at all. */
    public boolean hasKeysOf(ServiceTable other) {
        return index.hasKeysOf(other.index);
    }

    /** Untouched is the same object. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(VirtualService a, VirtualService b) {
        return a == b;
    }

    /** All services, in the order they were given. */
    public List<VirtualService> services() {
        return services;
    }

    /** Is there any service of the family? */
    public boolean hasFamily(boolean ipv6) {
        return ipv6 ? anyIpv6 : anyIpv4;
    }

    /** Is this the address of a service (of one that is not named by a firewall mark)? */
    public boolean isVip(long hi, long lo) {
        return vips.contains(hi, lo);
    }

    /** Has any service a persistence engine? */
    public boolean anyEngine() {
        return anyEngine;
    }

    /** The service with exactly this key. */
    public @Nullable VirtualService exact(ServiceKey key) {
        return index.get(key);
    }

    /**
     * The service that takes a packet.
     *
     * @param hi destination address, upper half
     * @param lo destination address, lower half
     * @param port destination port, host order
     * @param fwmark 0 if the packet is not marked
     */
    public @Nullable VirtualService find(int protocol, long hi, long lo, int port, int fwmark, boolean ipv6) {
        if (fwmark != 0) {
            final VirtualService marked = index.get(0, 0, ServiceIndex.packed(0, 0, fwmark, ipv6));
            if (marked != null) {
                return marked;
            }
        }
        VirtualService service = index.get(hi, lo, ServiceIndex.packed(protocol, port, 0, ipv6));
        if (service == null && anyFtp && protocol == ProtocolNumbers.TCP && mayBeFtpData(port)) {
            service = index.get(hi, lo, ServiceIndex.packed(protocol, FTP_PORT, 0, ipv6));
        }
        if (service == null && anyWildcard) {
            service = index.get(hi, lo, ServiceIndex.packed(protocol, ANY_PORT, 0, ipv6));
        }
        return service;
    }

    private static boolean mayBeFtpData(int port) {
        return port == FTP_DATA_PORT || port >= FIRST_UNPRIVILEGED_PORT;
    }
}
