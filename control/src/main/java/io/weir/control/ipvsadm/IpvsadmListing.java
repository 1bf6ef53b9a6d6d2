package io.weir.control.ipvsadm;

import io.weir.control.ipvsadm.ListOptions.View;
import io.weir.control.state.ConnectionInfo;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.ServiceSpec;
import io.weir.control.state.SyncDaemon;
import io.weir.control.state.Traffic;
import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.Destination.Tunnel;
import io.weir.service.ServiceKey;
import io.weir.service.SlotCounters;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables of {@code ipvsadm -L}, byte for byte.
 *
 * <p>Blanks at the end of a line are part of the format. <b>Thread</b>: the director's.
 */
public final class IpvsadmListing {
    static final String TITLE = "IP Virtual Server version 1.2.1 (size=4096)\n";

    private static final String SERVICE_HEADER = "Prot LocalAddress:Port";
    private static final String SERVER_HEADER = "  -> RemoteAddress:Port";
    private static final String SERVER = "  -> ";
    private static final int SERVICE_WIDTH = 33;
    private static final int SERVER_WIDTH = 28;
    private static final int COUNT_WIDTH = 10;
    private static final int METHOD_WIDTH = 8;
    private static final int WEIGHT_WIDTH = 7;
    private static final int TUNNEL_WIDTH = 14;
    private static final int RATE_WIDTH = 8;

    private final DirectorState state;
    private final NameService names;
    private final ListOptions options;
    private final StringBuilder out = new StringBuilder();

    private IpvsadmListing(DirectorState state, NameService names, ListOptions options) {
        this.state = state;
        this.names = names;
        this.options = options;
    }

    /** All services. */
    static String services(DirectorState state, NameService names, ListOptions options) {
        final IpvsadmListing listing = new IpvsadmListing(state, names, options);
        listing.out.append(TITLE).append(header(options.view()));
        final List<ServiceEntry> services = state.services();
        for (ServiceEntry service : options.sorted() ? ListingOrder.services(services) : services) {
            listing.service(service);
        }
        return listing.out.toString();
    }

    /** One service, without the title. */
    static String service(DirectorState state, NameService names, ListOptions options, ServiceEntry service) {
        final IpvsadmListing listing = new IpvsadmListing(state, names, options);
        listing.out.append(header(options.view()));
        listing.service(service);
        return listing.out.toString();
    }

    private static String header(View view) {
        final String first = Columns.left(SERVICE_HEADER, SERVICE_WIDTH);
        final String plain = SERVICE_HEADER + " Scheduler Flags\n" + Columns.left(SERVER_HEADER, SERVICE_WIDTH + 1);
        return switch (view) {
            case PLAIN -> plain + "Forward Weight ActiveConn InActConn\n";
            case TUN_INFO -> plain + "Forward TunnelInfo    Weight ActiveConn InActConn\n";
            case STATS -> first + "    Conns   InPkts  OutPkts  InBytes OutBytes\n" + SERVER_HEADER + "\n";
            case RATE -> first + "      CPS    InPPS   OutPPS    InBPS   OutBPS\n" + SERVER_HEADER + "\n";
            case THRESHOLDS -> first + " Uthreshold Lthreshold ActiveConn InActConn \n" + SERVER_HEADER + "\n";
            case PERSISTENT_CONN -> first + " Weight    PersistConn ActiveConn InActConn \n" + SERVER_HEADER + "\n";
        };
    }

    private @Nullable NameService namesShown() {
        return options.numeric() ? null : names;
    }

    private void service(ServiceEntry service) {
        final String name = serviceName(service.key());
        switch (options.view()) {
            case STATS -> stats(Columns.left(name, SERVICE_WIDTH), service.traffic());
            case RATE -> rates(Columns.left(name, SERVICE_WIDTH), service.traffic());
            default -> out.append(name).append(serviceOptions(service.spec())).append('\n');
        }
        final List<DestinationEntry> servers = service.destinations();
        for (DestinationEntry server : options.sorted() ? ListingOrder.destinations(servers) : servers) {
            server(server, service.key());
        }
    }

    private String serviceName(ServiceKey key) {
        if (key.fwmark() != 0) {
            return "FWM  " + key.fwmark() + (key.ipv6() ? " IPv6" : "");
        }
        final String name = Columns.left(Labels.protocol(key.protocol()), 4) + " "
                + Labels.endpoint(key.address(), key.ipv6(), key.port(), key.protocol(), namesShown());
        return key.ipv6() ? name : cut(name, SERVICE_WIDTH);
    }

    private static String cut(String text, int width) {
        return text.length() > width ? text.substring(0, width) : text;
    }

    private static String serviceOptions(ServiceSpec spec) {
        final StringBuilder text = new StringBuilder(" ").append(spec.scheduler());
        if (spec.schedulerFlags() != 0) {
            text.append(" (")
                    .append(SchedulerFlagNames.format(spec.scheduler(), spec.schedulerFlags()))
                    .append(')');
        }
        if (spec.persistenceSeconds() > 0) {
            text.append(" persistent ").append(spec.persistenceSeconds());
            if (!spec.hasFullNetmask()) {
                text.append(" mask ").append(netmask(spec));
            }
            if (spec.engine() != null) {
                text.append(" pe ").append(spec.engine());
            }
        }
        if (spec.onePacket()) {
            text.append(" ops");
        }
        return text.append(spec.toa() ? " toa" : "")
                .append(TuningArguments.describe(spec.tuning()))
                .append(
                        spec.timeouts().isEmpty()
                                ? ""
                                : " timeouts " + spec.timeouts().text())
                .toString();
    }

    static String netmask(ServiceSpec spec) {
        return spec.key().ipv6() ? Integer.toString(spec.netmask()) : Labels.dotted(spec.netmask());
    }

    private void server(DestinationEntry entry, ServiceKey service) {
        final Destination d = entry.value();
        final String full = Labels.endpoint(d.address(), entry.isIpv6(), d.port(), service.protocol(), namesShown());
        final String name = SERVER + Columns.left(entry.isIpv6() ? full : cut(full, SERVER_WIDTH), SERVER_WIDTH);
        switch (options.view()) {
            case STATS -> stats(name, entry.traffic());
            case RATE -> rates(name, entry.traffic());
            case THRESHOLDS -> connections(
                    name
                            + " " + Columns.left(Integer.toUnsignedLong(d.upperThreshold()), COUNT_WIDTH)
                            + " " + Columns.left(Integer.toUnsignedLong(d.lowerThreshold()), COUNT_WIDTH),
                    d.slot());
            case PERSISTENT_CONN -> connections(
                    name
                            + " " + Columns.left(d.weight(), COUNT_WIDTH - 1)
                            + " " + Columns.left(persistent(d.slot()), COUNT_WIDTH + 1),
                    d.slot());
            case PLAIN -> connections(
                    name
                            + " " + Columns.left(Labels.method(d.methodCode()), METHOD_WIDTH)
                            + Columns.left(d.weight(), WEIGHT_WIDTH - 1),
                    d.slot());
            case TUN_INFO -> connections(
                    name
                            + " " + Columns.left(Labels.method(d.methodCode()), METHOD_WIDTH)
                            + Columns.left(tunnel(d), TUNNEL_WIDTH)
                            + Columns.left(d.weight(), WEIGHT_WIDTH - 1),
                    d.slot());
        }
    }

    private long persistent(int slot) {
        return state.load().counters().get(slot, SlotCounters.PERSISTENT);
    }

    private void connections(String line, int slot) {
        out.append(line)
                .append(' ')
                .append(Columns.left(state.load().active(slot), COUNT_WIDTH))
                .append(' ')
                .append(Columns.left(state.load().inactive(slot), COUNT_WIDTH))
                .append('\n');
    }

    private void stats(String name, Traffic traffic) {
        out.append(name);
        for (int i = Traffic.CONNS; i <= Traffic.OUT_BYTES; i++) {
            out.append(Columns.large(traffic.total(i), options.exact()));
        }
        out.append('\n');
    }

    private void rates(String name, Traffic traffic) {
        out.append(name);
        for (int i = Traffic.CONNS; i < Traffic.IN_BYTES; i++) {
            out.append(' ').append(Columns.right(traffic.rate(i), RATE_WIDTH));
        }
        out.append(Columns.large(traffic.rate(Traffic.IN_BYTES), options.exact()))
                .append(Columns.large(traffic.rate(Traffic.OUT_BYTES), options.exact()))
                .append('\n');
    }

    private static String tunnel(Destination d) {
        if (d.methodCode() != 2) {
            return "n/a";
        }
        final Tunnel tunnel = d.tunnel();
        final String checksum =
                switch (tunnel.checksum()) {
                    case NONE -> "-c";
                    case CSUM -> "+c";
                    case REMCSUM -> "r+c";
                };
        return switch (tunnel.type()) {
            case IPIP -> "ipip";
            case GUE -> "gue:" + tunnel.port() + ":" + checksum;
            case GRE -> "gre:" + checksum;
        };
    }

    /** {@code -L --timeout}. */
    static String timeouts(DirectorState state) {
        return "Timeout (tcp tcpfin udp): " + state.timeouts().tcpSeconds() + " "
                + state.timeouts().tcpFinSeconds() + " " + state.timeouts().udpSeconds() + "\n";
    }

    /** {@code -L --daemon}. */
    static String daemons(DirectorState state) {
        final StringBuilder text = new StringBuilder();
        for (SyncDaemon daemon : state.daemons()) {
            text.append(daemon.master() ? "master" : "backup")
                    .append(" sync daemon (mcast=")
                    .append(daemon.interfaceName())
                    .append(", syncid=")
                    .append(daemon.syncId())
                    .append(", maxlen=")
                    .append(daemon.maxLength())
                    .append(", group=")
                    .append(daemon.group())
                    .append(", port=")
                    .append(daemon.port())
                    .append(", ttl=")
                    .append(daemon.ttl())
                    .append(")\n");
        }
        return text.toString();
    }

    /** {@code -Lc}. */
    static String connections(Collection<ConnectionInfo> connections, NameService names, ListOptions options) {
        final StringBuilder text = new StringBuilder("IPVS connection entries\n")
                .append("pro expire state       source             virtual            destination");
        text.append(options.persistenceData() ? "        pe name          pe_data\n" : "\n");
        final NameService shown = options.numeric() ? null : names;
        for (ConnectionInfo c : connections) {
            text.append(Columns.left(Labels.protocol(c.protocol()), 3))
                    .append(' ')
                    .append(Columns.left(minutes(c.expiresSeconds()), 6))
                    .append(' ')
                    .append(Columns.left(c.state(), 11))
                    .append(' ')
                    .append(end(c, c.client(), c.clientPort(), shown))
                    .append(' ')
                    .append(end(c, c.virtual(), c.virtualPort(), shown))
                    .append(' ');
            final String server =
                    Labels.endpoint(c.destination(), !c.destination().isV4(), c.destinationPort(), c.protocol(), shown);
            if (options.persistenceData() && c.engine() != null) {
                text.append(Columns.left(server, 18))
                        .append(' ')
                        .append(Columns.left(c.engine(), 16))
                        .append(' ')
                        .append(c.engineData());
            } else {
                text.append(server);
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String end(ConnectionInfo c, IpAddress address, int port, @Nullable NameService names) {
        return Columns.left(Labels.endpoint(address, c.ipv6(), port, c.protocol(), names), 18);
    }

    private static String minutes(int seconds) {
        final String text = Integer.toString(seconds % 60);
        final String min = Integer.toString(seconds / 60);
        return (min.length() < 2 ? "0" + min : min) + ":" + (text.length() < 2 ? "0" + text : text);
    }
}
