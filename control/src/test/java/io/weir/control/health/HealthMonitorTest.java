package io.weir.control.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.ServiceCommands;
import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.notify.ScriptRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Health checks without a director: what they would tell it. */
@SuppressWarnings("NullAway.Init") // the folder is made before each test
class HealthMonitorTest {
    private static final int SERVERS = 1_000;

    @TempDir
    private Path folder;

    private List<ServiceSettings> services(int count, String options, Path file) throws IOException {
        final StringBuilder conf = new StringBuilder("virtual_server 192.0.2.1 80 {\nprotocol TCP\nlb_kind NAT\n");
        conf.append("delay_loop 0.1\nwarmup 0.1\n").append(options).append('\n');
        for (int i = 0; i < count; i++) {
            conf.append("real_server 10.1.").append(i / 250).append('.').append(1 + i % 250);
            conf.append(" 80 {\nFILE_CHECK {\ntrack_file ").append(file).append("\n}\n}\n");
        }
        final Path path = folder.resolve("keepalived.conf");
        Files.writeString(path, conf.append("}\n"));
        return KeepalivedReader.read(path, "main", Checkers.kinds()).config().services();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 6_000 && !condition.getAsBoolean(); i++) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertTrue(condition.getAsBoolean(), what);
    }

    private static HealthMonitor start(ServerTable table, List<ServiceSettings> services, HealthEvents events)
            throws IOException {
        services.forEach(each -> ServiceCommands.initial(each)
                .forEach((server, weight) -> table.servers().add(Pool.address(server))));
        final HealthMonitor monitor = new HealthMonitor(new ScriptRunner(null, null), table, events, name -> false);
        monitor.start(services);
        return monitor;
    }

    private static HealthEvents counting(AtomicInteger changes) {
        return new HealthEvents() {
            @Override
            public void server(ServiceSettings service, ServerSettings server, boolean up, String why) {
                changes.incrementAndGet();
            }

            @Override
            public void quorum(ServiceSettings service, boolean up, long weight) {}
        };
    }

    @Test
    void shouldKeepUpWithAThousandServersThatFlap() throws Exception {
        // Every change is logged, a dozen thousand of them here.
        final Logger log = (Logger) LoggerFactory.getLogger(HealthMonitor.class.getPackageName());
        log.setLevel(Level.WARN);
        final Path file = folder.resolve("state");
        Files.writeString(file, "0");
        final ServerTable table = new ServerTable();
        final AtomicInteger changes = new AtomicInteger();
        try (HealthMonitor monitor = start(table, services(SERVERS, "", file), counting(changes))) {
            final int threads = Thread.activeCount();
            for (int round = 0; round < 3; round++) {
                Files.writeString(file, "1");
                await("all are gone", table.servers()::isEmpty);
                Files.writeString(file, "0");
                await("all are back", () -> table.servers().size() == SERVERS);
            }
            assertTrue(Thread.activeCount() <= threads + 1, "threads: " + Thread.activeCount());
            assertEquals(6 * SERVERS, changes.get());
            assertTrue(monitor.report(false).contains("quorum up"));
        } finally {
            log.setLevel(null);
        }
    }

    @Test
    void shouldEndTheConnectionsOfAServerThatLeavesOnlyWhereAskedTo() throws Exception {
        final Path file = folder.resolve("state");
        for (String action : List.of("move", "reset", "remove")) {
            Files.writeString(file, "0");
            final ServerTable table = new ServerTable();
            final List<ServiceSettings> services = services(1, "on_failure " + action, file);
            try (HealthMonitor monitor = start(table, services, counting(new AtomicInteger()))) {
                Files.writeString(file, "1");
                await(
                        "gone",
                        () -> table.servers().isEmpty() && table.ended().size() == (action.equals("remove") ? 0 : 1));
                assertTrue(monitor.report(true).contains("the file says 1"));
            }
        }
    }

    @Test
    void shouldKeepADrainingServerUntilItsConnectionsHaveEndedOrItsTimeIsOver() throws Exception {
        final Path file = folder.resolve("state");
        for (String timeout : List.of("600", "2")) {
            Files.writeString(file, "0");
            final ServerTable table = new ServerTable();
            table.connections(7);
            final List<ServiceSettings> services = services(1, "on_failure drain\ndrain_timeout " + timeout, file);
            try (HealthMonitor monitor = start(table, services, counting(new AtomicInteger()))) {
                Files.writeString(file, "1");
                await("down", () -> monitor.report(false).contains("down"));
                assertEquals(1, table.servers().size());
                table.connections(timeout.equals("2") ? 7 : 0);
                await("drained", table.servers()::isEmpty);
            }
        }
    }

    /** Usual in keepalived.conf: a group for TCP and for UDP, and several checks of a kind; metrics want names that differ. */
    @Test
    void shouldTellServicesOfAGroupAndChecksOfAKindApart() throws Exception {
        final Path path = folder.resolve("groups.conf");
        final String check = "MISC_CHECK {\nmisc_path /bin/true\n}\n";
        final StringBuilder conf = new StringBuilder("virtual_server_group dns {\n192.0.2.1 53\n}\n");
        for (final String protocol : List.of("TCP", "UDP")) {
            conf.append("virtual_server group dns {\nprotocol ")
                    .append(protocol)
                    .append("\nlb_kind NAT\n");
            conf.append("real_server 10.1.0.1 53 {\n")
                    .append(check)
                    .append(check)
                    .append("}\n}\n");
        }
        Files.writeString(path, conf);
        final List<ServiceSettings> services =
                KeepalivedReader.read(path, "main", Checkers.kinds()).config().services();
        try (HealthMonitor monitor = start(new ServerTable(), services, counting(new AtomicInteger()))) {
            final AvailabilityMetrics found = monitor.metrics();
            assertEquals(
                    List.of("group dns", "group dns:udp"),
                    found.quorums().stream()
                            .map(AvailabilityMetrics.Quorum::service)
                            .toList());
            assertEquals(4, found.checks().size());
            assertEquals(
                    4,
                    found.checks().stream()
                            .map(each -> each.service() + each.server() + each.check())
                            .distinct()
                            .count());
        }
    }
}
