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
 * <p><b>Layout</b>: two open-addressing tables with linear probing, at most half full: services by three longs (see
 * {@link #packed}), and VIPs by two. Lookups neither allocate nor lock.
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
    private static final int KEY_LONGS = 3;
    private static final long IPV6_BIT = 1L << 24;
    private static final long MARK_BIT = 1L << 25;

    private final List<VirtualService> services;
    private final long[] keys;
    private final @Nullable VirtualService[] found;
    private final AddressSet vips;
    private final boolean anyFtp;
    private final boolean anyWildcard;
    private final boolean anyIpv4;
    private final boolean anyIpv6;
    private final boolean anyEngine;

    private ServiceTable(List<VirtualService> services) {
        this(services, AddressSet.capacityFor(services.size()));
    }

    private ServiceTable(List<VirtualService> services, int capacity) {
        this(services, new long[capacity * KEY_LONGS], new @Nullable VirtualService[capacity], AddressSet.of(services));
        services.forEach(this::insert);
    }

    private ServiceTable(
            List<VirtualService> services, long[] keys, @Nullable VirtualService[] found, AddressSet vips) {
        this.services = services;
        this.keys = keys;
        this.found = found;
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
        this.keys = before.keys;
        this.found = before.found.clone();
        this.vips = before.vips;
        this.anyFtp = before.anyFtp;
        this.anyWildcard = before.anyWildcard;
        this.anyIpv4 = before.anyIpv4;
        this.anyIpv6 = before.anyIpv6;
        this.anyEngine = before.anyEngine;
        for (final VirtualService service : edited) {
            found[at(service.key())] = service;
        }
    }

    /** Builds the table; it keeps the given order for {@link #services}. */
    public static ServiceTable of(Collection<VirtualService> services) {
        return services.isEmpty() ? EMPTY : new ServiceTable(List.copyOf(services));
    }

    /**
     * The table of these services, made from this one where it is the same services in the same order, of which some were
     * edited, or one came or went: that costs copies of arrays instead of hashing all keys anew.
     */
    public ServiceTable next(List<VirtualService> next) {
        if (next.size() == services.size() + 1) {
            final int at = odd(next, services);
            return at < 0 || 2 * next.size() > found.length ? of(next) : with(next.get(at), List.copyOf(next));
        }
        if (next.size() == services.size() - 1) {
            final int at = odd(services, next);
            return at < 0 ? of(next) : without(services.get(at), List.copyOf(next));
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
        return edited.isEmpty() ? this : new ServiceTable(this, List.copyOf(next), edited);
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
        final ServiceTable table = new ServiceTable(next, keys.clone(), found.clone(), addresses);
        table.insert(come);
        return table;
    }

    private ServiceTable without(VirtualService gone, List<VirtualService> next) {
        final ServiceKey key = gone.key();
        boolean stays = key.fwmark() != 0;
        for (int i = 0; !stays && i < next.size(); i++) {
            final ServiceKey other = next.get(i).key();
            stays = other.fwmark() == 0 && other.address().equals(key.address());
        }
        final ServiceTable table =
                new ServiceTable(next, keys.clone(), found.clone(), stays ? vips : AddressSet.of(next));
        table.remove(table.at(key));
        return table;
    }

    /** Those behind it move up, so that a search still ends at the first free place. */
    private void remove(int place) {
        final int mask = found.length - 1;
        int free = place;
        for (int at = free + 1 & mask; found[at] != null; at = at + 1 & mask) {
            final int key = at * KEY_LONGS;
            final int home = AddressSet.hash(keys[key], keys[key + 1], keys[key + 2]) & mask;
            if ((at - home & mask) >= (at - free & mask)) {
                System.arraycopy(keys, key, keys, free * KEY_LONGS, KEY_LONGS);
                found[free] = found[at];
                free = at;
            }
        }
        found[free] = null;
    }

    /** Are the services of both the same ones, however edited? False if that is not known without looking at all. */
    @SuppressWarnings("ReferenceEquality")
    public boolean hasKeysOf(ServiceTable other) {
        return keys == other.keys;
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
        return found[at(key)];
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
            final VirtualService marked = get(0, 0, packed(0, 0, fwmark, ipv6));
            if (marked != null) {
                return marked;
            }
        }
        VirtualService service = get(hi, lo, packed(protocol, port, 0, ipv6));
        if (service == null && anyFtp && protocol == ProtocolNumbers.TCP && mayBeFtpData(port)) {
            service = get(hi, lo, packed(protocol, FTP_PORT, 0, ipv6));
        }
        if (service == null && anyWildcard) {
            service = get(hi, lo, packed(protocol, ANY_PORT, 0, ipv6));
        }
        return service;
    }

    private static boolean mayBeFtpData(int port) {
        return port == FTP_DATA_PORT || port >= FIRST_UNPRIVILEGED_PORT;
    }

    private @Nullable VirtualService get(long hi, long lo, long rest) {
        return found[at(hi, lo, rest)];
    }

    /** Where the service with this key is, or would be. */
    private int at(long hi, long lo, long rest) {
        final int mask = found.length - 1;
        int at = AddressSet.hash(hi, lo, rest) & mask;
        while (found[at] != null) {
            final int key = at * KEY_LONGS;
            if (keys[key] == hi && keys[key + 1] == lo && keys[key + 2] == rest) {
                return at;
            }
            at = (at + 1) & mask;
        }
        return at;
    }

    private int at(ServiceKey key) {
        final boolean marked = key.fwmark() != 0;
        return at(
                marked ? 0 : key.address().hi(),
                marked ? 0 : key.address().lo(),
                packed(key.protocol(), key.port(), key.fwmark(), key.ipv6()));
    }

    private void insert(VirtualService service) {
        final ServiceKey key = Objects.requireNonNull(service.key());
        final int at = at(key);
        if (found[at] != null) {
            throw new IllegalArgumentException("two services with one key: key=" + key);
        }
        final boolean marked = key.fwmark() != 0;
        keys[at * KEY_LONGS] = marked ? 0 : key.address().hi();
        keys[at * KEY_LONGS + 1] = marked ? 0 : key.address().lo();
        keys[at * KEY_LONGS + 2] = packed(key.protocol(), key.port(), key.fwmark(), key.ipv6());
        found[at] = service;
    }

    /** The part of a key that is not the address: mark in the upper half, or port and protocol in the lower. */
    private static long packed(int protocol, int port, int fwmark, boolean ipv6) {
        final long family = ipv6 ? IPV6_BIT : 0;
        return fwmark != 0 ? (long) fwmark << 32 | MARK_BIT | family : family | (long) protocol << 16 | port;
    }
}
