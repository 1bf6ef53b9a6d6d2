package io.weir.control.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a scenario folder holds: commands, settings and frames.
 *
 * <p><b>Layout</b>: the files {@code rules}, {@code sysctls}, {@code net}, {@code events}, {@code options},
 * {@code input.pcap[.gz]}; each may be missing. Lines that begin with # are comments.
 *
 * @param name of the folder
 * @param sysctls as commands of a shell
 * @param net commands about links and marks
 * @param rules commands, in order
 * @param events commands before certain frames, in order
 */
record Scenario(
        String name,
        List<String> sysctls,
        List<String> net,
        List<String> rules,
        List<Event> events,
        Map<String, String> options,
        List<PcapFile.Frame> frames) {

    /**
     * A command in the course of the frames.
     *
     * @param before index of the frame it precedes
     */
    record Event(long before, String command) {}

    /** Is this folder a scenario? */
    static boolean isScenario(Path folder) {
        return Files.exists(folder.resolve("rules")) || input(folder) != null;
    }

    static Scenario read(Path folder) throws IOException, ReplayException {
        final Map<String, String> options = new HashMap<>();
        for (String line : lines(folder.resolve("options"))) {
            final int equals = line.indexOf('=');
            if (equals < 0) {
                throw new ReplayException(folder.resolve("options") + ": no '=' in: " + line);
            }
            options.put(line.substring(0, equals), line.substring(equals + 1));
        }
        final List<Event> events = new ArrayList<>();
        for (String line : lines(folder.resolve("events"))) {
            final String[] words = line.trim().split("\\s+", 2);
            if (words.length < 2 || !words[0].matches("[0-9]{1,9}")) {
                throw new ReplayException(folder.resolve("events") + ": not 'FRAME COMMAND': " + line);
            }
            events.add(new Event(Long.parseLong(words[0]), asCommand(words[1])));
        }
        final Path input = input(folder);
        return new Scenario(
                String.valueOf(folder.getFileName()),
                sysctls(folder.resolve("sysctls")),
                lines(folder.resolve("net")),
                lines(folder.resolve("rules")).stream().map(Scenario::asCommand).toList(),
                events,
                options,
                input == null ? List.of() : PcapFile.read(input));
    }

    private static @Nullable Path input(Path folder) {
        for (String name : List.of("input.pcap", "input.pcap.gz")) {
            if (Files.exists(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        return null;
    }

    private static List<String> sysctls(Path file) throws IOException, ReplayException {
        final List<String> commands = new ArrayList<>();
        for (String line : lines(file)) {
            final int equals = line.indexOf('=');
            if (equals < 0) {
                throw new ReplayException(file + ": no '=' in: " + line);
            }
            final String key = line.substring(0, equals).trim().replace('.', '/');
            final String path = key.indexOf('/') < 0 ? "net/ipv4/vs/" + key : key;
            commands.add("echo '" + line.substring(equals + 1).trim() + "' > /proc/sys/" + path);
        }
        return commands;
    }

    private static List<String> lines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        final List<String> lines = new ArrayList<>();
        for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                lines.add(line);
            }
        }
        return lines;
    }

    /** A line that begins with a dash is one of ipvsadm's. */
    private static String asCommand(String line) {
        final String trimmed = line.trim();
        return trimmed.startsWith("-") ? "ipvsadm " + trimmed : trimmed;
    }

    boolean is(String option) {
        return number(option, 0) != 0;
    }

    long number(String option, long otherwise) {
        final String text = options.get(option);
        return text != null && text.matches("-?[0-9]{1,9}") ? Long.parseLong(text) : otherwise;
    }
}
