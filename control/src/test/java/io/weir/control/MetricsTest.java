package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.weir.conntrack.ConnectionTable;
import io.weir.control.architecture.SourceTree;
import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.metrics.DirectorMetrics;
import io.weir.control.metrics.MetricsServer;
import io.weir.control.metrics.Scrape;
import io.weir.control.state.TableNames;
import io.weir.dataplane.BatchTimes;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.io.MemoryDevice;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.service.SlotCounters;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Prometheus is told, and that the dashboard and the alert rules ask for nothing else. */
class MetricsTest {
    private static final Pattern NAME = Pattern.compile("\\b(?:weir|process)_[a-z_]+\\b");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");

    private final DirectorCommands commands = new DirectorCommands();
    private final DirectorMetrics metrics = new DirectorMetrics(commands.state());
    private final BooleanSupplier ahead = metrics.ahead(this);
    private final Histogram batches = BatchTimes.histogram();
    private AvailabilityMetrics found = AvailabilityMetrics.NONE;
    private DataPlane dataPlane;
    private SyncCounters sync;
    private MetricsServer server;

    @BeforeEach
    void open() throws IOException {
        final ConnectionTable table = ConnectionTable.create(1024, 1);
        final WorkerParts parts =
                WorkerParts.create(table, commands.state().load(), commands.serviceCounters(), new NeighbourTable());
        final Snapshots snapshots = new Snapshots(commands.state(), MarkRules.NONE, List.of());
        dataPlane = new DataPlane(parts, List.of(MemoryDevice.open("mem:mem0")), snapshots.next(List.of(), List.of()));
        sync = parts.sync().link().counters();
        server = MetricsServer.start(InetAddress.getLoopbackAddress(), 0, this::readAll, () -> false);
    }

    @AfterEach
    void close() {
        server.close();
        dataPlane.close();
    }

    private static final AvailabilityMetrics SOME = new AvailabilityMetrics(
            List.of(new AvailabilityMetrics.Quorum("tcp 192.0.2.1:80", true)),
            List.of(new AvailabilityMetrics.Server("tcp 192.0.2.1:80", "10.0.0.1:80", false)),
            List.of(new AvailabilityMetrics.Check("tcp 192.0.2.1:80", "10.0.0.1:80", "HTTP_GET", 7, 2)),
            List.of(new AvailabilityMetrics.Router("VI_1", "BACKUP", 100, 3)));

    private byte[] ask(String path, String... headers) throws IOException, InterruptedException {
        final HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        final HttpResponse<byte[]> response =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, response.statusCode());
        return response.body();
    }

    private static String library(ExpositionFormatWriter writer, MetricSnapshots metrics) throws IOException {
        final ByteArrayOutputStream text = new ByteArrayOutputStream();
        writer.write(text, metrics, EscapingScheme.DEFAULT);
        return text.toString(StandardCharsets.UTF_8);
    }

    /** But for what moves by itself. */
    private static String still(String text) {
        return text.replaceAll("(?m)^(process|weir_worker)_cpu_seconds_total.*$", "");
    }

    private void run(String line) {
        assertEquals("", commands.problemOf(line).orElse(""));
    }

    /** How many turns it took. */
    private int prepare() {
        int turns = 0;
        while (turns < 100 && ahead.getAsBoolean()) {
            turns++;
        }
        return turns;
    }

    @Test
    void shouldPrepareTheNextScrapeInTurnsWhenTheTableHasChanged() {
        for (int i = 0; i < 200; i++) {
            run("-A -u 192.0.2." + i + ":53 -s rr");
            run("-a -u 192.0.2." + i + ":53 -r 10.0.0.1:53 -m");
        }
        // 64 services a turn, and the rest with what puts all in order.
        assertEquals(4, prepare());
        assertEquals(0, prepare());
        run("-e -u 192.0.2.7:53 -r 10.0.0.1:53 -m -w 3");
        assertEquals(1, prepare());
        assertEquals(0, prepare());
        run("-D -u 192.0.2.7:53");
        assertEquals(1, prepare());
    }

    @Test
    void shouldTellTheSameOfALargeTableThatIsNewAndOfOneThatChanges() throws Exception {
        for (int i = 0; i < 900; i++) {
            run("-A -t 10.1." + i / 200 + "." + i % 200 + ":53 -s rr");
            run("-a -t 10.1." + i / 200 + "." + i % 200 + ":53 -r 10.0.0.1:53 -m");
        }
        final ExpositionFormatWriter writer = ExpositionFormats.init().getPrometheusTextFormatWriter();
        assertEquals(still(library(writer, read())), still(scrape()));
        run("-D -t 10.1.0.7:53");
        run("-a -t 10.1.0.8:53 -r 10.0.0.0:53 -m -w 2");
        assertEquals(still(library(writer, read())), still(scrape()));
    }

    @Test
    void shouldWriteWhatTheLibraryWrites() throws Exception {
        found = SOME;
        command("-A -t 192.0.2.1:80 -s wrr");
        for (int i = 1; i < 60; i++) {
            command("-a -t 192.0.2.1:80 -r 10.0.0." + i + ":8080 -m -w " + i * i * i * 300);
        }
        command("-A -f 7 -s rr");
        final int slot =
                commands.state().services().get(0).destinations().get(0).value().slot();
        commands.state().load().counters().add(slot, SlotCounters.IN_BYTES, 123_456_789_012L);
        batches.recordValue(1_500);
        final ExpositionFormats formats = ExpositionFormats.init();
        final String openMetrics = "application/openmetrics-text;version=1.0.0";
        for (int i = 0; i < 2; i++) {
            assertEquals(still(library(formats.getPrometheusTextFormatWriter(), read())), still(scrape()));
            assertEquals(
                    still(library(formats.getOpenMetricsTextFormatWriter(), read())),
                    still(new String(ask("/metrics", "Accept", openMetrics), StandardCharsets.UTF_8)));
        }
        try (GZIPInputStream zipped =
                new GZIPInputStream(new ByteArrayInputStream(ask("/metrics", "Accept-Encoding", "gzip")))) {
            assertEquals(still(scrape()), still(new String(zipped.readAllBytes(), StandardCharsets.UTF_8)));
        }
        final String one = new String(ask("/metrics?name%5B%5D=weir_services"), StandardCharsets.UTF_8);
        assertTrue(one.contains("weir_services 2.0") && !one.contains("weir_server_weight"), one);
        assertTrue(ask("/-/healthy").length > 0);
    }

    @Test
    void shouldTellOfHealthChecksAndVrrp() throws Exception {
        found = SOME;
        final String text = scrape();
        for (String line : List.of(
                "weir_health_quorum_up{service=\"tcp 192.0.2.1:80\"} 1.0",
                "weir_health_server_up{server=\"10.0.0.1:80\",service=\"tcp 192.0.2.1:80\"} 0.0",
                "weir_health_checks_total{check=\"HTTP_GET\",server=\"10.0.0.1:80\",service=\"tcp 192.0.2.1:80\"} 7.0",
                "weir_vrrp_state{router=\"VI_1\",state=\"BACKUP\"} 1.0",
                "weir_vrrp_state{router=\"VI_1\",state=\"MASTER\"} 0.0",
                "weir_vrrp_priority{router=\"VI_1\"} 100.0",
                "weir_vrrp_refused_advertisements_total{router=\"VI_1\"} 3.0")) {
            assertTrue(text.contains(line + "\n"), () -> line + "\n--- not in\n" + text);
        }
    }

    private Scrape readAll() {
        return metrics.read("1.2", dataPlane, sync, batches, true, found);
    }

    private MetricSnapshots read() {
        return readAll().all();
    }

    private String scrape() throws IOException, InterruptedException {
        final HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
                .build();
        final HttpResponse<String> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), response::body);
        return response.body();
    }

    private void command(String line) {
        assertEquals("", commands.problemOf(line).orElse(""), line);
    }

    @Test
    void shouldTellOfServicesAndTheirServers() throws Exception {
        command("-A -t 192.0.2.1:80 -s wrr");
        command("-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 3");
        command("-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 0");
        command("-A -u [2001:db8::1]:53 -s rr");
        command("-A -f 7 -s rr");
        final int slot = commands
                .state()
                .services()
                .get(commands.state().services().size() - 1)
                .destinations()
                .stream()
                .findFirst()
                .map(entry -> entry.value().slot())
                .orElse(0);
        final SlotCounters counters = commands.state().load().counters();
        counters.add(slot, SlotCounters.CONNS, 5);
        counters.add(slot, SlotCounters.IN_BYTES, 700);
        counters.add(slot, SlotCounters.ACTIVE, 2);

        final String text = scrape();

        final String first = "server=\"" + serverOf(slot) + "\",service=\"tcp 192.0.2.1:80\"";
        for (String line : List.of(
                "weir_services 3.0",
                "weir_service_servers{scheduler=\"wrr\",service=\"tcp 192.0.2.1:80\"} 2.0",
                "weir_service_usable_servers{scheduler=\"wrr\",service=\"tcp 192.0.2.1:80\"} 1.0",
                "weir_service_servers{scheduler=\"rr\",service=\"udp [2001:db8::1]:53\"} 0.0",
                "weir_service_servers{scheduler=\"rr\",service=\"mark 7\"} 0.0",
                "weir_server_weight{server=\"10.0.0.1:8080\",service=\"tcp 192.0.2.1:80\"} 3.0",
                "weir_server_connections_total{" + first + "} 5.0",
                "weir_server_bytes_total{direction=\"in\"," + first + "} 700.0",
                "weir_server_active_connections{" + first + "} 2.0",
                "weir_build_info{version=\"1.2\"} 1")) {
            assertTrue(text.contains(line + "\n"), () -> line + "\n--- not in\n" + text);
        }
    }

    private String serverOf(int slot) {
        return commands.state().services().stream()
                .flatMap(service -> service.destinations().stream())
                .filter(entry -> entry.value().slot() == slot)
                .map(TableNames::server)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldFollowTheTable() throws Exception {
        command("-A -t 192.0.2.1:80 -s rr");
        command("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g");
        final String labels = "{server=\"10.0.0.1:80\",service=\"tcp 192.0.2.1:80\"}";
        assertTrue(scrape().contains("weir_server_weight" + labels + " 1.0\n"));
        command("-e -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 7");
        assertTrue(scrape().contains("weir_server_weight" + labels + " 7.0\n"));
        command("-E -t 192.0.2.1:80 -s sh");
        assertTrue(scrape().contains("weir_service_servers{scheduler=\"sh\",service=\"tcp 192.0.2.1:80\"} 1.0\n"));
        command("-C");
        assertFalse(scrape().contains("weir_server_weight"));
    }

    @Test
    void shouldTellOfServersThatAreGoneButHaveConnections() throws Exception {
        command("-A -t 192.0.2.1:80 -s rr");
        command("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g");
        final int slot =
                commands.state().services().get(0).destinations().get(0).value().slot();
        commands.state().load().counters().add(slot, SlotCounters.INACTIVE, 4);
        command("-d -t 192.0.2.1:80 -r 10.0.0.1:80");
        final String line =
                "weir_deleted_server_connections{server=\"10.0.0.1:80\",service=\"tcp 192.0.2.1:80\"} 4.0\n";
        assertTrue(scrape().contains(line));
    }

    @Test
    void shouldGiveTheTimeOfBatchesInSeconds() throws Exception {
        batches.recordValue(1_500);
        batches.recordValue(40_000);
        batches.recordValue(BatchTimes.LONGEST_NS);
        final String text = scrape();
        final String name = "weir_worker_batch_duration_seconds";
        for (String line : List.of(
                name + "_bucket{worker=\"0\",le=\"1.0E-6\"} 0",
                name + "_bucket{worker=\"0\",le=\"2.0E-6\"} 1",
                name + "_bucket{worker=\"0\",le=\"5.0E-5\"} 2",
                name + "_bucket{worker=\"0\",le=\"1.0\"} 2",
                name + "_bucket{worker=\"0\",le=\"+Inf\"} 3",
                name + "_count{worker=\"0\"} 3")) {
            assertTrue(text.contains(line + "\n"), () -> line + "\n--- not in\n" + text);
        }
    }

    @Test
    void shouldHaveEveryDropReasonFromTheStart() throws Exception {
        final String text = scrape();
        for (DropReason reason : DropReason.values()) {
            assertEquals(
                    reason != DropReason.NONE,
                    text.contains("weir_frames_dropped_total{reason=\"" + reason.name() + "\"} 0.0\n"),
                    reason.name());
        }
    }

    /** All that there can be: a metric without lines is not shown. */
    private Set<String> names() throws Exception {
        found = SOME;
        command("-A -t 192.0.2.1:80 -s rr");
        command("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g");
        final int slot =
                commands.state().services().get(0).destinations().get(0).value().slot();
        commands.state().load().counters().add(slot, SlotCounters.ACTIVE, 1);
        command("-d -t 192.0.2.1:80 -r 10.0.0.1:80");
        command("-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g");
        final Set<String> names = new TreeSet<>();
        final Matcher type = TYPE.matcher(scrape());
        while (type.find()) {
            names.add(type.group(1));
            if (type.group(2).equals("histogram")) {
                List.of("_bucket", "_count", "_sum").forEach(end -> names.add(type.group(1) + end));
            }
        }
        return names;
    }

    private static Path monitoring(String file) {
        return SourceTree.root().resolve("docs/monitoring").resolve(file);
    }

    private static List<String> texts(JsonNode node, String field) {
        final List<String> found = new ArrayList<>();
        node.findValues(field).forEach(value -> {
            if (value.isTextual()) {
                found.add(value.asText());
            }
        });
        return found;
    }

    private void assertKnown(List<String> expressions) throws Exception {
        assertTrue(expressions.size() > 5, expressions::toString);
        final Set<String> known = names();
        final Set<String> unknown = expressions.stream()
                .flatMap(each -> NAME.matcher(each).results())
                .map(result -> result.group())
                .filter(name -> !known.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), unknown);
    }

    @Test
    void shouldHaveEveryMetricOfTheDashboard() throws Exception {
        final JsonNode dashboard =
                new ObjectMapper().readTree(monitoring("grafana-dashboard.json").toFile());
        final List<String> expressions = texts(dashboard, "expr");
        expressions.addAll(texts(dashboard, "query"));
        assertKnown(expressions);
    }

    @Test
    void shouldHaveEveryMetricOfTheAlertRules() throws Exception {
        assertKnown(texts(new YAMLMapper().readTree(monitoring("alerts.yaml").toFile()), "expr"));
    }

    @Test
    void shouldDescribeEveryMetric() throws Exception {
        final String page = Files.readString(SourceTree.root().resolve("docs/monitoring.md"));
        final List<String> missing = names().stream()
                .filter(name -> !name.matches(".*_(bucket|count|sum)"))
                .filter(name -> !page.contains("`" + name))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldReadWhereToListen() throws ConfigException {
        final String head = "interfaces: [{device: 'tun:w0'}]\nservices: []\nmetrics: {listen: ";
        assertEquals("127.0.0.1:9640", listen(head + "9640}"));
        assertEquals("10.0.0.1:80", listen(head + "'10.0.0.1:80'}"));
        assertEquals("::1:9641", listen(head + "'[::1]:9641'}"));
        for (String bad : List.of("0", "70000", "here:80", "'::1:80'", "'[10.0.0.1]:80'", "yes")) {
            final ConfigException problem = assertThrows(ConfigException.class, () -> listen(head + bad + "}"), bad);
            assertTrue(String.valueOf(problem.getMessage()).contains("f.yaml:3: metrics.listen"), problem::toString);
        }
    }

    private static String listen(String yaml) throws ConfigException {
        final var metrics = ConfigReader.parse("f.yaml", yaml).metrics();
        return metrics.address() + ":" + metrics.port();
    }
}
