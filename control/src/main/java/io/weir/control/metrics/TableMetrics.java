package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.TableNames;
import io.weir.control.state.Traffic;
import io.weir.service.Destination;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table: services, their servers, and deleted servers that still have connections.
 *
 * <p>Totals begin anew at {@code ipvsadm -Z}, which Prometheus takes for a restart.
 *
 * <p><b>Thread</b>: the director's, under its lock.
 */
final class TableMetrics {
    private static final String[] SERVER = {"service", "server"};
    private static final String[] WAY = {"service", "server", "direction"};
    private static final String[] WAY_OF_SERVICE = {"service", "direction"};
    /** Takes about a millisecond with ten servers each. */
    private static final int SERVICES_AT_ONCE = 64;

    private static final Comparator<Families.Labelled> BY_LABELS = Comparator.comparing(Families.Labelled::labels);

    /** One line of a metric. */
    private record ServiceRow(Labels labels, ServiceEntry entry) implements Families.Labelled {}

    /** One line of a metric. */
    private record ServerRow(Labels labels, DestinationEntry entry) implements Families.Labelled {}

    /** One line of a metric: what went in or came out. */
    private record WayRow(Labels labels, Traffic traffic, boolean in) implements Families.Labelled {
        double packets() {
            return traffic.now(in ? Traffic.IN_PKTS : Traffic.OUT_PKTS);
        }

        double bytes() {
            return traffic.now(in ? Traffic.IN_BYTES : Traffic.OUT_BYTES);
        }
    }

    private final DirectorState state;
    private final List<ServiceRow> services = new ArrayList<>();
    private final List<WayRow> serviceWays = new ArrayList<>();
    private final List<ServerRow> servers = new ArrayList<>();
    private final List<WayRow> serverWays = new ArrayList<>();
    private Map<ServiceEntry, Rows> kept = new HashMap<>();
    private long revision = -1;
    private long madeRevision = -1;

    TableMetrics(DirectorState state) {
        this.state = state;
    }

    void addTo(Families families) {
        if (revision != state.revision()) {
            revision = state.revision();
            madeRevision = revision;
            read();
        }
        services(families);
        servers(families);
        deleted(families);
    }

    /** Makes the rows of some services that have none; their labels. */
    List<Labels> nextLabels() {
        if (madeRevision == state.revision()) {
            return List.of();
        }
        final List<Labels> labels = new ArrayList<>();
        final List<ServiceEntry> all = state.services();
        int made = 0;
        for (final ServiceEntry service : all) {
            final Rows known = kept.get(service);
            if (known == null || known.version != service.version()) {
                if (made++ == SERVICES_AT_ONCE) {
                    return labels;
                }
                final Rows rows = new Rows(service);
                kept.put(service, rows);
                rows.addTo(labels);
            }
        }
        madeRevision = state.revision();
        if (kept.size() > all.size()) {
            kept.keySet().retainAll(new HashSet<>(all));
        }
        return labels;
    }

    List<Labels> labels() {
        final List<Labels> labels = new ArrayList<>();
        kept.values().forEach(rows -> rows.addTo(labels));
        return labels;
    }

    /** The rows of a service as long as it and its servers do not change. */
    private static final class Rows {
        private final long version;
        private final ServiceRow service;
        private final List<WayRow> ways = new ArrayList<>(2);
        private final List<ServerRow> servers = new ArrayList<>();
        private final List<WayRow> serverWays = new ArrayList<>();

        Rows(ServiceEntry of) {
            version = of.version();
            final String name = TableNames.service(of.key());
            service = new ServiceRow(
                    Labels.of("service", name, "scheduler", of.spec().scheduler()), of);
            for (boolean in : new boolean[] {true, false}) {
                final Labels way = Labels.of(WAY_OF_SERVICE, new String[] {name, direction(in)});
                ways.add(new WayRow(way, of.traffic(), in));
            }
            for (DestinationEntry entry : of.destinations()) {
                final String server = TableNames.server(entry);
                servers.add(new ServerRow(Labels.of(SERVER, new String[] {name, server}), entry));
                for (boolean in : new boolean[] {true, false}) {
                    final Labels way = Labels.of(WAY, new String[] {name, server, direction(in)});
                    serverWays.add(new WayRow(way, entry.traffic(), in));
                }
            }
        }

        void addTo(List<Labels> labels) {
            labels.add(service.labels());
            ways.forEach(way -> labels.add(way.labels()));
            servers.forEach(server -> labels.add(server.labels()));
            serverWays.forEach(way -> labels.add(way.labels()));
        }
    }

    /** Labels, their texts and their order are most of the work: they are kept for what stays as it is. */
    private void read() {
        services.clear();
        serviceWays.clear();
        servers.clear();
        serverWays.clear();
        final Map<ServiceEntry, Rows> current = new HashMap<>();
        for (ServiceEntry service : state.services()) {
            final Rows known = kept.get(service);
            final Rows rows = known != null && known.version == service.version() ? known : new Rows(service);
            current.put(service, rows);
            services.add(rows.service);
            serviceWays.addAll(rows.ways);
            servers.addAll(rows.servers);
            serverWays.addAll(rows.serverWays);
        }
        kept = current;
        // The library sorts each family; what is sorted once is quick to sort again.
        services.sort(BY_LABELS);
        serviceWays.sort(BY_LABELS);
        servers.sort(BY_LABELS);
        serverWays.sort(BY_LABELS);
    }

    private static String direction(boolean in) {
        return in ? "in" : "out";
    }

    private void services(Families families) {
        families.gauge("weir_services", "Virtual services.", services.size());
        families.gauges(
                "weir_service_servers",
                "Real servers of a service, those of weight 0 included.",
                services,
                row -> row.entry().destinations().size());
        families.gauges(
                "weir_service_usable_servers",
                "Real servers of a service that get new connections: with a weight, and not overloaded.",
                services,
                row -> row.entry().destinations().stream()
                        .filter(this::isUsable)
                        .count());
        families.counters("weir_service_connections", "New connections of a service.", services, row -> row.entry()
                .traffic()
                .now(Traffic.CONNS));
        families.counters("weir_service_packets", "Packets of a service.", serviceWays, WayRow::packets);
        families.counters("weir_service_bytes", "Bytes of a service, IP headers included.", serviceWays, WayRow::bytes);
    }

    private boolean isUsable(DestinationEntry entry) {
        return entry.value().weight() > 0
                && !state.load().isOverloaded(entry.value().slot());
    }

    private void servers(Families families) {
        families.gauges(
                "weir_server_weight", "Weight of a real server; 0 gets no new connections.", servers, row -> row.entry()
                        .value()
                        .weight());
        families.gauges(
                "weir_server_overloaded",
                "1 while a real server has more connections than its upper threshold allows.",
                servers,
                row -> state.load().isOverloaded(row.entry().value().slot()) ? 1 : 0);
        families.gauges("weir_server_active_connections", "Established connections.", servers, row -> state.load()
                .active(row.entry().value().slot()));
        families.gauges(
                "weir_server_inactive_connections",
                "Connections that are not established.",
                servers,
                row -> state.load().inactive(row.entry().value().slot()));
        families.counters("weir_server_connections", "New connections of a real server.", servers, row -> row.entry()
                .traffic()
                .now(Traffic.CONNS));
        families.counters("weir_server_packets", "Packets of a real server.", serverWays, WayRow::packets);
        families.counters(
                "weir_server_bytes", "Bytes of a real server, IP headers included.", serverWays, WayRow::bytes);
    }

    /** The same server may have been deleted from several generations of a service. */
    private void deleted(Families families) {
        final Map<Labels, Long> left = new LinkedHashMap<>();
        for (DestinationEntry entry : state.deletedServers()) {
            final Destination d = entry.value();
            final long connections =
                    state.load().active(d.slot()) + state.load().inactive(d.slot());
            if (connections > 0) {
                final String service = TableNames.service(entry.service().key());
                left.merge(Labels.of(SERVER, new String[] {service, TableNames.server(entry)}), connections, Long::sum);
            }
        }
        families.gauges(
                "weir_deleted_server_connections",
                "Connections of a real server that was deleted.",
                left.entrySet().stream()
                        .map(each -> new Count(each.getKey(), each.getValue()))
                        .toList(),
                Count::value);
    }

    /** One line of a metric. */
    record Count(Labels labels, double value) implements Families.Labelled {}
}
