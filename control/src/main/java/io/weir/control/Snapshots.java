package io.weir.control;

import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.io.GuardRules;
import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.Route;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import io.weir.service.ServiceKey;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Puts what the director knows together into the immutable value its worker runs on.
 *
 * <p>An address stays a VIP when its last service goes: connections to it live on, and in IPVS, too, it is the host's
 * until somebody takes it off the interface.
 *
 * <p><b>Thread</b>: the director's.
 */
final class Snapshots {
    private static final int MASQUERADING = 0;

    private final DirectorState state;
    private final MarkRules marks;
    private final List<InterfaceInfo.Prefix> moreVips;
    private final Set<IpAddress> vips = new LinkedHashSet<>();
    private long epoch;

    /**
     * Starts with epoch 0.
     *
     * @param moreVips answered for besides the addresses of services
     */
    Snapshots(DirectorState state, MarkRules marks, List<InterfaceInfo.Prefix> moreVips) {
        this.state = state;
        this.marks = marks;
        this.moreVips = moreVips;
    }

    /** The next snapshot. */
    ConfigSnapshot next(List<InterfaceInfo> interfaces, List<Route> routes) {
        for (ServiceEntry service : state.services()) {
            if (service.key().fwmark() == 0) {
                vips.add(service.key().address());
            }
        }
        final DirectorState.Tables tables = state.tables();
        final List<IpAddress> locals = state.localAddresses();
        return new ConfigSnapshot(
                ++epoch,
                tables.services(),
                tables.destinations(),
                RouteTable.of(routes, interfaces),
                interfaces,
                LocalAddresses.of(vips, moreVips),
                LocalAddresses.ofInterfaces(interfaces),
                LocalAddresses.of(locals, List.of()),
                locals,
                state.timeouts(),
                state.sysctls(),
                marks,
                state.syncRoles());
    }

    /** What the host's stack must not see; it changes with every {@link #next}. */
    GuardRules guardRules(List<InterfaceInfo> interfaces) {
        final List<IpAddress> own = interfaces.stream()
                .flatMap(info -> info.addresses().stream())
                .map(InterfaceInfo.Prefix::address)
                .toList();
        final Set<InterfaceInfo.Prefix> alone = new LinkedHashSet<>(moreVips);
        vips.stream().filter(vip -> !own.contains(vip)).forEach(vip -> alone.add(host(vip)));
        final Set<Endpoint> shared = new LinkedHashSet<>();
        final Set<Endpoint> replies = new LinkedHashSet<>();
        for (ServiceEntry service : state.services()) {
            final ServiceKey key = service.key();
            if (key.fwmark() == 0 && own.contains(key.address())) {
                shared.add(new Endpoint(key.address(), key.protocol(), key.port()));
            }
            for (DestinationEntry entry : service.destinations()) {
                if (entry.value().methodCode() == MASQUERADING) {
                    replies.addAll(replies(key, entry.value()));
                }
            }
        }
        return new GuardRules(
                List.copyOf(alone), List.copyOf(shared), state.localAddresses(), List.copyOf(replies), own);
    }

    /** Where answers come from; a firewall-mark service says nothing of the protocol, a port 0 nothing of the port. */
    private static List<Endpoint> replies(ServiceKey key, Destination server) {
        if (key.fwmark() == 0) {
            return List.of(new Endpoint(server.address(), key.protocol(), server.port()));
        }
        return List.of(
                new Endpoint(server.address(), ProtocolNumbers.TCP, server.port()),
                new Endpoint(server.address(), ProtocolNumbers.UDP, server.port()));
    }

    private static InterfaceInfo.Prefix host(IpAddress address) {
        return new InterfaceInfo.Prefix(address, address.isV4() ? 32 : 128);
    }
}
