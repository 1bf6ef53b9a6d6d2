package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.TableNames;
import io.weir.control.state.Traffic;
import io.weir.service.Destination;
import java.util.ArrayList;
import java.util.HashMap;
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
    private static final String[] SERVICE = {"scheduler", "service"};
    private static final String[] WAYS = {"service"};
    private static final String[] SERVER = {"server", "service"};
    /** Takes about a millisecond with ten servers each. */
    private static final int SERVICES_AT_ONCE = 64;

    /** The rows of a service as long as it and its servers do not change. */
    private static final class Rows {
        private final long version;
        private final Row<ServiceEntry> service;
        private final Row<ServiceEntry> ways;
        private final List<Row<DestinationEntry>> servers = new ArrayList<>();

        Rows(ServiceEntry of) {
            version = of.version();
            final String name = TableNames.service(of.key());
            service = new Row<>(SERVICE, new String[] {of.spec().scheduler(), name}, of);
            ways = new Row<>(WAYS, new String[] {name}, of);
            for (final DestinationEntry entry : of.destinations()) {
                servers.add(new Row<>(SERVER, new String[] {TableNames.server(entry), name}, entry));
            }
        }
    }

    private final DirectorState state;
    private List<Row<ServiceEntry>> services = List.of();
    private List<Row<ServiceEntry>> serviceWays = List.of();
    private List<Row<DestinationEntry>> servers = List.of();
    private Map<ServiceEntry, Rows> kept = new HashMap<>();
    private long revision = -1;

    TableMetrics(DirectorState state) {
        this.state = state;
    }

    /** Does a part of what {@link #columns} would have to do; false if there was nothing to do. */
    boolean prepare() {
        if (revision == state.revision()) {
            return false;
        }
        int made = 0;
        for (final ServiceEntry service : state.services()) {
            final Rows known = kept.get(service);
            if (known == null || known.version != service.version()) {
                if (made++ == SERVICES_AT_ONCE) {
                    return true;
                }
                kept.put(service, new Rows(service));
            }
        }
        collect();
        return true;
    }

    /** Puts the rows of what there is now in order. */
    private void collect() {
        revision = state.revision();
        final List<Row<ServiceEntry>> all = new ArrayList<>();
        final List<Row<ServiceEntry>> ways = new ArrayList<>();
        final List<Row<DestinationEntry>> each = new ArrayList<>();
        final Map<ServiceEntry, Rows> current = new HashMap<>();
        for (final ServiceEntry service : state.services()) {
            final Rows known = kept.get(service);
            final Rows rows = known != null && known.version == service.version() ? known : new Rows(service);
            current.put(service, rows);
            all.add(rows.service);
            ways.add(rows.ways);
            each.addAll(rows.servers);
        }
        kept = current;
        // The library's order, so that both ways of writing say the same.
        all.sort(Row.BY_LABELS);
        ways.sort(Row.BY_LABELS);
        each.sort(Row.BY_LABELS);
        services = all;
        serviceWays = ways;
        servers = each;
    }

    /** What does not grow with the table. */
    void addTo(Families families) {
        families.gauge("weir_services", "Virtual services.", state.services().size());
        deleted(families);
    }

    /** Families of a line or two for each service and each server. */
    List<Column> columns() {
        if (revision != state.revision()) {
            collect();
        }
        final List<Column> columns = new ArrayList<>();
        addServices(columns);
        addServers(columns);
        return columns;
    }

    private void addServices(List<Column> to) {
        to.add(Column.gauge(
                "weir_service_servers",
                "Real servers of a service, those of weight 0 included.",
                services,
                entry -> entry.destinations().size()));
        to.add(Column.gauge(
                "weir_service_usable_servers",
                "Real servers of a service that get new connections: with a weight, and not overloaded.",
                services,
                this::usable));
        to.add(Column.counter(
                "weir_service_connections", "New connections of a service.", services, entry -> entry.traffic()
                        .now(Traffic.CONNS)));
        to.add(Column.ways(
                "weir_service_packets",
                "Packets of a service.",
                serviceWays,
                entry -> entry.traffic().now(Traffic.IN_PKTS),
                entry -> entry.traffic().now(Traffic.OUT_PKTS)));
        to.add(Column.ways(
                "weir_service_bytes",
                "Bytes of a service, IP headers included.",
                serviceWays,
                entry -> entry.traffic().now(Traffic.IN_BYTES),
                entry -> entry.traffic().now(Traffic.OUT_BYTES)));
    }

    private int usable(ServiceEntry service) {
        int usable = 0;
        for (final DestinationEntry entry : service.destinations()) {
            if (entry.value().weight() > 0
                    && !state.load().isOverloaded(entry.value().slot())) {
                usable++;
            }
        }
        return usable;
    }

    private void addServers(List<Column> to) {
        to.add(Column.gauge(
                "weir_server_weight",
                "Weight of a real server; 0 gets no new connections.",
                servers,
                entry -> entry.value().weight()));
        to.add(Column.gauge(
                "weir_server_overloaded",
                "1 while a real server has more connections than its upper threshold allows.",
                servers,
                entry -> state.load().isOverloaded(entry.value().slot()) ? 1 : 0));
        to.add(Column.gauge("weir_server_active_connections", "Established connections.", servers, entry -> state.load()
                .active(entry.value().slot())));
        to.add(Column.gauge(
                "weir_server_inactive_connections",
                "Connections that are not established.",
                servers,
                entry -> state.load().inactive(entry.value().slot())));
        to.add(Column.counter(
                "weir_server_connections", "New connections of a real server.", servers, entry -> entry.traffic()
                        .now(Traffic.CONNS)));
        to.add(Column.ways(
                "weir_server_packets",
                "Packets of a real server.",
                servers,
                entry -> entry.traffic().now(Traffic.IN_PKTS),
                entry -> entry.traffic().now(Traffic.OUT_PKTS)));
        to.add(Column.ways(
                "weir_server_bytes",
                "Bytes of a real server, IP headers included.",
                servers,
                entry -> entry.traffic().now(Traffic.IN_BYTES),
                entry -> entry.traffic().now(Traffic.OUT_BYTES)));
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
                left.merge(Labels.of(SERVER, new String[] {TableNames.server(entry), service}), connections, Long::sum);
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
