package io.weir.dataplane;

import io.weir.service.Destination;
import io.weir.service.Destination.TunnelType;
import io.weir.service.ServiceTable;
import io.weir.service.VirtualService;

/** Questions about real servers by address, for rare packets: they walk all services. */
final class RealServers {
    private RealServers() {}

    /** Is this the address and port of a real server in service under NAT (ip_vs_has_real_service())? */
    static boolean isRealServer(ServiceTable table, int protocol, long hi, long lo, int port) {
        for (int s = 0; s < table.services().size(); s++) {
            final VirtualService service = table.services().get(s);
            if (service.key().protocol() == protocol || service.key().fwmark() != 0) {
                for (final Destination d : service.destinations()) {
                    if (d.port() == port && d.methodCode() == Connections.MASQUERADING && isAt(d, hi, lo)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Is this where a GUE tunnel of ours ends? */
    static boolean isTunnelEnd(ServiceTable table, long hi, long lo, int port) {
        for (int s = 0; s < table.services().size(); s++) {
            for (final Destination d : table.services().get(s).destinations()) {
                if (d.tunnel().type() == TunnelType.GUE && d.tunnel().port() == port && isAt(d, hi, lo)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isAt(Destination d, long hi, long lo) {
        return d.address().lo() == lo && d.address().hi() == hi;
    }
}
