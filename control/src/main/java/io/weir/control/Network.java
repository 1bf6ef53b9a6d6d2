package io.weir.control;

import io.weir.control.config.WeirConfig;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.KernelRoutes;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.Route;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The director's interfaces and routes: as the configuration says, else as the kernel has them.
 *
 * @param interfaces in the order of the configuration
 */
record Network(List<InterfaceInfo> interfaces, List<Route> routes) {
    /** Reads them now; call again to learn of changes. */
    static Network read(WeirConfig config) throws RunException {
        final List<InterfaceInfo> interfaces = new ArrayList<>();
        try {
            for (WeirConfig.Interface each : config.interfaces()) {
                interfaces.add(KernelRoutes.interfaceInfo(interfaces.size(), each.name()));
            }
            if (!config.routes().isEmpty()) {
                return new Network(interfaces, configured(config, interfaces));
            }
            final boolean routed = interfaces.stream().noneMatch(InterfaceInfo::linkLayer);
            return new Network(interfaces, routed ? everywhere() : KernelRoutes.routes(interfaces));
        } catch (IOException e) {
            throw new RunException("weir: " + e.getMessage(), e);
        }
    }

    /** A director on a TUN device gives all packets back to the kernel, which routes them on. */
    private static List<Route> everywhere() {
        return List.of(
                Route.onLink(new InterfaceInfo.Prefix(IpAddress.ANY4, 0), 0),
                Route.onLink(new InterfaceInfo.Prefix(new IpAddress(0, 0), 0), 0));
    }

    private static List<Route> configured(WeirConfig config, List<InterfaceInfo> interfaces) {
        // What the addresses of the interfaces bring along comes by itself, as in the kernel.
        final List<Route> routes = new ArrayList<>();
        for (WeirConfig.Route route : config.routes()) {
            final InterfaceInfo.Prefix to = prefix(route.to());
            final int index = index(interfaces, route.interfaceName());
            routes.add(route.via() == null ? Route.onLink(to, index) : Route.via(to, route.via(), index));
        }
        routes.addAll(Route.connected(interfaces));
        return routes;
    }

    /** Adds the configured neighbours; before the worker starts. */
    void addNeighbours(WeirConfig config, NeighbourTable table) {
        for (WeirConfig.Neighbour each : config.neighbours()) {
            table.addPermanent(
                    index(interfaces, each.interfaceName()),
                    each.address().hi(),
                    each.address().lo(),
                    each.mac());
        }
    }

    static InterfaceInfo.Prefix prefix(WeirConfig.Network network) {
        return new InterfaceInfo.Prefix(network.address(), network.length());
    }

    private static int index(List<InterfaceInfo> interfaces, String name) {
        for (InterfaceInfo info : interfaces) {
            if (info.name().equals(name)) {
                return info.index();
            }
        }
        throw new IllegalArgumentException("the reader let pass an unknown interface: name=" + name);
    }
}
