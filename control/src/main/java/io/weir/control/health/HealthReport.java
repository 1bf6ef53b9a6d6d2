package io.weir.control.health;

import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.metrics.DistinctNames;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The text of {@code weir health}. */
final class HealthReport {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    private HealthReport() {}

    static String text(Collection<ServiceHealth> services, boolean history, long nowMs) {
        final StringBuilder text = new StringBuilder();
        for (ServiceHealth service : services) {
            text.append("service ").append(service.settings().distinctName()).append("  quorum ");
            text.append(service.isQuorumUp() ? "up" : "down")
                    .append(" (")
                    .append(service.settings().quorum());
            text.append(")\n");
            for (ServerHealth server : service.servers()) {
                server(text, service, server, history, nowMs);
            }
        }
        return text.toString();
    }

    static AvailabilityMetrics metrics(Collection<ServiceHealth> services) {
        final List<AvailabilityMetrics.Quorum> quorums = new ArrayList<>();
        final List<AvailabilityMetrics.Server> servers = new ArrayList<>();
        final List<AvailabilityMetrics.Check> checks = new ArrayList<>();
        for (ServiceHealth service : services) {
            final String name = service.settings().distinctName();
            quorums.add(new AvailabilityMetrics.Quorum(name, service.isQuorumUp()));
            final DistinctNames ofServers = new DistinctNames();
            for (ServerHealth server : service.servers()) {
                final String serverName = ofServers.of(server.name());
                servers.add(new AvailabilityMetrics.Server(name, serverName, server.isAlive()));
                final DistinctNames ofChecks = new DistinctNames();
                for (CheckState check : server.checks()) {
                    checks.add(new AvailabilityMetrics.Check(
                            name,
                            serverName,
                            ofChecks.of(check.name() + check.target()),
                            check.checks(),
                            check.failures()));
                }
            }
        }
        return new AvailabilityMetrics(quorums, servers, checks, List.of());
    }

    private static void server(
            StringBuilder text, ServiceHealth service, ServerHealth server, boolean history, long nowMs) {
        final Integer inPool = service.applied().get(server.settings().words());
        text.append("  server ").append(server.name()).append("  ").append(server.isAlive() ? "up" : "down");
        text.append("  weight ").append(server.weight());
        text.append(inPool == null ? "  not in service\n" : "  in service with weight " + inPool + "\n");
        for (CheckState check : server.checks()) {
            text.append("    ").append(check.name()).append(check.target()).append("  ");
            text.append(check.hasRun() ? check.isUp() ? "up" : "down" : "not checked yet");
            text.append("  checks ").append(check.checks()).append(" failed ").append(check.failures());
            if (check.changedAtMs() > 0) {
                text.append("  since ").append(TIME.format(Instant.ofEpochMilli(check.changedAtMs())));
                text.append(" (")
                        .append(TimeUnit.MILLISECONDS.toSeconds(nowMs - check.changedAtMs()))
                        .append(" s): ");
                text.append(check.changedWhy());
            }
            text.append('\n');
            if (history) {
                for (CheckState.Seen seen : check.history()) {
                    text.append("      ")
                            .append(TIME.format(Instant.ofEpochMilli(seen.wallMs())))
                            .append("  ");
                    text.append(seen.up() ? "good  " : "bad   ")
                            .append(seen.why())
                            .append('\n');
                }
            }
        }
    }
}
