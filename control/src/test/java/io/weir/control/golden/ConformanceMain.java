package io.weir.control.golden;

import io.weir.control.golden.CorpusScore.Group;
import io.weir.control.golden.ScenarioScore.Kind;
import io.weir.control.replay.ReplayCommand;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code weir conformance}: replays the corpus and prints how much of it comes out as the kernel's.
 *
 * <p>It is among the tests because the corpus is, and because it is to count as {@link CorpusGoldenTest} does.
 */
@Command(
        name = "weir conformance",
        description = "Replays what Linux did, recorded, and prints how much of it Weir does the same.",
        footer = {"", "Exit status: 0 nothing is lost of what was reached once, 1 something is, 2 wrong usage."})
public final class ConformanceMain implements Callable<Integer> {
    private static final int SHOWN_CHARACTERS = 300;

    @Option(names = "--differences", description = "Also what differs, with the kernel's answer and Weir's.")
    private boolean withDifferences;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ConformanceMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, URISyntaxException {
        final Path corpus = Path.of(Objects.requireNonNull(ConformanceMain.class.getResource("/corpus"))
                .toURI());
        final Path out = Files.createTempDirectory("weir-conformance");
        try {
            final int status = new CommandLine(new ReplayCommand()).execute(corpus.toString(), out.toString());
            if (status != 0) {
                return status;
            }
            return print(corpus, CorpusScore.of(corpus, out));
        } finally {
            delete(out);
        }
    }

    private int print(Path corpus, CorpusScore score) throws IOException {
        System.out.println("recorded with "
                + Files.readString(corpus.resolve("recorded-with"), StandardCharsets.UTF_8)
                        .strip());
        System.out.println();
        System.out.print(table(score));
        final List<String> different = different(score);
        if (!different.isEmpty()) {
            System.out.println();
            System.out.println("not all the same (docs/ipvs-differences.md):");
            different.forEach(System.out::println);
        }
        final List<String> lost = lost(score, Ratchet.read(corpus.resolve("score.properties")));
        lost.forEach(each -> System.err.println("weir conformance: " + each));
        return lost.isEmpty() ? 0 : 1;
    }

    /** Same and all, by group and kind of unit. */
    static String table(CorpusScore score) {
        final List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"group", "scenarios", "packets", "decisions", "states", "texts", "same"});
        score.groups().forEach((name, group) -> rows.add(row(name, List.of(group))));
        rows.add(row("all", List.copyOf(score.groups().values())));
        final StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            text.append(String.format(Locale.ROOT, "%-8s", row[0]));
            text.append(String.format(
                    Locale.ROOT, "%12s%14s%18s%14s%14s%11s%n", row[1], row[2], row[3], row[4], row[5], row[6]));
        }
        return text.toString();
    }

    private static String[] row(String name, List<Group> groups) {
        final int units = groups.stream().mapToInt(Group::units).sum();
        final int same = groups.stream().mapToInt(Group::equalUnits).sum();
        return new String[] {
            name,
            share(
                    groups.stream().mapToInt(each -> each.whole().size()).sum(),
                    groups.stream().mapToInt(each -> each.scenarios().size()).sum()),
            share(groups, Kind.PACKETS),
            share(groups, Kind.DECISIONS),
            share(groups, Kind.STATES),
            share(groups, Kind.TEXTS),
            percent(same, units)
        };
    }

    private static String share(List<Group> groups, Kind kind) {
        return share(
                groups.stream().mapToInt(each -> each.equalUnits(kind)).sum(),
                groups.stream().mapToInt(each -> each.units(kind)).sum());
    }

    private static String share(int same, int all) {
        return all == 0 ? "-" : same + "/" + all;
    }

    /** Rounded down: 100 % means all. */
    private static String percent(int same, int all) {
        final long hundredths = all == 0 ? 0 : 10_000L * same / all;
        return String.format(Locale.ROOT, "%d.%02d %%", hundredths / 100, hundredths % 100);
    }

    private List<String> different(CorpusScore score) {
        final List<String> lines = new ArrayList<>();
        score.groups().forEach((name, group) -> {
            for (Map.Entry<String, ScenarioScore> each : group.scenarios().entrySet()) {
                if (!each.getValue().whole()) {
                    lines.add("  " + name + "/" + each.getKey() + ": "
                            + each.getValue().equalUnits() + " of "
                            + each.getValue().units());
                    if (withDifferences) {
                        each.getValue().differences().forEach(one -> lines.add(shortened(one)));
                    }
                }
            }
        });
        return lines;
    }

    private static String shortened(String difference) {
        final StringBuilder text = new StringBuilder();
        difference.lines().forEach(line -> text.append(text.isEmpty() ? "" : "\n")
                .append("    ")
                .append(line, 0, Math.min(line.length(), SHOWN_CHARACTERS)));
        return text.toString();
    }

    private static List<String> lost(CorpusScore score, Ratchet ratchet) {
        final List<String> lost = new ArrayList<>();
        score.groups().forEach((name, group) -> {
            if (group.equalUnits() < ratchet.units(name)) {
                lost.add(name + ": " + group.equalUnits() + " the same, had been " + ratchet.units(name));
            }
            ratchet.whole(name).stream()
                    .filter(each -> !group.whole().contains(each))
                    .forEach(each -> lost.add(name + "/" + each + " differs, and did not"));
        });
        return lost;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
