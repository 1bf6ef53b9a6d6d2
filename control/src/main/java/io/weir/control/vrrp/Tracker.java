package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.KeepalivedConfig.BfdSettings;
import io.weir.control.keepalived.KeepalivedConfig.TrackFile;
import io.weir.control.keepalived.KeepalivedConfig.TrackProcess;
import io.weir.control.keepalived.KeepalivedConfig.TrackScript;
import io.weir.control.keepalived.KeepalivedConfig.Tracked;
import io.weir.control.keepalived.KeepalivedConfig.Tracking;
import io.weir.control.notify.ScriptRunner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of what instances track: interfaces, scripts, files, processes, BFD sessions.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}; scripts hand their results over through the engine's queue.
 */
final class Tracker {
    /**
     * What the tracked things make of a base priority.
     *
     * @param waits nothing is known yet of something that would be a fault
     */
    record Effect(boolean fault, boolean waits, int priority, String why) {
        /** One that nothing tracked is needed for. */
        static Effect fault(int priority, String why) {
            return new Effect(true, false, priority, why);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Tracker.class);
    private static final int UNSAID = Integer.MIN_VALUE;
    private static final int LOWEST = 1;
    private static final int HIGHEST = 254;
    private static final int LONGEST_FILE = 128;

    /** A script between two runs. */
    private static final class Script {
        private final TrackScript settings;
        private boolean good;
        private boolean known;
        private boolean running;
        private int streak;
        private long nextNs;

        Script(TrackScript settings, long nowNs) {
            this.settings = settings;
            this.nextNs = nowNs;
        }
    }

    private final Map<String, Script> scripts = new HashMap<>();
    private final Map<String, TrackFile> files = new HashMap<>();
    private final Processes processes;
    private final Links links = new Links();
    private final Map<String, BfdSettings> sessions = new HashMap<>();
    private final Predicate<String> bfd;
    private final ScriptRunner runner;
    private final Consumer<Runnable> post;

    /** Tracks nothing yet. */
    Tracker(ScriptRunner runner, Consumer<Runnable> post, Predicate<String> bfd) {
        this.bfd = bfd;
        this.runner = runner;
        this.post = post;
        this.processes = new Processes(post);
    }

    /** Tracks what a configuration names; a script that is as it was keeps what is known of it. */
    void reload(KeepalivedConfig config, long nowNs) {
        final Map<String, Script> before = new HashMap<>(scripts);
        scripts.clear();
        for (TrackScript each : config.scripts()) {
            final Script old = before.get(each.name());
            scripts.put(each.name(), old != null && old.settings.equals(each) ? old : new Script(each, nowNs));
        }
        files.clear();
        config.files().forEach(each -> files.put(each.name(), each));
        processes.reload(config.processes(), nowNs);
        links.reload(config, nowNs);
        sessions.clear();
        config.bfdInstances().forEach(each -> sessions.put(each.name(), each));
    }

    /** Looks at links and processes, and runs the scripts that are due. */
    void onTime(long nowNs) {
        links.look(nowNs);
        processes.onTime(nowNs);
        for (Script script : scripts.values()) {
            if (nowNs - script.nextNs >= 0 && !script.running) {
                script.running = true;
                script.nextNs = nowNs + TimeUnit.MILLISECONDS.toNanos(script.settings.intervalMs());
                final Runnable cancel = runner.run(
                        script.settings.script(),
                        List.of(),
                        script.settings.timeoutMs(),
                        status -> post.accept(() -> ended(script, status)));
                LOG.trace("event=track-script name={} cancel={}", script.settings.name(), cancel);
            }
        }
    }

    private static void ended(Script script, int status) {
        script.running = false;
        final boolean good = status == 0;
        if (!script.known) {
            // The first result counts at once, unless it is to prove itself.
            script.known = true;
            script.good = good && !(script.settings.initFail() && script.settings.rise() > 1);
            script.streak = 0;
            return;
        }
        script.streak = good == script.good ? 0 : script.streak + 1;
        if (script.streak >= (good ? script.settings.rise() : script.settings.fall())) {
            script.good = good;
            script.streak = 0;
            LOG.info(
                    "event=track-script name={} state={} status={}",
                    script.settings.name(),
                    good ? "up" : "down",
                    status);
        }
    }

    /** The links of interfaces. */
    Links links() {
        return links;
    }

    /**
     * What tracking makes of a priority.
     *
     * @param weighted false: weights count as 0, as in a sync group
     */
    Effect effect(int base, List<Tracking> trackings, boolean weighted) {
        long priority = base;
        String fault = "";
        boolean waits = false;
        for (Tracking tracking : trackings) {
            for (Tracked each : tracking.interfaces()) {
                final int weight = weight(each, 0, weighted);
                final boolean good = links.isUp(each.name()) != (each.reverse() && weight == 0);
                fault = weight == 0 && !good ? "interface " + each.name() : fault;
                priority += moved(weight, each.reverse(), good);
            }
            for (Tracked each : tracking.scripts()) {
                final Script script = scripts.get(each.name());
                if (script == null) {
                    continue;
                }
                final int weight = weight(each, script.settings.weight(), weighted);
                final boolean reverse = each.reverse() || script.settings.reverse();
                if (!script.known && !script.settings.initFail()) {
                    // Neither good nor bad, as in keepalived: it moves nothing, and whoever needs it waits.
                    waits |= weight == 0;
                    continue;
                }
                final boolean good = script.known && script.good;
                fault = weight == 0 && good == reverse ? "script " + each.name() : fault;
                priority += moved(weight, reverse, good);
            }
            for (Tracked each : tracking.processes()) {
                final TrackProcess process = processes.settings(each.name());
                if (process == null) {
                    continue;
                }
                final int weight = weight(each, process.weight(), weighted);
                if (!processes.isKnown(each.name())) {
                    waits |= weight == 0;
                    continue;
                }
                final boolean reverse = each.reverse() || process.reverse();
                final boolean good = processes.isGood(each.name());
                fault = weight == 0 && good == reverse ? "process " + each.name() : fault;
                priority += moved(weight, reverse, good);
            }
            for (Tracked each : tracking.bfdInstances()) {
                final BfdSettings session = sessions.get(each.name());
                if (session == null) {
                    continue;
                }
                final int weight = weight(each, session.weight(), weighted);
                final boolean reverse = each.reverse() || session.reverse();
                final boolean good = bfd.test(each.name());
                fault = weight == 0 && good == reverse ? "bfd " + each.name() : fault;
                priority += moved(weight, reverse, good);
            }
            for (Tracked each : tracking.files()) {
                final TrackFile file = files.get(each.name());
                if (file == null) {
                    continue;
                }
                final int weight = weight(each, file.weight(), weighted);
                final long value = value(file) * (each.reverse() || file.reverse() ? -1 : 1);
                fault = weight == 0 && value != 0 || value * weight < -HIGHEST + 1 ? "file " + each.name() : fault;
                priority += weight == 0 ? 0 : value * weight;
            }
        }
        final int bounded = base == Election.OWNER ? base : (int) Math.max(LOWEST, Math.min(HIGHEST, priority));
        return new Effect(!fault.isEmpty(), waits, bounded, fault);
    }

    private static int weight(Tracked each, int usual, boolean weighted) {
        return !weighted ? 0 : each.weight() == UNSAID ? usual : each.weight();
    }

    /** A positive weight is for the good, a negative one against the bad. */
    private static int moved(int weight, boolean reverse, boolean good) {
        final int move = weight > 0 && good || weight < 0 && !good ? weight : 0;
        return reverse ? -move : move;
    }

    private static long value(TrackFile file) {
        try {
            final Path path = Path.of(file.path());
            // A FIFO would be waited for, and a long file is none that was written for this.
            if (!Files.isRegularFile(path) || Files.size(path) > LONGEST_FILE) {
                return 0;
            }
            final String text =
                    Files.readString(path, StandardCharsets.ISO_8859_1).strip();
            return text.isEmpty() ? 0 : Integer.parseInt(text);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
