package io.weir.control.ipvsadm;

import io.weir.control.state.ConnectionInfo;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.ServiceSpec;
import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.ServiceKey;
import java.util.Collection;
import java.util.Locale;

/** The files {@code ip_vs} and {@code ip_vs_conn} that IPVS shows under /proc/net: hexadecimal, in the kernel's order. */
public final class ProcListing {
    private static final int TICKS_PER_SECOND = 100;

    private ProcListing() {}

    /** /proc/net/ip_vs. */
    public static String services(DirectorState state) {
        final StringBuilder out = new StringBuilder(IpvsadmListing.TITLE)
                .append("Prot LocalAddress:Port Scheduler Flags\n")
                .append("  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n");
        for (ServiceEntry service : state.services()) {
            out.append(service(service.spec())).append('\n');
            for (DestinationEntry server : service.destinations()) {
                final Destination d = server.value();
                out.append("  -> ")
                        .append(endpoint(d.address(), server.isIpv6(), d.port()))
                        .append("      ")
                        .append(Columns.left(Labels.method(d.methodCode()), 7))
                        .append(' ')
                        .append(Columns.left(d.weight(), 6))
                        .append(' ')
                        .append(Columns.left(state.load().active(d.slot()), 10))
                        .append(' ')
                        .append(Columns.left(state.load().inactive(d.slot()), 10))
                        .append('\n');
            }
        }
        return out.toString();
    }

    private static String service(ServiceSpec spec) {
        final ServiceKey key = spec.key();
        final String ops = spec.onePacket() ? "ops " : "";
        final String persistent = spec.persistenceSeconds() == 0
                ? ""
                : "persistent " + spec.persistenceSeconds() * (long) TICKS_PER_SECOND + " " + hex(mask(spec));
        if (key.fwmark() != 0) {
            return "FWM  " + hex(key.fwmark()) + " " + spec.scheduler() + " " + ops + persistent;
        }
        // The kernel leaves "ops" out for IPv6.
        return Labels.protocol(key.protocol()) + "  " + endpoint(key.address(), key.ipv6(), key.port()) + " "
                + spec.scheduler() + " " + (key.ipv6() ? "" : ops + " ") + persistent;
    }

    /** An IPv6 prefix length comes out in the wrong byte order, as in the kernel. */
    private static int mask(ServiceSpec spec) {
        return spec.key().ipv6() ? Integer.reverseBytes(spec.netmask()) : spec.netmask();
    }

    /** /proc/net/ip_vs_conn. */
    public static String connections(Collection<ConnectionInfo> connections) {
        final StringBuilder out =
                new StringBuilder("Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n");
        for (ConnectionInfo c : connections) {
            out.append(Columns.left(Labels.protocol(c.protocol()), 3));
            out.append(' ').append(address(c.client())).append(' ').append(port(c.clientPort()));
            out.append(' ').append(address(c.virtual())).append(' ').append(port(c.virtualPort()));
            out.append(' ').append(address(c.destination())).append(' ').append(port(c.destinationPort()));
            out.append(' ').append(Columns.left(c.state(), 11));
            out.append(' ').append(Columns.right(c.expiresSeconds(), 7));
            if (c.engine() != null) {
                out.append(' ').append(c.engine()).append(' ').append(c.engineData());
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static String endpoint(IpAddress address, boolean ipv6, int port) {
        final String text = address(address);
        return (ipv6 ? "[" + text + "]" : text) + ":" + port(port);
    }

    private static String address(IpAddress address) {
        if (address.isV4()) {
            return hex((int) address.lo());
        }
        final String digits = String.format(Locale.ROOT, "%016x%016x", address.hi(), address.lo());
        return digits.replaceAll("(.{4})(?!$)", "$1:");
    }

    private static String port(int port) {
        return String.format(Locale.ROOT, "%04X", port);
    }

    private static String hex(int value) {
        return String.format(Locale.ROOT, "%08X", value);
    }
}
