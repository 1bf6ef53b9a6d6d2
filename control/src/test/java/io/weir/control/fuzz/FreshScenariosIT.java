package io.weir.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.control.guest.Guest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few random scenarios, the same each time, before a real kernel and before the director. */
@Tag("netns")
@Tag("once")
final class FreshScenariosIT {
    private static final long FIRST_SEED = 1;
    private static final int SCENARIOS = 30;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path work;

    @Test
    void shouldDoWhatTheKernelDoes() throws Exception {
        if (!Guest.isInstalled()) {
            System.out.println("no user-mode kernel on this machine (package user-mode-linux): no fresh scenarios");
            return;
        }
        final Trial trial = new Trial(work);
        final Map<String, FuzzScenario> scenarios = Trial.ofSeeds(FIRST_SEED, SCENARIOS);
        final Map<String, List<String>> once = trial.differences(scenarios);
        final Map<String, FuzzScenario> again = new LinkedHashMap<>(scenarios);
        again.keySet().retainAll(once.keySet());
        // What depends on the moment does not come twice.
        final Map<String, List<String>> twice = again.isEmpty() ? Map.of() : trial.differences(again);
        assertEquals(Map.of(), twice);
    }
}
