package io.weir.control.golden;

import io.weir.control.golden.ScenarioScore.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The scores of a replayed corpus: CORPUS/GROUP/SCENARIO against OUT/GROUP/SCENARIO.
 *
 * @param groups by name, each with its scenarios by name
 */
record CorpusScore(Map<String, Group> groups) {

    /** The scores of one group. */
    record Group(Map<String, ScenarioScore> scenarios) {
        int units() {
            return scenarios.values().stream().mapToInt(ScenarioScore::units).sum();
        }

        int equalUnits() {
            return scenarios.values().stream()
                    .mapToInt(ScenarioScore::equalUnits)
                    .sum();
        }

        int units(Kind kind) {
            return scenarios.values().stream()
                    .mapToInt(each -> each.units(kind))
                    .sum();
        }

        int equalUnits(Kind kind) {
            return scenarios.values().stream()
                    .mapToInt(each -> each.equalUnits(kind))
                    .sum();
        }

        /** The names of the scenarios without any difference, sorted. */
        List<String> whole() {
            return scenarios.entrySet().stream()
                    .filter(each -> each.getValue().whole())
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    static CorpusScore of(Path corpus, Path replayed) throws IOException {
        final Map<String, Group> groups = new TreeMap<>();
        for (Path group : folders(corpus)) {
            final String groupName = String.valueOf(group.getFileName());
            final Map<String, ScenarioScore> scenarios = new TreeMap<>();
            for (Path scenario : folders(group)) {
                final String name = String.valueOf(scenario.getFileName());
                final Path out = replayed.resolve(groupName).resolve(name);
                scenarios.put(name, ScenarioScore.of(groupName, scenario, out));
            }
            groups.put(groupName, new Group(scenarios));
        }
        return new CorpusScore(groups);
    }

    private static List<Path> folders(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).sorted().toList();
        }
    }

    Group group(String name) {
        return groups.getOrDefault(name, new Group(Map.of()));
    }

    /** One line for each group. */
    String summary() {
        final StringBuilder text = new StringBuilder();
        groups.forEach((name, group) -> text.append(String.format(
                Locale.ROOT,
                "%-9s %7d of %7d units (%6.2f %%), %d of %d scenarios whole%n",
                name,
                group.equalUnits(),
                group.units(),
                100.0 * group.equalUnits() / Math.max(1, group.units()),
                group.whole().size(),
                group.scenarios().size())));
        return text.toString();
    }
}
