package io.weir.control.ipvsadm;

import io.weir.control.state.ServiceEntry;
import io.weir.packet.IpAddress;
import io.weir.service.ServiceKey;
import java.util.List;

/** {@code ipvsadm -G}: the FULLNAT local addresses of services, in the columns of DPVS's tool. */
final class LocalAddressListing {
    private static final int SERVICE_WIDTH = 20;
    private static final int TOTAL_WIDTH = 8;

    private LocalAddressListing() {}

    static String of(List<ServiceEntry> services) {
        final StringBuilder text = new StringBuilder()
                .append(Columns.left("VIP:VPORT", SERVICE_WIDTH))
                .append(' ')
                .append(Columns.left("TOTAL", TOTAL_WIDTH))
                .append(" SNAT_IP\n");
        for (ServiceEntry service : ListingOrder.services(services)) {
            text.append(Columns.left(name(service.key()), SERVICE_WIDTH))
                    .append(' ')
                    .append(service.localAddresses().size())
                    .append('\n');
            for (IpAddress local : service.localAddresses()) {
                text.append(Columns.left("", SERVICE_WIDTH + TOTAL_WIDTH + 1))
                        .append(' ')
                        .append(local)
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String name(ServiceKey key) {
        return key.fwmark() != 0
                ? "FWM:" + key.fwmark()
                : Labels.endpoint(key.address(), key.ipv6(), key.port(), key.protocol(), null);
    }
}
