package io.weir.dataplane;

import io.weir.conntrack.Timeouts;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.service.DestinationTable;
import io.weir.service.ServiceTable;
import java.util.List;

/**
 * All that a worker needs to know of the configuration; immutable, published behind one reference.
 *
 * @param epoch grows by one with every publication
 * @param vips the addresses the director answers for: those of the services, and any given prefix
 * @param own the director's own addresses; packets to them that no service takes are left to the host's stack
 * @param localAddresses the FULLNAT local addresses (LIPs), by index
 */
public record ConfigSnapshot(
        long epoch,
        ServiceTable services,
        DestinationTable destinations,
        RouteTable routes,
        List<InterfaceInfo> interfaces,
        LocalAddresses vips,
        LocalAddresses own,
        LocalAddresses localAddressSet,
        List<IpAddress> localAddresses,
        Timeouts timeouts,
        Sysctls sysctls,
        MarkRules marks) {}
