package io.weir.control.ipvsadm;

import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.SyncDaemon;
import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.ServiceKey;
import java.util.List;

/**
 * What the director holds, as restore lines without names and with everything in them: {@code -S} leaves thresholds out.
 * The last of a list comes first, so that reading the lines gives the same order.
 */
public final class TableLines {
    private TableLines() {}

    /** {@code -t 192.0.2.1:80}. */
    public static String key(ServiceKey key) {
        return SaveListing.name(key, null);
    }

    /** The options of a service, after {@code -A} or {@code -E} and its key. */
    public static String options(ServiceEntry service) {
        return SaveListing.options(service.spec()).strip();
    }

    /** {@code -r 10.0.0.1:80}. */
    public static String server(ServiceKey key, DestinationEntry entry) {
        final Destination d = entry.value();
        return "-r " + Labels.endpoint(d.address(), entry.isIpv6(), d.port(), key.protocol(), null);
    }

    /** The options of a server, after {@code -a} or {@code -e}, its service and itself. */
    public static String options(ServiceKey key, DestinationEntry entry) {
        final String whole = SaveListing.server(entry, key, null).strip();
        final Destination d = entry.value();
        final String thresholds = d.upperThreshold() == 0 && d.lowerThreshold() == 0
                ? ""
                : " -x " + Integer.toUnsignedString(d.upperThreshold()) + " -y "
                        + Integer.toUnsignedString(d.lowerThreshold());
        return whole.substring(server(key, entry).length()).strip() + thresholds;
    }

    /** One service with all that belongs to it. */
    public static String service(ServiceEntry service) {
        final ServiceKey key = service.key();
        final String name = key(key);
        final StringBuilder text = new StringBuilder("-A ").append(name).append(' ');
        text.append(options(service)).append('\n');
        for (IpAddress local : service.localAddresses()) {
            text.append("-P ").append(name).append(" -z ").append(local).append('\n');
        }
        for (int i = service.destinations().size() - 1; i >= 0; i--) {
            final DestinationEntry entry = service.destinations().get(i);
            text.append("-a ").append(name).append(' ').append(server(key, entry));
            text.append(' ').append(options(key, entry)).append('\n');
        }
        return text.toString();
    }

    /** The timeouts. */
    public static String timeouts(DirectorState state) {
        return "--set " + state.timeouts().tcpSeconds() + " " + state.timeouts().tcpFinSeconds() + " "
                + state.timeouts().udpSeconds();
    }

    /** A synchronisation daemon. */
    public static String daemon(SyncDaemon daemon) {
        return "--start-daemon " + (daemon.master() ? "master" : "backup") + " --mcast-interface "
                + daemon.interfaceName() + " --syncid " + daemon.syncId() + " --sync-maxlen " + daemon.maxLength()
                + " --mcast-group " + daemon.group() + " --mcast-port " + daemon.port() + " --mcast-ttl "
                + daemon.ttl();
    }

    /** All services, and the timeouts. */
    public static String all(DirectorState state) {
        final StringBuilder text = new StringBuilder(timeouts(state)).append('\n');
        final List<ServiceEntry> services = state.services();
        for (int i = services.size() - 1; i >= 0; i--) {
            text.append(service(services.get(i)));
        }
        return text.toString();
    }
}
