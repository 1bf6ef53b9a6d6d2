package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.config.Problem;
import io.weir.control.config.WeirConfig;
import io.weir.dataplane.MarkRules;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A configuration that was read and found good, and the state it asks for.
 *
 * @param text of the file
 * @param commands a state of its own, filled as the configuration says
 */
record Wanted(String text, WeirConfig config, DirectorCommands commands, MarkRules marks) {
    /** The parts that a running director takes over; the others hold from the next start on. */
    private static final Set<String> LIVE = Set.of(
            "routes", "vips", "sysctls", "timeouts", "commands", "marks", "localAddresses", "keepalived", "plugins");

    /** Where a configuration comes from, again and again. */
    @FunctionalInterface
    interface Source {
        Wanted read() throws ConfigException, RunException;
    }

    /** Reads a file. */
    static Wanted read(Path file) throws ConfigException {
        try {
            return of(file.toString(), Files.readString(file));
        } catch (IOException e) {
            final String reason = Files.exists(file) ? "cannot read: " + e.getMessage() : "no such file";
            throw new ConfigException(file.toString(), List.of(new Problem(0, "", reason)));
        }
    }

    /** Takes the text of a file; {@code file} names it in problems. */
    static Wanted of(String file, String text) throws ConfigException {
        return of(file, text, ConfigReader.parse(file, text));
    }

    /** Takes a configuration that was read from {@code text}; {@code file} names it in problems. */
    static Wanted of(String file, String text, WeirConfig config) throws ConfigException {
        final DirectorCommands commands = new DirectorCommands();
        final MarkRules marks = ConfigCheck.fill(file, config, commands);
        return new Wanted(text, config, commands, marks);
    }

    /** The fields that differ from a running configuration and cannot change while it runs. */
    List<String> needRestart(WeirConfig running) {
        final List<String> names = new ArrayList<>();
        for (RecordComponent part : WeirConfig.class.getRecordComponents()) {
            if (!LIVE.contains(part.getName()) && !text(part, running).equals(text(part, config))) {
                names.add(part.getName());
            }
        }
        if (!daemons(running).equals(daemons(config))) {
            names.add("sync");
        }
        return names;
    }

    /** They are among the commands, but are not started or stopped by a change. */
    private static List<String> daemons(WeirConfig of) {
        return of.commands().stream()
                .map(WeirConfig.SourceLine::text)
                .filter(line -> line.startsWith("--start-daemon"))
                .toList();
    }

    /** A part as text, without the lines of the file it stands on. */
    private static String text(RecordComponent part, WeirConfig of) {
        try {
            return String.valueOf(part.getAccessor().invoke(of)).replaceAll("\\bline=\\d+", "");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record's part cannot be read: part=" + part.getName(), e);
        }
    }
}
