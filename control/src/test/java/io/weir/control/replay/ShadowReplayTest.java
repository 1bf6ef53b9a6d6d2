package io.weir.control.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.sched.Schedulers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shadow schedulers on recorded traffic, through the real packet path. */
final class ShadowReplayTest {
    private static final Path CORPUS = Path.of("src/test/resources/corpus/sched");
    private static final Pattern HEAD =
            Pattern.compile("(?m)^-.*  (\\w+), shadow (\\w+): (\\d+) connections, agrees on (\\S+)");

    @TempDir
    private Path folder;

    private static List<Path> scenarios() throws IOException {
        try (Stream<Path> all = Files.list(CORPUS)) {
            return all.filter(Scenario::isScenario).sorted().toList();
        }
    }

    /** Runs a scenario whose services have shadows; what would have happened. */
    private String replay(Path scenario, String shadows) throws IOException, ReplayException {
        final Path copy = folder.resolve("in").resolve(scenario.getFileName() + "-" + shadows.hashCode());
        Files.createDirectories(copy);
        try (Stream<Path> files = Files.list(scenario)) {
            for (final Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        final Path rules = copy.resolve("rules");
        final List<String> lines = new ArrayList<>();
        for (final String line : Files.readAllLines(rules)) {
            lines.add(line.replaceFirst("^((?:ipvsadm )?-[AE] .* -s (\\w+).*)$", "$1 --shadow " + shadows));
        }
        Files.write(rules, lines);
        final Path options = copy.resolve("options");
        if (Files.exists(options)) {
            Files.writeString(options, Files.readString(options).replace("gzip=1", ""));
        }
        final Path out = folder.resolve("out").resolve(copy.getFileName());
        ReplayRunner.run(Scenario.read(copy), TopologyReader.builtIn()).write(out);
        return Files.exists(out.resolve("shadows.txt")) ? Files.readString(out.resolve("shadows.txt")) : "";
    }

    @Test
    void shouldAgreeWithALiveSchedulerOfTheSameRule() throws Exception {
        final List<String> found = new ArrayList<>();
        int connections = 0;
        for (final Path scenario : scenarios()) {
            final String report = replay(scenario, "$2");
            final Matcher head = HEAD.matcher(report);
            while (head.find()) {
                connections += Integer.parseInt(head.group(3));
                if (head.group(1).equals(head.group(2)) && !head.group(4).matches("100\\.0|-")) {
                    found.add(scenario.getFileName() + ": " + head.group());
                }
            }
        }
        assertTrue(connections > 1000, "connections=" + connections);
        assertEquals(List.of(), found);
    }

    @Test
    void shouldSayWhatEveryOtherSchedulerWouldHaveDone() throws Exception {
        final String all = String.join(",", Schedulers.names());
        final String report = replay(CORPUS.resolve(scenarios().get(0).getFileName()), all);
        assertEquals(Schedulers.names().size(), HEAD.matcher(report).results().count(), report);
        assertFalse(report.contains("NaN"), report);
    }
}
