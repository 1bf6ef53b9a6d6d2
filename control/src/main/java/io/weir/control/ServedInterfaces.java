package io.weir.control;

import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import io.weir.control.keepalived.VrrpSettings;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.KernelRoutes;
import io.weir.dataplane.route.Route;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which interfaces a {@code keepalived.conf} concerns. The kernel's IPVS hears all of them; we take those that VRRP names,
 * that lead to the real servers and to the virtual addresses, and the one of the default route.
 */
final class ServedInterfaces {
    private ServedInterfaces() {}

    static List<String> of(KeepalivedConfig config) {
        final Set<String> names = new LinkedHashSet<>();
        config.instances().forEach(each -> names.add(each.interfaceName()));
        try {
            final List<InterfaceInfo> all = links();
            final List<Route> routes = new ArrayList<>(KernelRoutes.routes(all));
            routes.addAll(Route.connected(all));
            for (IpAddress address : addresses(config)) {
                final String name = toward(address, all, routes);
                if (name != null) {
                    names.add(name);
                }
            }
            for (Route route : routes) {
                if (route.prefix().length() == 0) {
                    names.add(all.get(route.interfaceIndex()).name());
                }
            }
        } catch (IOException e) {
            // What VRRP names is left; starting on it says what is missing.
            return List.copyOf(names);
        }
        return List.copyOf(names);
    }

    private static List<InterfaceInfo> links() throws IOException {
        final List<InterfaceInfo> all = new ArrayList<>();
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            if (each.isUp() && !each.isLoopback() && each.getHardwareAddress() != null) {
                all.add(KernelRoutes.interfaceInfo(all.size(), each.getName()));
            }
        }
        return all;
    }

    private static Set<IpAddress> addresses(KeepalivedConfig config) {
        final Set<IpAddress> addresses = new LinkedHashSet<>();
        for (ServiceSettings service : config.services()) {
            service.servers().stream().map(ServerSettings::address).forEach(addresses::add);
            addresses.addAll(service.addresses());
        }
        for (VrrpSettings instance : config.instances()) {
            instance.advertised().forEach(each -> addresses.add(each.address()));
        }
        return addresses;
    }

    private static @Nullable String toward(IpAddress address, List<InterfaceInfo> all, List<Route> routes) {
        int longest = 0;
        String found = null;
        for (Route route : routes) {
            final InterfaceInfo.Prefix prefix = route.prefix();
            if (prefix.length() > longest && contains(prefix, address)) {
                longest = prefix.length();
                found = all.get(route.interfaceIndex()).name();
            }
        }
        return found;
    }

    private static boolean contains(InterfaceInfo.Prefix prefix, IpAddress address) {
        if (prefix.address().isV4() != address.isV4()) {
            return false;
        }
        final int bits = prefix.length() + (address.isV4() ? 96 : 0);
        final long high = bits >= 64 ? -1 : bits == 0 ? 0 : -1L << 64 - bits;
        final long low = bits <= 64 ? 0 : -1L << 128 - bits;
        return ((prefix.address().hi() ^ address.hi()) & high) == 0
                && ((prefix.address().lo() ^ address.lo()) & low) == 0;
    }
}
