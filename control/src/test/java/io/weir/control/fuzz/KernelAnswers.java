package io.weir.control.fuzz;

import io.weir.control.guest.Guest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Asks the kernel: runs the scenario folders under {@code WORK/scenarios} in a guest, which writes its answers into them.
 *
 * <p>A guest that hangs (this kernel loses a reference in one IPv6 path, and then a namespace never goes away) is ended; a
 * new one goes on with the scenarios that are left.
 */
final class KernelAnswers {
    private static final Duration BOOT = Duration.ofSeconds(60);
    private static final Duration ONE = Duration.ofSeconds(20);

    private final Path work;

    KernelAnswers(Path work) {
        this.work = work;
    }

    /** Where scenarios are to be written. */
    Path scenarios() {
        return work.resolve("scenarios");
    }

    /** Runs all scenarios; the folders that have an answer then, sorted. */
    List<Path> ask() throws IOException, InterruptedException {
        List<Path> left = unanswered();
        while (!left.isEmpty()) {
            final Duration limit = BOOT.plus(ONE.multipliedBy(left.size()));
            Guest.in(work).run("perl /mnt/replay.pl /mnt/scenarios", limit);
            final List<Path> still = unanswered();
            if (still.size() == left.size()) {
                // The first one is what it stumbles over.
                Files.createFile(still.get(0).resolve("done"));
                Files.createFile(still.get(0).resolve("failed"));
            }
            left = unanswered();
        }
        return folders(folder -> Files.exists(folder.resolve("done")) && !Files.exists(folder.resolve("failed")));
    }

    private List<Path> unanswered() throws IOException {
        return folders(folder -> !Files.exists(folder.resolve("done")));
    }

    private List<Path> folders(Predicate<Path> wanted) throws IOException {
        try (Stream<Path> all = Files.list(scenarios())) {
            return new ArrayList<>(all.filter(wanted).sorted().toList());
        }
    }
}
