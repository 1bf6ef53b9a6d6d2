package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ControlClient;
import io.weir.control.plugin.JarMaker;
import io.weir.control.plugin.PluginFolderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A jar with a scheduler, dropped into the folder of a director that runs: real connections go by its rule. */
@Tag("netns")
@SuppressWarnings("NullAway.Init") // the lab is made before the first test
class PluginIT {
    private static final String SERVICE = "-t " + LabPlan.VIP4 + ":80";

    private static Lab lab;

    @BeforeAll
    static void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
    }

    @AfterAll
    static void tearDown() {
        lab.close();
    }

    private static Shell.Result apply(Path file) {
        final List<String> command = new ArrayList<>(WeirCommand.of("apply"));
        command.addAll(List.of("-n", lab.name(), file.toString()));
        return lab.director().run(command.toArray(new String[0]));
    }

    private static Map<String, Integer> pages() {
        return new Traffic(lab).fetch(false, 4);
    }

    @Test
    void shouldForwardByASchedulerFromAJar() throws IOException {
        final Path jars = Files.createDirectory(lab.folder().resolve("jars"));
        final String plain = LabConfig.of(lab);
        final Path next = lab.folder().resolve("next.yaml");
        Files.writeString(
                next, plain.replace("scheduler: rr", "scheduler: newest") + "schedulers: {plugins: '" + jars + "'}\n");
        final Background director = lab.startDirector(plain);
        try {
            assertEquals(Map.of("rs1", 2, "rs2", 2), pages());

            JarMaker.make(
                    jars.resolve("broken.jar"),
                    "lab.TestScheduler",
                    PluginFolderTest.source("newest", "return 0;"),
                    "lab.TestScheduler\n");
            final Shell.Result refused = apply(next);
            assertEquals(1, refused.status());
            assertTrue(refused.output().contains("broken.jar"), refused::output);
            assertEquals(Map.of("rs1", 2, "rs2", 2), pages());

            Files.delete(jars.resolve("broken.jar"));
            PluginFolderTest.good(jars.resolve("newest.jar"), "newest");
            final Shell.Result taken = apply(next);
            assertTrue(taken.ok(), taken::output);
            assertTrue(ControlClient.ask(lab.name(), "-Ln").contains(LabPlan.VIP4 + ":80 newest"));
            assertEquals(Map.of("rs1", 0, "rs2", 4), pages());

            final String newest = LabPlan.server4(2) + ":" + LabPlan.MAPPED_PORT;
            assertEquals("", ControlClient.ask(lab.name(), "-e " + SERVICE + " -r " + newest + " -m -w 0"));
            assertEquals(Map.of("rs1", 4, "rs2", 0), pages());
        } finally {
            director.close();
        }
    }
}
