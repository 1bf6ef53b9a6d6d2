package io.weir.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.guest.Guest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random scenarios for a given time, seeds from the clock on; what differs twice is made short and kept in {@code
 * target/soak/SEED}.
 *
 * <p>Properties: {@code weir.soak.minutes} (10), {@code weir.soak.seed} (the time in seconds).
 */
@Tag("soak")
final class KernelSoakIT {
    private static final int BATCH = 25;
    private static final int TRIALS_TO_SHRINK = 12;
    private static final int SHRUNK_AT_MOST = 5;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path work;

    private final List<String> found = new ArrayList<>();

    @Test
    void shouldDoWhatTheKernelDoes() throws Exception {
        assertTrue(Guest.isInstalled(), "the package user-mode-linux is missing");
        final long end = System.nanoTime()
                + Duration.ofMinutes(Long.getLong("weir.soak.minutes", 10L)).toNanos();
        long seed = Long.getLong("weir.soak.seed", System.currentTimeMillis() / 1000);
        final Trial trial = new Trial(work);
        int scenarios = 0;
        while (System.nanoTime() - end < 0) {
            batch(trial, seed);
            seed += BATCH;
            scenarios += BATCH;
            System.out.println(scenarios + " scenarios, " + found.size() + " differ");
        }
        assertEquals(List.of(), found, () -> "seeds that differ; see target/soak");
    }

    private void batch(Trial trial, long seed) throws IOException, InterruptedException {
        final Map<String, FuzzScenario> scenarios = Trial.ofSeeds(seed, BATCH);
        scenarios.keySet().retainAll(trial.differences(scenarios).keySet());
        if (scenarios.isEmpty()) {
            return;
        }
        // What depends on the moment does not come twice.
        final Map<String, List<String>> differences = new LinkedHashMap<>(trial.differences(scenarios));
        for (Map.Entry<String, List<String>> each : differences.entrySet()) {
            found.add(each.getKey());
            final FuzzScenario scenario = scenarios.get(each.getKey());
            if (scenario != null) {
                keep(trial, each.getKey(), scenario, each.getValue());
            }
        }
    }

    private void keep(Trial trial, String name, FuzzScenario scenario, List<String> differences)
            throws IOException, InterruptedException {
        final Path folder = Path.of("target", "soak", name);
        System.out.println(name + ": " + differences.get(0));
        final FuzzScenario shortest =
                found.size() <= SHRUNK_AT_MOST ? new Shrinker(trial, TRIALS_TO_SHRINK).shrink(scenario) : scenario;
        shortest.write(folder);
        Files.write(folder.resolve("differences"), differences);
    }
}
