package io.weir.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a figure depends on and must be read with: machine, kernel, JDK, flags, commit, date. */
public final class Conditions {
    /** How the load's line ends if others were at work. */
    public static final String BUSY = ": the machine was busy, times are too long";

    private static final String UNKNOWN = "unknown";
    /** Of its cores; more than that is busy. */
    private static final double HARDLY_BUSY = 0.5;

    private Conditions() {}

    /** A few lines, each starting with #. */
    static String describe(Collection<String> flags, String command) {
        final StringBuilder text = new StringBuilder();
        of(flags, command)
                .forEach((name, value) -> text.append(String.format(Locale.ROOT, "# %-8s %s%n", name, value)));
        return text.toString();
    }

    /** The same by name, in the order to print them. */
    public static Map<String, String> of(Collection<String> flags, String command) {
        final Map<String, String> all = new LinkedHashMap<>();
        all.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        all.put("commit", commit());
        all.put("machine", processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        final double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        final boolean busy = load > Runtime.getRuntime().availableProcessors() * HARDLY_BUSY;
        all.put("load", String.format(Locale.ROOT, "%.2f on average at the start", load) + (busy ? BUSY : ""));
        all.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        all.put("JDK", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        all.put("flags", String.join(" ", withInherited(flags)));
        all.put("command", "weir bench " + command);
        return all;
    }

    /** A forked virtual machine gets the flags of this one as well. */
    private static Collection<String> withInherited(Collection<String> flags) {
        final Collection<String> all = new LinkedHashSet<>(flags);
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-Dweir."))
                .forEach(all::add);
        return all;
    }

    private static String processor() {
        try {
            for (final String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.toLowerCase(Locale.ROOT).startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            return UNKNOWN;
        }
        return System.getProperty("os.arch", UNKNOWN);
    }

    /** The commit of the working directory; if files differ from it that is said. */
    private static String commit() {
        final String commit = git("rev-parse", "--short=12", "HEAD");
        if (commit.isEmpty()) {
            return UNKNOWN;
        }
        return git("status", "--porcelain", "--untracked-files=no").isEmpty() ? commit : commit + " with changes";
    }

    private static String git(String... arguments) {
        try {
            final String[] command = new String[arguments.length + 1];
            command[0] = "git";
            System.arraycopy(arguments, 0, command, 1, arguments.length);
            final Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            final boolean done = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            return done ? output.strip() : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
