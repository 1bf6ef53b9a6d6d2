package io.weir.dataplane.route;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One route of the director.
 *
 * @param prefix the destinations it is for
 * @param gateway the next hop; null if the destinations are on the link
 * @param interfaceIndex position of the interface in the data plane's device list
 * @param mtu bytes; 0 for the interface's
 * @param preferredSource what our own packets along it come from; null for the interface's first address
 */
public record Route(
        InterfaceInfo.Prefix prefix,
        @Nullable IpAddress gateway,
        int interfaceIndex,
        int mtu,
        @Nullable IpAddress preferredSource) {
    public Route {
        final int bits = prefix.address().isV4() ? 32 : 128;
        if (prefix.length() < 0 || prefix.length() > bits) {
            throw new IllegalArgumentException("prefix length out of range: length=" + prefix.length());
        }
        if (gateway != null && gateway.isV4() != prefix.address().isV4()) {
            throw new IllegalArgumentException("gateway of the other family: gateway=" + gateway);
        }
        if (mtu < 0) {
            throw new IllegalArgumentException("negative MTU: mtu=" + mtu);
        }
    }

    /** A route to a network on the link, with the interface's MTU and address. */
    public static Route onLink(InterfaceInfo.Prefix prefix, int interfaceIndex) {
        return new Route(prefix, null, interfaceIndex, 0, null);
    }

    /** A route through a gateway, with the interface's MTU and address. */
    public static Route via(InterfaceInfo.Prefix prefix, IpAddress gateway, int interfaceIndex) {
        return new Route(prefix, gateway, interfaceIndex, 0, null);
    }

    /** The routes that the addresses of the interfaces bring along: one to each connected network. */
    public static List<Route> connected(List<InterfaceInfo> interfaces) {
        final List<Route> routes = new ArrayList<>();
        for (final InterfaceInfo info : interfaces) {
            for (final InterfaceInfo.Prefix address : info.addresses()) {
                routes.add(new Route(address, null, info.index(), 0, address.address()));
            }
        }
        return routes;
    }
}
