package io.weir.control.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.weir.control.metrics.TableMetrics.Count;
import java.util.ArrayList;
import java.util.List;

/**
 * What health checks have found and what VRRP has decided, as of a moment.
 *
 * <p>Services and servers have the names by which {@code weir health} knows them.
 *
 * <p><b>Thread</b>: any.
 *
 * @param quorums of services with health checks
 * @param servers of those services
 * @param checks of those servers
 * @param routers virtual routers
 */
public record AvailabilityMetrics(
        List<Quorum> quorums, List<Server> servers, List<Check> checks, List<Router> routers) {
    /** Nothing is checked and nothing elected. */
    public static final AvailabilityMetrics NONE = new AvailabilityMetrics(List.of(), List.of(), List.of(), List.of());

    private static final String[] SERVER = {"server", "service"};
    private static final String[] CHECK = {"check", "server", "service"};
    private static final List<String> STATES = List.of("MASTER", "BACKUP", "FAULT");

    /** Has a service enough living servers? */
    public record Quorum(String service, boolean up) {}

    /** Does a server live, by all its checks? */
    public record Server(String service, String server, boolean up) {}

    /** How often one check has been made, and failed. */
    public record Check(String service, String server, String check, long runs, long failures) {}

    /**
     * One virtual router.
     *
     * @param state MASTER, BACKUP or FAULT
     * @param refused advertisements that were not taken
     */
    public record Router(String instance, String state, int priority, long refused) {}

    void addTo(Families families) {
        families.gauges(
                "weir_health_quorum_up",
                "1 while the servers of a service that live are enough.",
                quorums.stream()
                        .map(each -> new Count(Labels.of("service", each.service()), each.up() ? 1 : 0))
                        .toList(),
                Count::value);
        routers(families);
    }

    /** What there is of each server and each of its checks, which may be many. */
    List<Column> columns() {
        final List<Row<Server>> each = new ArrayList<>(servers.size());
        for (final Server server : servers) {
            each.add(new Row<>(SERVER, new String[] {server.server(), server.service()}, server));
        }
        each.sort(Row.BY_LABELS);
        final List<Row<Check>> made = new ArrayList<>(checks.size());
        for (final Check check : checks) {
            made.add(new Row<>(CHECK, new String[] {check.check(), check.server(), check.service()}, check));
        }
        made.sort(Row.BY_LABELS);
        return List.of(
                Column.gauge(
                        "weir_health_server_up",
                        "1 while the checks of a real server succeed.",
                        each,
                        server -> server.up() ? 1 : 0),
                Column.counter("weir_health_checks", "Health checks made.", made, Check::runs),
                Column.counter("weir_health_check_failures", "Health checks that failed.", made, Check::failures));
    }

    private void routers(Families families) {
        final List<Count> states = new ArrayList<>();
        for (final Router each : routers) {
            for (final String state : STATES) {
                final Labels labels = Labels.of("router", each.instance(), "state", state);
                states.add(new Count(labels, state.equals(each.state()) ? 1 : 0));
            }
        }
        families.gauges("weir_vrrp_state", "1 for the state that a virtual router is in.", states, Count::value);
        families.gauges(
                "weir_vrrp_priority",
                "Priority of a virtual router now, with what is tracked.",
                routers.stream()
                        .map(each -> new Count(Labels.of("router", each.instance()), each.priority()))
                        .toList(),
                Count::value);
        families.counters(
                "weir_vrrp_refused_advertisements",
                "Advertisements that were not taken.",
                routers.stream()
                        .map(each -> new Count(Labels.of("router", each.instance()), each.refused()))
                        .toList(),
                Count::value);
    }
}
