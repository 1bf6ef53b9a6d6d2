package io.weir.control.replay;

import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.dataplane.route.Route;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The network around the director in a replay; immutable.
 *
 * @param routes besides those that the interfaces' addresses bring along
 * @param vips prefixes the director answers for
 * @param hosts names
 */
record Topology(
        List<InterfaceInfo> interfaces,
        List<Route> routes,
        List<Neighbour> neighbours,
        List<Prefix> vips,
        Map<String, IpAddress> hosts) {
    private static final int SOURCE_MAC_BYTE = 10;
    private static final int MAC_SHIFT = 8;

    /** A neighbour that is known for good. */
    record Neighbour(int interfaceIndex, IpAddress address, long mac) {}

    /** All routes. */
    List<Route> allRoutes() {
        final List<Route> all = new ArrayList<>(routes);
        all.addAll(Route.connected(interfaces));
        return all;
    }

    List<String> interfaceNames() {
        return interfaces.stream().map(InterfaceInfo::name).toList();
    }

    /**
     * The interface a frame came in by: the one whose MAC has the same fifth byte as the frame's source, else the first.
     */
    int ingress(byte[] frame) {
        for (InterfaceInfo info : interfaces) {
            if (frame.length > SOURCE_MAC_BYTE
                    && (info.mac() >>> MAC_SHIFT & 0xFF) == (frame[SOURCE_MAC_BYTE] & 0xFF)
                    && info.index() > 0) {
                return info.index();
            }
        }
        return 0;
    }

    /** With another MTU on one interface. */
    Topology withMtu(String name, int mtu) throws ReplayException {
        return with(
                name,
                info -> new InterfaceInfo(
                        info.index(), info.name(), info.linkLayer(), info.mac(), mtu, info.addresses()));
    }

    /** With one more address on an interface, unless it has it. */
    Topology withAddress(String name, Prefix address) throws ReplayException {
        return with(name, info -> {
            final List<Prefix> addresses = new ArrayList<>(info.addresses());
            if (!addresses.contains(address)) {
                addresses.add(address);
            }
            return new InterfaceInfo(info.index(), info.name(), info.linkLayer(), info.mac(), info.mtu(), addresses);
        });
    }

    private Topology with(String name, UnaryOperator<InterfaceInfo> change) throws ReplayException {
        if (!interfaceNames().contains(name)) {
            throw new ReplayException("no such interface: " + name);
        }
        return new Topology(
                interfaces.stream()
                        .map(info -> info.name().equals(name) ? change.apply(info) : info)
                        .toList(),
                routes,
                neighbours,
                vips,
                hosts);
    }
}
