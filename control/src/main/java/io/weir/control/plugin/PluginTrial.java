package io.weir.control.plugin;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries a jar in a virtual machine of its own, which can be ended: a scheduler that never returns, eats all memory or calls
 * {@code System.exit} does nothing to the director.
 */
final class PluginTrial {
    private static final Logger LOG = LoggerFactory.getLogger(PluginTrial.class);
    private static final List<String> SHARED_FLAGS = List.of("--add-exports", "--add-opens", "--enable-native-access");

    private PluginTrial() {}

    /** Throws the reason if a jar is not good within that time. */
    static void run(Path jar, long seconds) throws PluginException {
        try {
            final Path answer = Files.createTempFile("weir-plugin-", ".answer");
            try {
                run(jar, seconds, answer);
            } finally {
                Files.delete(answer);
            }
        } catch (IOException e) {
            throw new PluginException("cannot be tried: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginException("the trial was interrupted");
        }
    }

    private static void run(Path jar, long seconds, Path answer)
            throws PluginException, IOException, InterruptedException {
        final Process process = new ProcessBuilder(command(jar))
                .redirectOutput(answer.toFile())
                .redirectError(Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new PluginException("not through the contract within " + seconds + " s: does schedule() return?");
            }
        } finally {
            process.destroyForcibly();
        }
        final List<String> lines = Files.readAllLines(answer);
        final String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        if (last.startsWith(PluginTrialMain.BAD)) {
            throw new PluginException(last.substring(PluginTrialMain.BAD.length()));
        }
        if (!last.startsWith(PluginTrialMain.GOOD)) {
            throw new PluginException("ended the virtual machine it was tried in, status " + process.exitValue());
        }
        LOG.debug("event=plugin-tried jar={} names={}", jar, last);
    }

    private static List<String> command(Path jar) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> SHARED_FLAGS.stream().anyMatch(flag::startsWith))
                .forEach(command::add);
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m"));
        command.add("-cp");
        command.add(System.getProperty("java.class.path", ""));
        command.add(PluginTrialMain.class.getName());
        command.add(jar.toString());
        return command;
    }
}
