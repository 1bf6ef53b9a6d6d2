package io.weir.control.lab;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Starts {@code weir run} in the director's namespace of a lab, as an operator would. */
final class DirectorProcess {
    private static final Duration READY_LIMIT = Duration.ofSeconds(30);

    private DirectorProcess() {}

    static Background start(Lab lab, String configuration) {
        final Path config = lab.folder().resolve("weir.yaml");
        final Path ready = lab.folder().resolve("director.ready");
        try {
            Files.deleteIfExists(ready);
            Files.writeString(config, configuration);
        } catch (IOException e) {
            throw new LabException("cannot write " + config + ": " + e.getMessage(), e);
        }
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(List.of("-c", config.toString(), "--ready-file", ready.toString()));
        final Background director = lab.start(lab.director(), "weir", command);
        director.awaitUntil(READY_LIMIT, () -> Files.exists(ready));
        return director;
    }

    /** The counters of a lab's director, or why it does not tell them. */
    static String counters(Lab lab) {
        try {
            return ControlClient.ask(lab.name(), "counters");
        } catch (IOException e) {
            return "no counters: " + e.getMessage() + "\n";
        }
    }
}
