package io.weir.dataplane;

import io.weir.conntrack.Timeouts;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.RouteTable;
import io.weir.dataplane.sync.SyncRoles;
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
 * @param sync which sync daemons run
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
        MarkRules marks,
        SyncRoles sync) {
    /** Without a sync daemon. */
    public ConfigSnapshot(
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
            MarkRules marks) {
        this(
                epoch,
                services,
                destinations,
                routes,
                interfaces,
                vips,
                own,
                localAddressSet,
                localAddresses,
                timeouts,
                sysctls,
                marks,
                SyncRoles.NONE);
    }

    /**
     * Does this director look at packets of the family at all? Without a service of it the kernel's IPVS has no hooks:
     * connections that are left stay unused, and forwarded fragments are not gathered.
     */
    boolean isHooked(boolean v4) {
        return services.hasFamily(!v4);
    }

    /** Is this an address of the director itself, a VIP or one of its host's? */
    public boolean isOwn(long hi, long lo) {
        return vips.contains(hi, lo) || own.contains(hi, lo);
    }

    /** Is this director to leave its services alone, because it is a backup? */
    boolean isPassive() {
        return sync.backup() && sysctls.backupOnly();
    }
}
