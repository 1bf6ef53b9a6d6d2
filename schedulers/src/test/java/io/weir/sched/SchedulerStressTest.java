package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the jcstress tests of this package, the classes called {@code *Stress}, in a process of their own. */
class SchedulerStressTest {
    /** How many classes {@code *Stress} there are. */
    private static final int TESTS = 4;

    private static final int MINUTES = 4;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    /** Compiled and interpreted code is mixed by jcstress itself; one mode keeps it within half a minute. */
    @Test
    void shouldFindNoForbiddenOutcome() throws IOException, InterruptedException {
        final Path output = folder.resolve("output");
        final Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
                        "org.openjdk.jcstress.Main",
                        "-t",
                        "io.weir.sched",
                        "-m",
                        "quick",
                        "-f",
                        "1",
                        "-iters",
                        "2",
                        "-time",
                        "300",
                        // Few states at once: AddressMemory must hold all of them.
                        "-strideSize",
                        "256",
                        "-strideCount",
                        "8",
                        "-sc",
                        "false",
                        "-jvmArgs",
                        "-XX:+UseSerialGC -Xmx512m --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-r",
                        folder.resolve("report").toString()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output.toFile()))
                .start();
        try {
            assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), () -> "not within " + MINUTES + " minutes");
        } finally {
            process.destroyForcibly();
        }
        final String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        // All that ran, and none of them failed, was odd or could not run.
        assertTrue(text.contains("All remaining tests: " + TESTS + " matching"), text);
    }
}
