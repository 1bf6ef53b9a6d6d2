package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.Problem;
import io.weir.control.config.WeirConfig.Sysctl;
import io.weir.control.state.DirectorState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of IPVS as an operator gives them to a kernel: lines of sysctl.conf, and words as {@code sysctl -w} takes them.
 *
 * <p>What is said later holds: the files in their order, then the words. <b>Source</b>: sysctl.conf(5), sysctl(8).
 */
final class SysctlWords {
    private static final String OURS = "net.ipv4.vs.";

    private final DirectorState trial = new DirectorCommands().state();
    private final Map<String, Sysctl> settings = new LinkedHashMap<>();

    private SysctlWords() {}

    /**
     * Reads them; what a file says of other parts of the kernel is skipped.
     *
     * @param words {@code NAME=VALUE}, with or without {@code net.ipv4.vs.}
     * @throws ConfigException with what no kernel would take
     */
    static Map<String, Sysctl> read(List<Path> files, List<String> words) throws ConfigException {
        final SysctlWords all = new SysctlWords();
        for (Path file : files) {
            all.file(file);
        }
        final List<Problem> problems = new ArrayList<>();
        for (String word : words) {
            final int equals = word.indexOf('=');
            final String name = equals < 0 ? "" : name(word.substring(0, equals));
            if (name.isEmpty()) {
                problems.add(new Problem(0, word, "must be NAME=VALUE"));
            } else {
                all.set(name.startsWith(OURS) ? name.substring(OURS.length()) : name, word, equals, 0, problems);
            }
        }
        refuse("--sysctl", problems);
        return all.settings;
    }

    private static void refuse(String where, List<Problem> problems) throws ConfigException {
        if (!problems.isEmpty()) {
            throw new ConfigException(where, problems);
        }
    }

    private void file(Path file) throws ConfigException {
        final List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            final String reason = Files.exists(file) ? "cannot read: " + e.getMessage() : "no such file";
            throw new ConfigException(file.toString(), List.of(new Problem(0, "", reason)));
        }
        final List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            final String line = lines.get(i).strip();
            final int equals = line.indexOf('=');
            if (line.startsWith("#") || line.startsWith(";") || equals < 0) {
                continue;
            }
            // With a '-' before it, it does not matter whether the kernel takes it.
            final boolean tolerant = line.startsWith("-");
            final String name = name(line.substring(tolerant ? 1 : 0, equals));
            if (name.startsWith(OURS)) {
                final List<Problem> here = tolerant ? new ArrayList<>() : problems;
                set(name.substring(OURS.length()), line, equals, i + 1, here);
            }
        }
        refuse(file.toString(), problems);
    }

    /** A name may be written with slashes. */
    private static String name(String written) {
        final String name = written.strip();
        return name.indexOf('/') >= 0 && name.indexOf('/') < (name + ".").indexOf('.') ? name.replace('/', '.') : name;
    }

    private void set(String name, String text, int equals, int line, List<Problem> problems) {
        final String value = text.substring(equals + 1).strip().replaceAll("\\s+", " ");
        try {
            trial.sysctl(name, value);
            settings.put(name, new Sysctl(line, value));
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(line, name, String.valueOf(e.getMessage())));
        }
    }
}
