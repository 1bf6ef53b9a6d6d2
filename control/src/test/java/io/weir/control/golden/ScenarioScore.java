package io.weir.control.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.control.golden.Classifier.Choice;
import io.weir.control.golden.Listings.Moment;
import io.weir.control.golden.ReplayedScenario.Sent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares a replayed scenario with the recorded one, unit by unit.
 *
 * <p><b>Units</b>: by group. {@code sched}, {@code service}: each recorded decision (method, server, port).
 * {@code forward}, {@code sync}: each input frame with all it caused, byte for byte under {@link FrameMask}, and each
 * frame that no input caused. {@code tcpstate}: state and seconds left after each frame. {@code forward},
 * {@code service}: also each connection list and each ipvsadm command. {@code cli}: each command line with its status,
 * texts and the tables it leaves. Everywhere but in {@code tcpstate}: each of ipvsadm's listings at the end.
 *
 * <p>A frame that Linux routed unchanged, answered from its own stack or dropped may also be left to the host. Rates
 * are not compared.
 */
final class ScenarioScore {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> HOST_KINDS = Set.of("forward", "local-rst", "local-reply", "none");
    private static final Set<String> WITH_DECISIONS = Set.of("sched", "service", "cli");
    private static final Set<String> WITH_FRAMES = Set.of("forward", "sync");
    private static final Set<String> WITH_LISTS = Set.of("forward", "service");
    private static final String STATES = "tcpstate";
    private static final List<String> COMPARED =
            List.of("cmd", "rc", "stdout", "stderr", "out", "err", "table", "save");

    /** What a unit is. */
    enum Kind {
        /** An input frame with all it caused, or a frame that no input caused. */
        PACKETS,
        /** The real server chosen for a frame. */
        DECISIONS,
        /** State and seconds left after a frame. */
        STATES,
        /** A command with its texts, a listing. */
        TEXTS
    }

    private final String group;
    private final ScenarioFiles recorded;
    private final ScenarioFiles replayed;
    private final List<byte[]> inputs;
    private final ReplayedScenario replay;
    private final List<String> differences = new ArrayList<>();
    private final Map<Kind, Integer> units = new EnumMap<>(Kind.class);
    private final Map<Kind, Integer> equal = new EnumMap<>(Kind.class);

    private ScenarioScore(String group, Path recorded, Path replayed) throws IOException {
        this.group = group;
        this.recorded = new ScenarioFiles(recorded);
        this.replayed = new ScenarioFiles(replayed);
        this.inputs = this.recorded.frames("input.pcap");
        this.replay = new ReplayedScenario(this.replayed, inputs);
    }

    /** Compares two scenario folders; the second need not exist. */
    static ScenarioScore of(String group, Path recorded, Path replayed) throws IOException {
        final ScenarioScore score = new ScenarioScore(group, recorded, replayed);
        if (WITH_DECISIONS.contains(group)) {
            score.decisions();
        }
        if (WITH_FRAMES.contains(group)) {
            score.frames();
        }
        if (STATES.equals(group)) {
            score.states();
        } else {
            score.finalListings();
        }
        if (WITH_LISTS.contains(group)) {
            score.snapshots();
            score.commands("commands.jsonl");
        }
        score.commands("cli.jsonl");
        return score;
    }

    int units() {
        return units.values().stream().mapToInt(Integer::intValue).sum();
    }

    int units(Kind kind) {
        return units.getOrDefault(kind, 0);
    }

    int equalUnits() {
        return units() - differences.size();
    }

    int equalUnits(Kind kind) {
        return equal.getOrDefault(kind, 0);
    }

    boolean whole() {
        return differences.isEmpty();
    }

    List<String> differences() {
        return differences;
    }

    private void unit(Kind kind, boolean same, String what, Object recordedValue, Object replayedValue) {
        units.merge(kind, 1, Integer::sum);
        if (same) {
            equal.merge(kind, 1, Integer::sum);
        } else {
            differences.add(what + "\n  recorded " + recordedValue + "\n  replayed " + replayedValue);
        }
    }

    private static boolean mayBeHosts(String kinds) {
        return HOST_KINDS.containsAll(Arrays.asList(kinds.split("\\+", -1)));
    }

    private void decisions() throws IOException {
        for (String file : List.of("choices.csv", "decisions.csv")) {
            for (Map<String, String> row : recorded.rows(file)) {
                final int index = index(row);
                final Choice want = new Choice(value(row, "kind"), value(row, "rs"), value(row, "rs_port"));
                final Choice got = replay.choice(index);
                final boolean left = replay.passed(index) && replay.sent(index).isEmpty();
                unit(
                        Kind.DECISIONS,
                        replay.decided(index) && (got.equals(want) || left && mayBeHosts(want.kind())),
                        "frame " + index,
                        want,
                        got + " " + replay.verdict(index));
            }
        }
    }

    private void frames() throws IOException {
        final Map<Integer, List<Sent>> recordedFrames = ReplayedScenario.sent(recorded);
        final Map<Integer, String> kinds = new HashMap<>();
        for (Map<String, String> row : recorded.rows("decisions.csv")) {
            kinds.put(index(row), value(row, "kind"));
        }
        final List<String> wantOwn = comparable(recordedFrames.getOrDefault(-1, List.of()));
        final List<String> gotOwn = comparable(replay.sent(-1));
        for (int i = 0; i < wantOwn.size(); i++) {
            final String got = i < gotOwn.size() ? gotOwn.get(i) : "none";
            unit(Kind.PACKETS, got.equals(wantOwn.get(i)), "own frame " + i, wantOwn.get(i), got);
        }
        for (int i = 0; i < inputs.size(); i++) {
            final List<String> want = comparable(recordedFrames.getOrDefault(i, List.of()));
            final List<String> got = comparable(replay.sent(i));
            final String kind = kinds.getOrDefault(i, "none");
            final boolean left = replay.passed(i) && got.isEmpty();
            unit(
                    Kind.PACKETS,
                    replay.decided(i) && (got.equals(want) || left && mayBeHosts(kind)),
                    "frame " + i + " (" + kind + ")",
                    want,
                    got + " " + replay.verdict(i));
        }
    }

    private static List<String> comparable(List<Sent> frames) {
        return frames.stream().map(Sent::comparable).toList();
    }

    private void states() throws IOException {
        for (Map<String, String> row : recorded.rows("states.csv")) {
            final int index = index(row);
            final String state = orDash(value(replay.verdict(index), "state"));
            final String expires = orDash(value(replay.verdict(index), "expires"));
            unit(
                    Kind.STATES,
                    replay.decided(index)
                            && state.equals(value(row, "state"))
                            && Listings.near(expires, value(row, "expires")),
                    "state after frame " + index,
                    value(row, "state") + " " + value(row, "expires"),
                    state + " " + expires);
        }
    }

    private void snapshots() throws IOException {
        final Map<Moment, List<String>> got = Listings.snapshots(replayed.lines("conns.txt"));
        Listings.snapshots(recorded.lines("conns.txt")).forEach((moment, want) -> {
            final List<String> mine = got.getOrDefault(moment, List.of());
            unit(
                    Kind.TEXTS,
                    got.containsKey(moment) && Listings.sameConnections(want, mine),
                    "connections at " + moment.at(),
                    want,
                    mine);
        });
    }

    private void commands(String file) throws IOException {
        final List<String> got = replayed.lines(file);
        int next = 0;
        for (String line : recorded.lines(file)) {
            final JsonNode want = JSON.readTree(line);
            final JsonNode mine = next < got.size() ? JSON.readTree(got.get(next)) : JSON.createObjectNode();
            next++;
            final String command = want.path("cmd").asText();
            if (command.startsWith("ipvsadm") || command.startsWith("-")) {
                unit(Kind.TEXTS, sameResult(command, want, mine), command, want, mine);
            }
        }
    }

    private static boolean sameResult(String command, JsonNode want, JsonNode mine) {
        final boolean same = COMPARED.stream().filter(want::has).allMatch(key -> want.path(key)
                .equals(mine.path(key)));
        return same
                || !mine.isEmpty()
                        && command.contains("-Lnc")
                        && Listings.sameConnections(
                                want.path("out").asText().lines().toList(),
                                mine.path("out").asText().lines().toList());
    }

    private void finalListings() throws IOException {
        final Map<String, List<String>> got = Listings.sections(replayed.lines("final.txt"));
        Listings.sections(recorded.lines("final.txt")).forEach((command, want) -> {
            if (command.startsWith("ipvsadm") && !command.contains("--rate")) {
                final List<String> mine = got.getOrDefault(command, List.of());
                final boolean same =
                        mine.equals(want) || command.contains("-Lnc") && Listings.sameConnections(want, mine);
                unit(Kind.TEXTS, got.containsKey(command) && same, "at the end: " + command, want, mine);
            }
        });
    }

    private static int index(Map<String, String> row) {
        return Integer.parseInt(value(row, "idx"));
    }

    private static String value(Map<String, String> row, String column) {
        return row.getOrDefault(column, "");
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
