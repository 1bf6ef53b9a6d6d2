package io.weir.control.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes labs down: namespaces, the processes inside and the folder, known by the lab's name alone.
 *
 * <p>A lab is named {@code weirlab-PID-N}, or {@code weirlab-keep} if it is to outlive its maker; its namespaces are
 * {@code NAME-ROLE}. So what a killed process left behind is found and cleaned by the next one.
 */
final class Leftovers {
    /** The lab of {@code weir demo --keep}. */
    static final String KEPT = "weirlab-keep";

    static final Path FOLDER = Path.of("/run/weir/labs");
    private static final Pattern OWNED = Pattern.compile("(weirlab-(\\d+)-\\d+)(-.*)?");

    private Leftovers() {}

    /** Takes down every lab whose maker is gone; kept labs stay. */
    static void clean() {
        final List<String> names = new ArrayList<>(namespaces());
        names.addAll(folders());
        names.stream()
                .map(OWNED::matcher)
                .filter(Matcher::matches)
                .filter(found ->
                        ProcessHandle.of(Long.parseLong(found.group(2))).isEmpty())
                .map(found -> found.group(1))
                .distinct()
                .forEach(Leftovers::remove);
    }

    /** Is anything of this lab there? */
    static boolean exists(String lab) {
        return Files.exists(FOLDER.resolve(lab)) || namespaces().stream().anyMatch(name -> name.startsWith(lab + "-"));
    }

    /** Takes one lab down, whatever is left of it. */
    static void remove(String lab) {
        final List<String> mine =
                namespaces().stream().filter(name -> name.startsWith(lab + "-")).toList();
        // First the director, so that it puts back what it changed; the rest has nothing to put back.
        mine.stream().filter(name -> name.endsWith("-director")).forEach(Leftovers::endProcesses);
        mine.forEach(Leftovers::endProcesses);
        mine.forEach(name -> Shell.run(List.of("ip", "netns", "del", name)));
        deleteTree(FOLDER.resolve(lab));
    }

    private static List<String> namespaces() {
        // "NAME (id: 3)" where it has an id.
        return Shell.run(List.of("ip", "netns", "list"))
                .output()
                .lines()
                .map(line -> line.split(" ", 2)[0])
                .toList();
    }

    private static List<String> folders() {
        if (!Files.isDirectory(FOLDER)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(FOLDER)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static void endProcesses(String namespace) {
        final List<ProcessHandle> inside = Shell.run(List.of("ip", "netns", "pids", namespace))
                .output()
                .lines()
                .filter(line -> line.matches("\\d+"))
                .flatMap(line -> ProcessHandle.of(Long.parseLong(line)).stream())
                .toList();
        inside.forEach(ProcessHandle::destroy);
        final long deadline = System.nanoTime() + 5_000_000_000L;
        while (inside.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() - deadline < 0) {
            Background.pause(10);
        }
        inside.forEach(ProcessHandle::destroyForcibly);
    }

    private static void deleteTree(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException | UncheckedIOException e) {
            throw new LabException("cannot remove " + folder + ": " + e.getMessage(), e);
        }
    }
}
