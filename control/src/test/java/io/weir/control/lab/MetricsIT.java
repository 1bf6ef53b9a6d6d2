package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.control.architecture.SourceTree;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real Prometheus scrapes a director, finds its metrics well made, and can evaluate all that we ship for it. */
@Tag("netns")
@SuppressWarnings("NullAway.Init") // the lab is made before the first test
class MetricsIT {
    private static final String METRICS = "http://127.0.0.1:9640/metrics";
    private static final String PROMETHEUS = "127.0.0.1:9690";

    private static Lab lab;

    @BeforeAll
    static void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
    }

    @AfterAll
    static void tearDown() {
        lab.close();
    }

    @Test
    void shouldBeScrapedByPrometheus() throws IOException {
        try (Background director = lab.startDirector(LabConfig.of(lab) + "metrics: {listen: 9640}\n");
                Background prometheus = prometheus()) {
            new Traffic(lab).fetch(false, 4);
            assertWellMade();
            prometheus.awaitUntil(Duration.ofSeconds(40), () -> first(
                            query("weir_service_connections_total{service=\"tcp " + LabPlan.VIP4 + ":80\"}"))
                    .equals("4"));
            // A rate needs two scrapes.
            prometheus.awaitUntil(Duration.ofSeconds(40), () -> !first(query("rate(weir_frames_received_total[30s])"))
                    .isEmpty());
            final List<String> wrong = new ArrayList<>();
            for (String expression : expressions()) {
                final JsonNode answer = query(expression);
                if (!answer.path("status").asText().equals("success")) {
                    wrong.add(expression + ": " + answer.path("error").asText());
                }
            }
            assertEquals(List.of(), wrong);
            assertEquals("1", first(query("up{job=\"weir\"}")));
            assertTrue(director.isAlive());
        }
    }

    private static void assertWellMade() throws IOException {
        final Path text = lab.folder().resolve("metrics.txt");
        lab.director().must("curl", "-sf", "-o", text.toString(), METRICS);
        final Shell.Result lint = Shell.run(List.of("promtool", "check", "metrics"), Files.readString(text));
        assertEquals("", lint.output().strip());
        assertEquals(0, lint.status());
    }

    private static Background prometheus() throws IOException {
        final Path config = lab.folder().resolve("prometheus.yaml");
        Files.writeString(
                config,
                """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ['%s']
                scrape_configs:
                  - job_name: weir
                    static_configs: [{targets: ['127.0.0.1:9640']}]
                """
                        .formatted(SourceTree.root().resolve("docs/monitoring/alerts.yaml")));
        Shell.must("promtool", "check", "config", config.toString());
        return lab.director()
                .start(
                        "prometheus",
                        List.of(
                                "prometheus",
                                "--config.file=" + config,
                                "--storage.tsdb.path=" + lab.folder().resolve("tsdb"),
                                "--web.listen-address=" + PROMETHEUS));
    }

    /** Those of the dashboard, as Grafana would ask them; the rules are evaluated by Prometheus itself. */
    private static List<String> expressions() throws IOException {
        final JsonNode dashboard = new ObjectMapper()
                .readTree(SourceTree.root()
                        .resolve("docs/monitoring/grafana-dashboard.json")
                        .toFile());
        final List<String> found = new ArrayList<>();
        dashboard
                .findValues("expr")
                .forEach(node -> found.add(node.asText()
                        .replace("$__rate_interval", "30s")
                        .replace("$instance", ".*")
                        .replace("$service", ".*")));
        assertTrue(found.size() > 20);
        return found;
    }

    private static JsonNode query(String expression) {
        final Shell.Result answer = lab.director()
                .run(
                        "curl",
                        "-s",
                        "http://" + PROMETHEUS + "/api/v1/query?query="
                                + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        try {
            return new ObjectMapper().readTree(answer.output());
        } catch (IOException e) {
            throw new LabException("not JSON: " + answer.firstLine(), e);
        }
    }

    private static String first(JsonNode answer) {
        return answer.path("data").path("result").path(0).path("value").path(1).asText("");
    }
}
