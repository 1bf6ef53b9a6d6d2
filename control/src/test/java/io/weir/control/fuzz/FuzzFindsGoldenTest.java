package io.weir.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.weir.control.golden.ScenarioComparison;
import io.weir.control.replay.ReplayCommand;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What differential fuzzing found and was mended stays mended: each find, made short, with the kernel's answers. */
final class FuzzFindsGoldenTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path out;

    private static Path folder() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(FuzzFindsGoldenTest.class.getResource("/fuzz"))
                .toURI());
    }

    static List<String> finds() throws IOException, URISyntaxException {
        try (Stream<Path> all = Files.list(folder())) {
            final List<String> names = all.filter(Files::isDirectory)
                    .map(each -> String.valueOf(each.getFileName()))
                    .sorted()
                    .toList();
            assertFalse(names.isEmpty());
            return names;
        }
    }

    @ParameterizedTest
    @MethodSource("finds")
    void shouldDoWhatTheKernelDid(String find) throws Exception {
        final Path scenario = folder().resolve(find);
        assertEquals(0, new CommandLine(new ReplayCommand()).execute(scenario.toString(), out.toString()));
        assertEquals("", String.join("\n", ScenarioComparison.differences(scenario, out)));
    }
}
