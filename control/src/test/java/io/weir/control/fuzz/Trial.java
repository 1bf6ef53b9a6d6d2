package io.weir.control.fuzz;

import io.weir.control.golden.ScenarioComparison;
import io.weir.control.replay.ReplayCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Puts scenarios before the kernel and before the director, and tells where they differ. */
final class Trial {
    private final Path work;

    /**
     * @param work a folder for scratch files; what is in it is lost
     */
    Trial(Path work) {
        this.work = work;
    }

    /** The differences by name of the scenario, in order; scenarios without any, or which the kernel hung over, are left out. */
    Map<String, List<String>> differences(Map<String, FuzzScenario> scenarios)
            throws IOException, InterruptedException {
        clear();
        final KernelAnswers kernel = new KernelAnswers(work);
        for (Map.Entry<String, FuzzScenario> each : scenarios.entrySet()) {
            each.getValue().write(kernel.scenarios().resolve(each.getKey()));
        }
        final List<Path> answered = kernel.ask();
        final Path replayed = work.resolve("replayed");
        final int status =
                new CommandLine(new ReplayCommand()).execute(kernel.scenarios().toString(), replayed.toString());
        if (status != 0) {
            throw new IOException("the replay ended with status " + status);
        }
        final Map<String, List<String>> found = new LinkedHashMap<>();
        for (Path folder : answered) {
            final String name = String.valueOf(folder.getFileName());
            final List<String> differences = ScenarioComparison.differences(folder, replayed.resolve(name));
            if (!differences.isEmpty()) {
                found.put(name, differences);
            }
        }
        return found;
    }

    /** The scenarios of some seeds, named after them. */
    static Map<String, FuzzScenario> ofSeeds(long first, int count) {
        final Map<String, FuzzScenario> scenarios = new LinkedHashMap<>();
        for (long seed = first; seed < first + count; seed++) {
            scenarios.put(String.format(Locale.ROOT, "%012d", seed), ScenarioGenerator.of(seed));
        }
        return scenarios;
    }

    /** The scenario with the kernel's answers, as it lies in the work folder since the last trial. */
    Path folder(String name) {
        return work.resolve("scenarios").resolve(name);
    }

    private void clear() throws IOException {
        for (String name : List.of("scenarios", "replayed")) {
            final Path folder = work.resolve(name);
            if (Files.exists(folder)) {
                try (Stream<Path> all = Files.walk(folder)) {
                    for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(each);
                    }
                }
            }
            Files.createDirectories(folder);
        }
    }
}
