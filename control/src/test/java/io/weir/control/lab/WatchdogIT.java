package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.linux.NotifySocket;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A service manager's watchdog: fed while packets are forwarded, starved by a worker that hangs. */
@Tag("netns")
class WatchdogIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int PERIOD_MS = 400;

    /** Stops one thread, as a debugger does, until it ends: PTRACE_SEIZE, PTRACE_INTERRUPT. */
    private static List<String> freeze(String thread) {
        final int ptrace = System.getProperty("os.arch").equals("aarch64") ? 117 : 101;
        return List.of(
                "perl",
                "-e",
                "$| = 1; for my $request (0x4206, 0x4207) { syscall(" + ptrace + ", $request, " + thread
                        + ", 0, 0) == 0 or die \"ptrace: $!\\n\" } print \"frozen\\n\"; sleep 60");
    }

    private static String worker(long pid) throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path each : threads) {
                if (Files.readString(each.resolve("comm")).strip().equals("weir-worker-0")) {
                    return String.valueOf(each.getFileName());
                }
            }
        }
        throw new AssertionError("no worker's thread in " + pid);
    }

    private static String received(NotifySocket manager) {
        final StringBuilder all = new StringBuilder();
        for (String one = manager.receive(); !one.isEmpty(); one = manager.receive()) {
            all.append(one).append('\n');
        }
        return all.toString();
    }

    private static void await(Background director, NotifySocket manager, String message) {
        final StringBuilder all = new StringBuilder();
        director.awaitUntil(LIMIT, () -> all.append(received(manager)).indexOf(message) >= 0);
    }

    @Test
    void shouldBeFedWhileTheWorkerWorksAndNotWhileItHangs() throws IOException {
        try (Lab lab = Lab.create(LabOptions.of(LabMethod.NAT))) {
            final Path config = lab.folder().resolve("weir.yaml");
            Files.writeString(config, LabConfig.of(lab));
            final String socket = lab.folder().resolve("notify").toString();
            try (NotifySocket manager = NotifySocket.listen(socket)) {
                final List<String> command =
                        new ArrayList<>(List.of("env", "NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=" + PERIOD_MS * 1000));
                command.addAll(WeirCommand.of("run"));
                command.addAll(List.of("-c", config.toString()));
                try (Background director = lab.start(lab.director(), "watched", command)) {
                    await(director, manager, "READY=1");
                    for (int i = 0; i < 5; i++) {
                        await(director, manager, "WATCHDOG=1");
                    }
                    try (Background frozen = lab.start(lab.director(), "frozen", freeze(worker(director.pid())))) {
                        frozen.awaitUntil(LIMIT, () -> frozen.output().contains("frozen"));
                        // One may have been on its way; then as many are missing as make a manager start us again.
                        Background.pause(PERIOD_MS);
                        received(manager);
                        Background.pause(4 * PERIOD_MS);
                        assertFalse(received(manager).contains("WATCHDOG=1"));
                    }
                    await(director, manager, "WATCHDOG=1");
                    assertTrue(director.isAlive());
                }
            }
        }
    }
}
