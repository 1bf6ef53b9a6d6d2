package io.weir.control.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every command line that was recorded from ipvsadm 1.31 on Linux 6.1 gets the same answer and leaves the same table. */
final class CliCorpusTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path out;

    @TestFactory
    Stream<DynamicTest> shouldAnswerAsRecorded() throws Exception {
        final List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> folders = Files.list(corpus())) {
            for (Path folder : folders.sorted().toList()) {
                final Scenario scenario = Scenario.read(folder);
                try (FakePath path = new FakePath()) {
                    new ReplayRunner(scenario, TopologyReader.builtIn(), path)
                            .run()
                            .write(out.resolve(scenario.name()));
                }
                final List<JsonNode> expected = lines(folder.resolve("cli.jsonl"));
                final List<JsonNode> actual = lines(out.resolve(scenario.name()).resolve("cli.jsonl"));
                assertEquals(expected.size(), actual.size());
                for (int i = 0; i < expected.size(); i++) {
                    final JsonNode want = expected.get(i);
                    final JsonNode got = actual.get(i);
                    tests.add(DynamicTest.dynamicTest(
                            scenario.name() + ": " + want.path("cmd").asText(),
                            () -> assertEquals(want.toPrettyString(), got.toPrettyString())));
                }
            }
        }
        return tests.stream();
    }

    private static Path corpus() throws URISyntaxException {
        final URL url = Objects.requireNonNull(CliCorpusTest.class.getResource("/corpus/cli"));
        return Path.of(url.toURI());
    }

    private static List<JsonNode> lines(Path file) throws Exception {
        final List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }
}
