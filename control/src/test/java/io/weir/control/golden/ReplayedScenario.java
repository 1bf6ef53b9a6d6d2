package io.weir.control.golden;

import io.weir.control.golden.Classifier.Choice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a replay made of one scenario's frames. */
final class ReplayedScenario {
    /** A transmitted frame. */
    // The bytes are handed on, never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Sent(String egress, byte[] frame) {
        /** Interface and bytes as text, without what cannot be compared. */
        String comparable() {
            return egress + " " + HexFormat.of().formatHex(FrameMask.masked(frame));
        }
    }

    private static final Map<String, String> NONE = Map.of();

    private final List<byte[]> inputs;
    private final Map<Integer, List<Sent>> sent;
    private final Map<Integer, Map<String, String>> verdicts = new HashMap<>();

    ReplayedScenario(ScenarioFiles files, List<byte[]> inputs) throws IOException {
        this.inputs = inputs;
        this.sent = sent(files);
        for (Map<String, String> row : files.rows("verdicts.csv")) {
            verdicts.put(Integer.valueOf(row.getOrDefault("idx", "")), row);
        }
    }

    /** The transmitted frames by the input frame that caused them, -1 if none did. */
    static Map<Integer, List<Sent>> sent(ScenarioFiles files) throws IOException {
        final List<byte[]> frames = files.frames("output.pcap");
        final Map<Integer, List<Sent>> sent = new HashMap<>();
        for (Map<String, String> row : files.rows("output.csv")) {
            final int index = Integer.parseInt(row.getOrDefault("out_idx", ""));
            final Integer cause = Integer.valueOf(row.getOrDefault("in_idx", ""));
            if (index < frames.size()) {
                sent.computeIfAbsent(cause, i -> new ArrayList<>())
                        .add(new Sent(row.getOrDefault("if", ""), frames.get(index)));
            }
        }
        return sent;
    }

    List<Sent> sent(int index) {
        return sent.getOrDefault(index, List.of());
    }

    /** Was there a verdict about the frame? */
    boolean decided(int index) {
        return verdicts.containsKey(index);
    }

    /** Was the frame left to the host's own stack? */
    boolean passed(int index) {
        return "PASS".equals(verdict(index).get("verdict"));
    }

    Map<String, String> verdict(int index) {
        return verdicts.getOrDefault(index, NONE);
    }

    /** What became of a frame; of a fragmented packet only the first fragment tells. */
    Choice choice(int index) {
        final Set<String> kinds = new LinkedHashSet<>();
        final Set<String> servers = new LinkedHashSet<>();
        final Set<String> ports = new LinkedHashSet<>();
        for (Sent each : sent(index)) {
            if (kinds.isEmpty() || !Classifier.isLaterFragment(each.frame())) {
                final Choice one = Classifier.classify(inputs.get(index), each.frame(), each.egress());
                kinds.add(one.kind());
                servers.add(one.server());
                ports.add(one.port());
            }
        }
        return new Choice(
                kinds.isEmpty() ? "none" : String.join("+", kinds), String.join("+", servers), String.join("+", ports));
    }
}
