package io.weir.control.lab;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The director of a lab on a configuration of the test's own, and what it says. */
final class RunningWeir {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private RunningWeir() {}

    /** Starts it on a {@code keepalived.conf}, between the lab's networks, and waits until it forwards. */
    static Background on(Lab lab, String keepalivedConf, String... options) throws IOException {
        final Path config = Files.writeString(lab.folder().resolve("keepalived.conf"), keepalivedConf);
        final List<String> words = new ArrayList<>(List.of("--keepalived", config.toString(), "--name", lab.name()));
        words.addAll(List.of("--interface", LabPlan.CLIENT_SIDE, "--interface", LabPlan.SERVER_SIDE));
        words.addAll(List.of(options));
        return start(lab, words);
    }

    /** Starts it on a {@code weir.yaml}, which names the lab. */
    static Background onYaml(Lab lab, String yaml) throws IOException {
        return start(
                lab,
                List.of(
                        "-c",
                        Files.writeString(lab.folder().resolve("weir.yaml"), yaml)
                                .toString()));
    }

    private static Background start(Lab lab, List<String> words) throws IOException {
        final Path ready = lab.folder().resolve("weir.ready");
        Files.deleteIfExists(ready);
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(words);
        command.addAll(List.of("--ready-file", ready.toString()));
        final Background director = lab.start(lab.director(), "weir", command);
        try {
            director.awaitUntil(LIMIT, () -> Files.exists(ready));
        } catch (LabException e) {
            throw new LabException(director.output(), e);
        }
        return director;
    }

    /** What the lab's director answers to a line of the control socket. */
    static String ask(Lab lab, String line) {
        try {
            return ControlClient.ask(lab.name(), line);
        } catch (IOException e) {
            throw new LabException("no answer: " + e.getMessage(), e);
        }
    }
}
