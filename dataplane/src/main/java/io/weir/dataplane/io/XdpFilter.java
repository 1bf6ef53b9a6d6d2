package io.weir.dataplane.io;

import io.weir.dataplane.io.GuardRules.Change;
import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.io.linux.Bpf;
import io.weir.dataplane.io.linux.BpfMap;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Keeps the maps of {@link XdpProgram} as the director's rules are.
 *
 * <p>Only what differs is written, additions before removals: at no time does a packet that stays the director's go
 * elsewhere.
 *
 * <p><b>Thread</b>: control, one at a time.
 */
final class XdpFilter implements RuleFollower {
    /** A map takes that many; their memory is taken as they come. */
    private static final int MOST_ADDRESSES = 1 << 18;

    private static final int MOST_PREFIXES = 1 << 12;
    static final int MOST_ENDPOINTS = 1 << 19;

    private static final int UNKNOWN = -1;

    private record Port(Endpoint endpoint, int direction) {}

    private final Bpf bpf;
    private final BpfMap addressMap;
    private final int prefixMap;
    private final BpfMap endpointMap;
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[XdpProgram.PREFIX_BYTES]);

    // What is wanted.
    private final Set<IpAddress> taken = new HashSet<>();
    private final Set<IpAddress> own = new HashSet<>();
    private final Set<Prefix> prefixes = new HashSet<>();
    private final Set<Port> ports = new HashSet<>();
    /** How many ports an address has: services, and reply ports. */
    private final Map<IpAddress, Integer> services = new HashMap<>();

    private final Map<IpAddress, Integer> replies = new HashMap<>();

    // What the kernel has.
    private final Map<IpAddress, Integer> roles = new HashMap<>();
    /** The kernel refused something: of what it was told, any part may be missing. */
    private boolean unsure;

    private boolean closed;

    /** @param descriptors where the maps' file descriptors are put, to be closed by the caller */
    XdpFilter(Bpf bpf, Collection<Integer> descriptors) {
        this.bpf = bpf;
        addressMap = new BpfMap(bpf, "weir_addresses", XdpProgram.ADDRESS_BYTES, MOST_ADDRESSES);
        descriptors.add(addressMap.fd());
        prefixMap = bpf.map(Bpf.MAP_LPM_TRIE, "weir_prefixes", XdpProgram.PREFIX_BYTES, 4, MOST_PREFIXES);
        descriptors.add(prefixMap);
        endpointMap = new BpfMap(bpf, "weir_endpoints", XdpProgram.ENDPOINT_BYTES, MOST_ENDPOINTS);
        descriptors.add(endpointMap.fd());
    }

    XdpProgram.Maps maps(int sockets) {
        return new XdpProgram.Maps(addressMap.fd(), prefixMap, endpointMap.fd(), sockets);
    }

    /** The maps are gone: nothing is followed any more. */
    void close() {
        closed = true;
    }

    @Override
    public void follow(GuardRules rules) {
        if (closed) {
            return;
        }
        final Set<Port> wanted = new LinkedHashSet<>();
        rules.services().forEach(e -> wanted.add(new Port(e, XdpProgram.TO_SERVICE)));
        rules.replies().forEach(e -> wanted.add(new Port(e, XdpProgram.FROM_SERVER)));
        final Set<IpAddress> touched = new LinkedHashSet<>(taken);
        touched.addAll(own);
        own.clear();
        own.addAll(rules.own());
        taken.clear();
        taken.addAll(rules.locals());
        final Set<Prefix> nets = new LinkedHashSet<>();
        rules.vips().forEach(vip -> take(vip, nets));
        touched.addAll(taken);
        touched.addAll(own);
        if (unsure) {
            doubt(wanted, touched);
        }
        unsure = true;
        final List<Port> gone = ports.stream().filter(p -> !wanted.contains(p)).toList();
        final List<Prefix> goneNets =
                prefixes.stream().filter(p -> !nets.contains(p)).toList();
        add(nets);
        for (final Port port : wanted) {
            add(port, touched);
        }
        writeRoles(touched);
        for (final Port port : gone) {
            remove(port, touched);
        }
        writeRoles(touched);
        for (final Prefix net : goneNets) {
            prefixes.remove(net);
            bpf.remove(prefixMap, prefixKey(net), XdpProgram.PREFIX_BYTES);
        }
        unsure = false;
    }

    /** Takes out what is to go, and has all that stays told again. */
    private void doubt(Set<Port> wanted, Set<IpAddress> touched) {
        for (final Port port : ports) {
            if (!wanted.contains(port)) {
                bpf.remove(endpointMap.fd(), endpointKey(port), XdpProgram.ENDPOINT_BYTES);
            }
        }
        ports.clear();
        services.clear();
        replies.clear();
        touched.addAll(roles.keySet());
        roles.replaceAll((address, known) -> UNKNOWN);
    }

    @Override
    public void follow(Change change) {
        if (closed || change.isEmpty()) {
            return;
        }
        final boolean before = unsure;
        unsure = true;
        final Set<IpAddress> touched = new LinkedHashSet<>();
        final Set<Prefix> nets = new LinkedHashSet<>();
        for (final Prefix vip : change.newVips()) {
            take(vip, nets);
            touched.add(vip.address());
        }
        add(nets);
        change.services().added().forEach(e -> add(new Port(e, XdpProgram.TO_SERVICE), touched));
        change.replies().added().forEach(e -> add(new Port(e, XdpProgram.FROM_SERVER), touched));
        writeRoles(touched);
        change.services().removed().forEach(e -> remove(new Port(e, XdpProgram.TO_SERVICE), touched));
        change.replies().removed().forEach(e -> remove(new Port(e, XdpProgram.FROM_SERVER), touched));
        writeRoles(touched);
        unsure = before;
    }

    private void take(Prefix vip, Set<Prefix> nets) {
        if (vip.length() == (vip.address().isV4() ? 32 : 128)) {
            taken.add(vip.address());
        } else {
            nets.add(vip);
        }
    }

    private void add(Set<Prefix> nets) {
        for (final Prefix net : nets) {
            if (!prefixes.contains(net)) {
                bpf.put(prefixMap, prefixKey(net), XdpProgram.PREFIX_BYTES, 1);
                prefixes.add(net);
            }
        }
    }

    private void add(Port port, Set<IpAddress> touched) {
        if (ports.add(port)) {
            endpointMap.put(endpointKey(port), 1);
            counts(port).merge(port.endpoint().address(), 1, Integer::sum);
            touched.add(port.endpoint().address());
        }
    }

    private void remove(Port port, Set<IpAddress> touched) {
        if (ports.remove(port)) {
            endpointMap.remove(endpointKey(port));
            counts(port).computeIfPresent(port.endpoint().address(), (a, count) -> count == 1 ? null : count - 1);
            touched.add(port.endpoint().address());
        }
    }

    private Map<IpAddress, Integer> counts(Port port) {
        return port.direction() == XdpProgram.TO_SERVICE ? services : replies;
    }

    /** Ends a step: the kernel has all of it before the next begins. */
    private void writeRoles(Set<IpAddress> touched) {
        endpointMap.flush();
        touched.forEach(this::writeRoles);
        touched.clear();
        addressMap.flush();
    }

    private void writeRoles(IpAddress address) {
        final int wanted = (taken.contains(address) ? XdpProgram.TAKEN : 0)
                | (services.containsKey(address) ? XdpProgram.SHARED : 0)
                | (own.contains(address) ? XdpProgram.OWN : 0)
                | (replies.containsKey(address) ? XdpProgram.SERVER : 0);
        final int known = roles.getOrDefault(address, 0);
        if (wanted == known) {
            return;
        }
        key.putBytes(0, mapped(address));
        if (wanted == 0 && known == UNKNOWN) {
            bpf.remove(addressMap.fd(), key, XdpProgram.ADDRESS_BYTES);
            roles.remove(address);
        } else if (wanted == 0) {
            addressMap.remove(key);
            roles.remove(address);
        } else {
            addressMap.put(key, wanted);
            roles.put(address, wanted);
        }
    }

    /** Sixteen bytes in network order, IPv4 as ::ffff:a.b.c.d. */
    private static byte[] mapped(IpAddress address) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[XdpProgram.ADDRESS_BYTES]);
        bytes.putLong(0, address.hi(), ByteOrder.BIG_ENDIAN);
        bytes.putLong(Long.BYTES, address.lo(), ByteOrder.BIG_ENDIAN);
        return bytes.byteArray();
    }

    private UnsafeBuffer prefixKey(Prefix prefix) {
        key.putInt(0, prefix.address().isV4() ? 96 + prefix.length() : prefix.length());
        key.putBytes(4, mapped(prefix.address()));
        return key;
    }

    private UnsafeBuffer endpointKey(Port port) {
        key.putBytes(0, mapped(port.endpoint().address()));
        key.putByte(XdpProgram.PROTOCOL_AT, (byte) port.endpoint().protocol());
        key.putByte(XdpProgram.DIRECTION_AT, (byte) port.direction());
        key.putShort(XdpProgram.PORT_AT, (short) port.endpoint().port(), ByteOrder.BIG_ENDIAN);
        return key;
    }

    /** For tests: what stands in the address map, by address. */
    List<String> rolesText() {
        final List<String> lines = new ArrayList<>();
        roles.forEach((address, bits) -> lines.add(address + " " + bits));
        return lines.stream().sorted().toList();
    }
}
