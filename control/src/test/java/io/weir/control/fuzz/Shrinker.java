package io.weir.control.fuzz;

import io.weir.control.fuzz.FuzzScenario.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a scenario that differs as short as it can be: takes runs of lines and frames out, long ones first, as long as there
 * is a difference still. The candidates of one length go into one guest.
 */
final class Shrinker {
    private final Trial trial;
    private final int mostTrials;

    Shrinker(Trial trial, int mostTrials) {
        this.trial = trial;
        this.mostTrials = mostTrials;
    }

    /** A piece of a scenario: a line of one of its lists, or a step. */
    private record Piece(int list, String line, Step step) {}

    FuzzScenario shrink(FuzzScenario scenario) throws IOException, InterruptedException {
        List<Piece> pieces = pieces(scenario);
        int trials = 0;
        int run = Math.max(1, pieces.size() / 4);
        while (trials < mostTrials) {
            final List<List<Piece>> shorter = without(pieces, run);
            final int best = shorter.isEmpty() ? -1 : firstThatDiffers(shorter);
            trials++;
            if (best >= 0) {
                pieces = shorter.get(best);
            } else if (run == 1) {
                break;
            } else {
                run /= 2;
            }
        }
        return scenario(pieces);
    }

    private int firstThatDiffers(List<List<Piece>> candidates) throws IOException, InterruptedException {
        final Map<String, FuzzScenario> scenarios = new LinkedHashMap<>();
        for (int i = 0; i < candidates.size(); i++) {
            scenarios.put("c" + (1000 + i), scenario(candidates.get(i)));
        }
        return trial.differences(scenarios).keySet().stream()
                .mapToInt(name -> Integer.parseInt(name.substring(1)) - 1000)
                .findFirst()
                .orElse(-1);
    }

    private static List<List<Piece>> without(List<Piece> pieces, int run) {
        final List<List<Piece>> shorter = new ArrayList<>();
        for (int from = 0; from < pieces.size(); from += run) {
            final List<Piece> rest = new ArrayList<>(pieces.subList(0, from));
            rest.addAll(pieces.subList(Math.min(pieces.size(), from + run), pieces.size()));
            shorter.add(rest);
        }
        return shorter;
    }

    private static List<Piece> pieces(FuzzScenario scenario) {
        final Step none = Step.command("");
        final List<Piece> pieces = new ArrayList<>();
        scenario.sysctls().forEach(line -> pieces.add(new Piece(0, line, none)));
        scenario.net().forEach(line -> pieces.add(new Piece(1, line, none)));
        scenario.rules().forEach(line -> pieces.add(new Piece(2, line, none)));
        scenario.steps().forEach(step -> pieces.add(new Piece(3, "", step)));
        return pieces;
    }

    private static FuzzScenario scenario(List<Piece> pieces) {
        return new FuzzScenario(
                lines(pieces, 0),
                lines(pieces, 1),
                lines(pieces, 2),
                pieces.stream()
                        .filter(each -> each.list() == 3)
                        .map(Piece::step)
                        .toList());
    }

    private static List<String> lines(List<Piece> pieces, int list) {
        return pieces.stream()
                .filter(each -> each.list() == list)
                .map(Piece::line)
                .toList();
    }
}
