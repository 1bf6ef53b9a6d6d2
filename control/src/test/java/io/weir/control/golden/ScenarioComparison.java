package io.weir.control.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.control.golden.Listings.Moment;
import io.weir.control.golden.ReplayedScenario.Sent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * All differences between a scenario folder with the kernel's answers and its replay: every frame byte for byte under
 * {@link FrameMask}, every connection list, every command's status and texts, the listings at the end.
 *
 * <p>Not compared: questions for neighbours, connections that have ended and go with the kernel's next tick, seconds left beyond two, statistics.
 */
public final class ScenarioComparison {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> HOST_KINDS = Set.of("forward", "local-rst", "local-reply");
    private static final Pattern ENDED = Pattern.compile(".* 0");
    private static final List<String> COMPARED = List.of("cmd", "rc", "out", "err");
    private static final Pattern CONNECTIONS = Pattern.compile(".* (-[A-Za-z]*c[a-z]*|--connection).*");

    private static final int ARP = 0x0806;
    private static final int IPV6 = 0x86DD;
    private static final int ICMPV6 = 58;
    private static final int SOLICITATION = 135;
    /** What {@code output.csv} calls the cause of a frame that left by itself. */
    private static final int NO_INPUT = -1;

    private final ScenarioFiles kernel;
    private final ScenarioFiles director;
    private final List<String> differences = new ArrayList<>();

    private ScenarioComparison(Path kernel, Path director) {
        this.kernel = new ScenarioFiles(kernel);
        this.director = new ScenarioFiles(director);
    }

    /** What differs, in the order in which it happened; each with the kernel's line and the director's. */
    public static List<String> differences(Path kernel, Path director) throws IOException {
        final ScenarioComparison comparison = new ScenarioComparison(kernel, director);
        comparison.framesAndConnections();
        comparison.commands();
        comparison.listings();
        return comparison.differences;
    }

    private void differ(String what, Object kernelSaid, Object directorSaid) {
        differences.add(what + "\n  kernel   " + kernelSaid + "\n  director " + directorSaid);
    }

    private void framesAndConnections() throws IOException {
        final List<byte[]> inputs = kernel.frames("input.pcap");
        final ReplayedScenario replay = new ReplayedScenario(director, inputs);
        final Map<Integer, List<Sent>> sent = ReplayedScenario.sent(kernel);
        final Map<Moment, List<String>> want = Listings.snapshots(kernel.lines("conns.txt"));
        final Map<Moment, List<String>> got = Listings.snapshots(director.lines("conns.txt"));
        for (int i = 0; i < inputs.size(); i++) {
            final List<Sent> frames = sent.getOrDefault(i, List.of());
            final List<String> wanted = comparable(frames);
            final List<String> mine = comparable(replay.sent(i));
            final boolean left = replay.passed(i) && mine.isEmpty() && areHosts(inputs.get(i), frames);
            if (!wanted.equals(mine) && !left) {
                differ("frame " + i, wanted, mine + " " + replay.verdict(i));
            }
            final Moment after = new Moment(Integer.toString(i), 1);
            sameConnections("connections after frame " + i, living(want, after), living(got, after));
        }
        // What is due at the same moment has no order.
        final List<String> wanted = comparable(sent.getOrDefault(NO_INPUT, List.of())).stream()
                .sorted()
                .toList();
        final List<String> mine =
                comparable(replay.sent(NO_INPUT)).stream().sorted().toList();
        if (!wanted.equals(mine)) {
            differ("frames as time passed", wanted, mine);
        }
    }

    private static List<String> comparable(List<Sent> frames) {
        return frames.stream()
                .filter(each -> !isQuestion(each.frame()))
                .map(Sent::comparable)
                .toList();
    }

    /** By which address a director asks for a neighbour is its own choice. */
    private static boolean isQuestion(byte[] frame) {
        final int etherType = (frame[12] & 0xFF) << 8 | frame[13] & 0xFF;
        return etherType == ARP
                || etherType == IPV6 && frame[20] == ICMPV6 && frame.length > 54 && (frame[54] & 0xFF) == SOLICITATION;
    }

    private static boolean areHosts(byte[] input, List<Sent> frames) {
        return frames.stream()
                .allMatch(each -> HOST_KINDS.contains(
                        Classifier.classify(input, each.frame(), each.egress()).kind()));
    }

    private static List<String> living(Map<Moment, List<String>> lists, Moment moment) {
        return lists.getOrDefault(moment, List.of()).stream()
                .filter(line -> !ENDED.matcher(line).matches())
                .toList();
    }

    private void sameConnections(String what, List<String> want, List<String> got) {
        if (!Listings.sameConnections(want, got, 2)) {
            differ(what, want, got);
        }
    }

    private void commands() throws IOException {
        final List<JsonNode> got = ipvsadm(director);
        int next = 0;
        for (JsonNode want : ipvsadm(kernel)) {
            final JsonNode mine = next < got.size() ? got.get(next) : JSON.createObjectNode();
            next++;
            final String command = want.path("cmd").asText();
            final boolean same =
                    COMPARED.stream().allMatch(key -> want.path(key).equals(mine.path(key)));
            if (!same
                    && CONNECTIONS.matcher(command).matches()
                    && mine.path("rc").equals(want.path("rc"))) {
                sameConnections(command, outputOf(want), outputOf(mine));
            } else if (!same) {
                differ("before frame " + want.path("at").asText() + ": " + command, want, mine);
            }
        }
    }

    /** What ipvsadm was asked and said; the other commands are the surroundings'. */
    private static List<JsonNode> ipvsadm(ScenarioFiles files) throws IOException {
        final List<JsonNode> commands = new ArrayList<>();
        for (String line : files.lines("commands.jsonl")) {
            final JsonNode command = JSON.readTree(line);
            if (command.path("cmd").asText().startsWith("ipvsadm")) {
                commands.add(command);
            }
        }
        return commands;
    }

    private static List<String> outputOf(JsonNode command) {
        return command.path("out").asText().lines().toList();
    }

    private void listings() throws IOException {
        final Map<String, List<String>> got = Listings.sections(director.lines("final.txt"));
        Listings.sections(kernel.lines("final.txt")).forEach((command, want) -> {
            final List<String> mine = got.getOrDefault(command, List.of());
            if (CONNECTIONS.matcher(command).matches()) {
                sameConnections("at the end: " + command, want, mine);
            } else if (!mine.equals(want)) {
                differ("at the end: " + command, want, mine);
            }
        });
    }
}
