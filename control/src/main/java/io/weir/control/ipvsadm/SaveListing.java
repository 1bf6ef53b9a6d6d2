package io.weir.control.ipvsadm;

import io.weir.conntrack.StateTimeouts;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.ServiceSpec;
import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.Destination.Tunnel;
import io.weir.service.Destination.TunnelType;
import io.weir.service.ServiceKey;
import org.jspecify.annotations.Nullable;

/**
 * {@code ipvsadm -S}: the table as restore lines. Thresholds are not among them, as in ipvsadm.
 */
final class SaveListing {
    private static final int TUNNELLING = 2;

    private SaveListing() {}

    static String save(DirectorState state, @Nullable NameService names) {
        final StringBuilder out = new StringBuilder();
        for (ServiceEntry service : ListingOrder.services(state.services())) {
            final String name = name(service.key(), names);
            out.append("-A ").append(name).append(options(service.spec())).append('\n');
            for (IpAddress local : service.localAddresses()) {
                out.append("-P ").append(name).append(" -z ").append(local).append('\n');
            }
            for (DestinationEntry server : ListingOrder.destinations(service.destinations())) {
                out.append("-a ")
                        .append(name)
                        .append(server(server, service.key(), names))
                        .append('\n');
            }
        }
        return out.toString();
    }

    static String name(ServiceKey key, @Nullable NameService names) {
        return key.fwmark() != 0
                ? "-f " + key.fwmark() + (key.ipv6() ? " -6" : "")
                : Labels.serviceOption(key.protocol()) + " "
                        + Labels.endpoint(key.address(), key.ipv6(), key.port(), key.protocol(), names);
    }

    static String options(ServiceSpec spec) {
        final StringBuilder text = new StringBuilder(" -s ").append(spec.scheduler());
        if (spec.persistenceSeconds() > 0) {
            text.append(" -p ").append(spec.persistenceSeconds());
            if (!spec.hasFullNetmask()) {
                text.append(" -M ").append(IpvsadmListing.netmask(spec));
            }
        }
        if (spec.engine() != null) {
            text.append(" --pe ").append(spec.engine());
        }
        if (spec.onePacket()) {
            text.append(" -o");
        }
        if (spec.schedulerFlags() != 0) {
            text.append(" -b ").append(SchedulerFlagNames.format(spec.scheduler(), spec.schedulerFlags()));
        }
        return text.append(spec.toa() ? " --toa" : "")
                .append(TuningArguments.format(spec.tuning()))
                .append(timeouts(spec.timeouts()))
                .toString();
    }

    static String server(DestinationEntry entry, ServiceKey service, @Nullable NameService names) {
        final Destination d = entry.value();
        return " -r " + Labels.endpoint(d.address(), entry.isIpv6(), d.port(), service.protocol(), names) + " "
                + Labels.methodOption(d.methodCode()) + " -w " + d.weight()
                + (d.methodCode() == TUNNELLING ? tunnel(d.tunnel()) : "")
                + timeouts(entry.timeouts());
    }

    private static String timeouts(StateTimeouts timeouts) {
        return timeouts.isEmpty() ? "" : " --timeouts " + timeouts.text();
    }

    private static String tunnel(Tunnel tunnel) {
        final String type = " --tun-type " + TunnelArguments.name(tunnel.type());
        if (tunnel.type() == TunnelType.IPIP) {
            return type;
        }
        final String port = tunnel.type() == TunnelType.GUE ? " --tun-port " + tunnel.port() : "";
        return type
                + port
                + switch (tunnel.checksum()) {
                    case NONE -> " --tun-nocsum";
                    case CSUM -> " --tun-csum";
                    case REMCSUM -> " --tun-remcsum";
                };
    }
}
