package io.weir.control;

import io.weir.control.config.WeirConfig;
import io.weir.control.keepalived.ServiceSettings.Place;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.PathLane;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import io.weir.service.ServiceKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the way of a service's traffic to one of its real servers, for a conversation of the director's own.
 *
 * <p><b>Thread</b>: the director's, under its lock.
 */
final class PathFinder {
    private static final int DIRECT_ROUTING = 3;
    private static final int TUNNELLING = 2;
    private static final int MASQUERADING = 0;
    private static final int FULLNAT = 5;
    private static final Set<Integer> ANSWERING_FROM_VIP = Set.of(DIRECT_ROUTING, TUNNELLING);

    private static final int PORT_BITS = 16;

    /**
     * What the director sees.
     *
     * @param leavesToHost a device of it leaves to the host what no service wants (AF_XDP)
     * @param elsewhere virtual addresses that another director has for now
     */
    record Sight(boolean leavesToHost, List<InterfaceInfo> interfaces, Set<IpAddress> elsewhere) {
        private boolean isOwn(IpAddress address) {
            return interfaces.stream()
                    .flatMap(each -> each.addresses().stream())
                    .anyMatch(each -> each.address().equals(address));
        }
    }

    /**
     * What was found.
     *
     * @param obstacle why there is no way
     */
    record Found(PathLane.@Nullable Way way, String obstacle) {
        private static Found not(String why) {
            return new Found(null, why);
        }
    }

    private final LiveConfig live;
    private final Sight sight;
    private final int protocol;

    private PathFinder(LiveConfig live, Sight sight, int protocol) {
        this.live = live;
        this.sight = sight;
        this.protocol = protocol;
    }

    /**
     * The way to a server that is in service, if only without weight.
     *
     * @param protocol of the conversation (ProtocolNumbers)
     */
    static Found find(LiveConfig live, Sight sight, Place server, int protocol) {
        final DirectorState state = live.commands().state();
        final PathFinder finder = new PathFinder(live, sight, protocol);
        Found found = Found.not("the server is not in service");
        for (DestinationEntry entry : ServerConnections.entries(state, server)) {
            if (!state.deletedServers().contains(entry)) {
                found = finder.through(entry.service(), entry.value());
                if (found.way() != null) {
                    return found;
                }
            }
        }
        return found;
    }

    private Found through(ServiceEntry service, Destination server) {
        final ServiceKey key = service.key();
        final int port = key.port() == 0 ? server.port() : key.port();
        final Endpoint virtual = key.fwmark() == 0 ? new Endpoint(key.address(), port) : marked(key, server);
        if (virtual == null) {
            return Found.not("no address under vips: gets the service's mark from marks:");
        }
        final String obstacle = obstacle(virtual.address(), server);
        final List<IpAddress> locals = service.localAddresses();
        return obstacle.isEmpty()
                ? new Found(
                        new PathLane.Way(
                                virtual.address(),
                                virtual.port(),
                                server,
                                locals,
                                service.spec().toa()),
                        "")
                : Found.not(obstacle);
    }

    private String obstacle(IpAddress virtual, Destination server) {
        final int method = server.methodCode();
        final DirectorState state = live.commands().state();
        if (sight.elsewhere().contains(virtual)
                || state.syncRoles().backup() && state.sysctls().backupOnly()) {
            return "the service is another director's for now";
        }
        if (virtual.isV4() != server.address().isV4()) {
            return "the server is of another address family than its service";
        }
        if (sight.isOwn(server.address())) {
            return "the server is the director itself";
        }
        if (method != FULLNAT && !sight.interfaces().stream().allMatch(InterfaceInfo::linkLayer)) {
            return "the host does not give the answers to a tun: device";
        }
        if (ANSWERING_FROM_VIP.contains(method)) {
            return sight.leavesToHost() ? "an xdp: device leaves the answers to the host" : "";
        }
        return method == MASQUERADING || method == FULLNAT ? "" : "the forwarding method has no path to check";
    }

    private record Endpoint(IpAddress address, int port) {}

    /** An address and a port of clients' packets that get a service's mark; null if the configuration names none. */
    private @Nullable Endpoint marked(ServiceKey key, Destination server) {
        final MarkRules marks = live.marks();
        for (IpAddress address : addresses(marks, server.address().isV4())) {
            for (int port : ports(marks, server.port())) {
                if (isMarked(marks, key.fwmark(), address, port)) {
                    return new Endpoint(address, port);
                }
            }
        }
        return null;
    }

    private Set<IpAddress> addresses(MarkRules marks, boolean v4) {
        final Set<IpAddress> all = new LinkedHashSet<>();
        for (WeirConfig.Network vip : live.config().vips()) {
            all.add(vip.address());
        }
        live.commands().state().services().stream()
                .filter(each -> each.key().fwmark() == 0)
                .forEach(each -> all.add(each.key().address()));
        for (MarkRules.Rule rule : marks.rules()) {
            all.add(new IpAddress(rule.destination().hi(), rule.destination().lo()));
        }
        all.removeIf(each -> each.isV4() != v4 || !isServed(each));
        return all;
    }

    /** Does the director answer for it? */
    private boolean isServed(IpAddress address) {
        return live.commands().state().services().stream()
                        .anyMatch(each ->
                                each.key().fwmark() == 0 && each.key().address().equals(address))
                || live.config().vips().stream()
                        .anyMatch(each -> Network.prefix(each).contains(address.hi(), address.lo()));
    }

    private static List<Integer> ports(MarkRules marks, int serverPort) {
        final List<Integer> all = new ArrayList<>();
        if (serverPort != 0) {
            all.add(serverPort);
        }
        for (MarkRules.Rule rule : marks.rules()) {
            for (MarkRules.Ports each : List.of(rule.destinationPorts(), rule.eitherPorts())) {
                for (int range : each.ranges()) {
                    all.add(range >>> PORT_BITS);
                }
            }
        }
        return all;
    }

    private boolean isMarked(MarkRules marks, int mark, IpAddress address, int port) {
        final boolean icmp = protocol == ProtocolNumbers.ICMP || protocol == ProtocolNumbers.ICMPV6;
        for (int i = 0; i < sight.interfaces().size(); i++) {
            if (marks.mark(icmp ? ProtocolNumbers.TCP : protocol, address, port, i) == mark) {
                return true;
            }
        }
        return false;
    }
}
