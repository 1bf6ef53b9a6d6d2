package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.ParameterMatch;
import io.weir.control.keepalived.KeepalivedConfig.TrackProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether as many processes run as {@code vrrp_track_process} wants. All of {@code /proc} is read twice a second, and only
 * if something is tracked there.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}; a thread of its own reads, so that no advert waits for thousands of processes.
 * <b>Source</b>: keepalived.conf(5), VRRP track processes.
 */
final class Processes {
    private static final Path PROC = Path.of("/proc");
    private static final long EVERY_NS = TimeUnit.MILLISECONDS.toNanos(500);
    /** What the kernel keeps of a process's name. */
    private static final int LONGEST_NAME = 15;

    /** One of them, between two looks. */
    private static final class State {
        private final TrackProcess settings;
        private boolean good;
        private boolean known;
        private long otherSinceNs;
        private boolean other;

        State(TrackProcess settings) {
            this.settings = settings;
        }
    }

    private final Map<String, State> states = new HashMap<>();
    private final Consumer<Runnable> post;
    private boolean looking;
    private long nextNs;

    /** @param post hands a result over to {@code weir-vrrp} */
    Processes(Consumer<Runnable> post) {
        this.post = post;
    }

    void reload(List<TrackProcess> tracked, long nowNs) {
        final Map<String, State> before = new HashMap<>(states);
        states.clear();
        for (TrackProcess each : tracked) {
            final State old = before.get(each.name());
            states.put(each.name(), old != null && old.settings.equals(each) ? old : new State(each));
        }
        nextNs = nowNs;
    }

    @Nullable
    TrackProcess settings(String name) {
        final State state = states.get(name);
        return state == null ? null : state.settings;
    }

    /** Has anybody looked yet? */
    boolean isKnown(String name) {
        final State state = states.get(name);
        return state != null && state.known;
    }

    boolean isGood(String name) {
        final State state = states.get(name);
        return state != null && state.good;
    }

    void onTime(long nowNs) {
        if (states.isEmpty() || looking || nowNs - nextNs < 0) {
            return;
        }
        nextNs = nowNs + EVERY_NS;
        looking = true;
        final List<State> wanted = List.copyOf(states.values());
        final Thread look = new Thread(() -> look(wanted), "weir-processes");
        look.setDaemon(true);
        look.start();
    }

    private void look(List<State> wanted) {
        final List<List<String>> commands = commands();
        final long[] counts = wanted.stream()
                .mapToLong(each -> commands.stream()
                        .filter(command -> matches(each.settings, command))
                        .count())
                .toArray();
        post.accept(() -> {
            looking = false;
            final long nowNs = System.nanoTime();
            for (int i = 0; i < counts.length; i++) {
                final TrackProcess settings = wanted.get(i).settings;
                take(wanted.get(i), counts[i] >= settings.quorum() && counts[i] <= settings.quorumMax(), nowNs);
            }
        });
    }

    private static void take(State state, boolean good, long nowNs) {
        if (!state.known || good == state.good) {
            state.good = good;
            state.known = true;
            state.other = false;
            return;
        }
        if (!state.other) {
            state.other = true;
            state.otherSinceNs = nowNs;
        }
        final long delayMs = good ? state.settings.forkDelayMs() : state.settings.terminateDelayMs();
        if (nowNs - state.otherSinceNs >= TimeUnit.MILLISECONDS.toNanos(delayMs)) {
            state.good = good;
            state.other = false;
        }
    }

    /** Of every process its name, then its command line. */
    private static List<List<String>> commands() {
        final List<List<String>> all = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path each : processes) {
                final List<String> one = command(each);
                if (one != null) {
                    all.add(one);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return all;
        }
        return all;
    }

    private static @Nullable List<String> command(Path process) {
        try {
            final List<String> words = new ArrayList<>();
            words.add(Files.readString(process.resolve("comm"), StandardCharsets.ISO_8859_1)
                    .stripTrailing());
            final String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            // A process that has ended and waits for its parent has none; a thread of the kernel neither.
            if (!line.isEmpty()) {
                words.addAll(List.of(line.substring(0, line.length() - 1).split("\0", -1)));
            } else if (Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1)
                    .contains(") Z ")) {
                return null;
            }
            return words;
        } catch (IOException e) {
            // It has ended meanwhile.
            return null;
        }
    }

    /** Is this one of those that are looked for? {@code command} begins with the process's name. */
    static boolean matches(TrackProcess wanted, List<String> command) {
        final String name = wanted.command().get(0);
        final List<String> parameters =
                wanted.command().subList(1, wanted.command().size());
        final boolean whole = wanted.fullCommand() || wanted.match() != null || !parameters.isEmpty();
        if (!whole) {
            return command.get(0).equals(name.substring(0, Math.min(LONGEST_NAME, name.length())));
        }
        return command.size() > 1 && command.get(1).equals(name) && parametersMatch(wanted, parameters, command);
    }

    private static boolean parametersMatch(TrackProcess wanted, List<String> parameters, List<String> command) {
        final List<String> actual = command.subList(2, command.size());
        final ParameterMatch match = wanted.match();
        if (parameters.isEmpty()) {
            // Without parameters any will do, unless the configuration speaks of them.
            return match == null || actual.isEmpty();
        }
        if (match == null) {
            return actual.equals(parameters);
        }
        final int last = parameters.size() - 1;
        return switch (match) {
            case PARTIAL -> actual.size() > last && actual.subList(0, last + 1).equals(parameters);
            case INITIAL -> actual.size() == last + 1
                    && actual.subList(0, last).equals(parameters.subList(0, last))
                    && actual.get(last).startsWith(parameters.get(last));
        };
    }
}
