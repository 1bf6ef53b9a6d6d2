package io.weir.control.golden;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.golden.CorpusScore.Group;
import io.weir.control.golden.ScenarioScore.Kind;
import io.weir.control.replay.ReplayCommand;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * The whole corpus, replayed: what has been reached is not lost again.
 *
 * <p>A run leaves its scores in {@code target/score.properties}; when they are higher, copy that file over
 * {@code src/test/resources/corpus/score.properties}.
 */
final class CorpusGoldenTest {
    private static final Pattern BASIC_FORWARDING = Pattern.compile(".*-(tcp|udp|ttl)6?");
    private static final Pattern BASIC_SCHEDULING = Pattern.compile("(rr|wrr|wlc|sh)-.*");
    private static final double FORWARD_SHARE = 0.6;
    private static final int SHOWN_DIFFERENCES = 3;
    private static final int SHOWN_CHARACTERS = 2000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private static Path out;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static CorpusScore score;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static Ratchet ratchet;

    @BeforeAll
    static void replayAndScore() throws Exception {
        replay(corpus(), out);
        score = CorpusScore.of(corpus(), out);
        ratchet = Ratchet.read(corpus().resolve("score.properties"));
        System.out.print(score.summary());
        Files.writeString(Path.of("target", "score.properties"), Ratchet.text(score));
    }

    private static Path corpus() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(CorpusGoldenTest.class.getResource("/corpus"))
                .toURI());
    }

    private static void replay(Path in, Path into) {
        assertEquals(0, new CommandLine(new ReplayCommand()).execute(in.toString(), into.toString()));
    }

    static Stream<String> groups() {
        return score.groups().keySet().stream();
    }

    @Test
    void shouldKnowAllGroups() {
        assertEquals(List.of("cli", "forward", "sched", "service", "sync", "tcpstate"), groups().toList());
    }

    @ParameterizedTest
    @MethodSource("groups")
    void shouldCountEachUnitAsOneKind(String name) {
        final Group group = score.group(name);
        assertEquals(
                group.units(), Stream.of(Kind.values()).mapToInt(group::units).sum());
        assertEquals(
                group.equalUnits(),
                Stream.of(Kind.values()).mapToInt(group::equalUnits).sum());
    }

    @Test
    void shouldPrintARowForEachGroupAndOneForAll() {
        final List<String> rows = ConformanceMain.table(score).lines().toList();
        assertEquals(score.groups().size() + 2, rows.size());
        assertEquals(1, rows.stream().map(String::length).distinct().count(), "columns");
    }

    @ParameterizedTest
    @MethodSource("groups")
    void shouldKeepWhatWasReached(String name) {
        final Group group = score.group(name);
        final int units = ratchet.units(name);
        final int scenarios = ratchet.scenarios(name);
        assertEquals(scenarios, ratchet.whole(name).size(), "names in score.properties");
        assertWhole(name, ratchet.whole(name));
        assertTrue(group.equalUnits() >= units, () -> name + ": " + group.equalUnits() + " units, had been " + units);
        assertTrue(
                group.whole().size() >= scenarios,
                () -> name + ": " + group.whole().size() + " whole scenarios, had been " + scenarios);
        if (group.equalUnits() > units || group.whole().size() > scenarios) {
            System.out.println(name + ": more than score.properties says, which may be raised");
        }
    }

    @Test
    void shouldForwardMostFramesAsRecorded() {
        final Group forward = score.group("forward");
        assertTrue(forward.equalUnits() >= FORWARD_SHARE * forward.units(), score::summary);
    }

    @Test
    void shouldForwardTcpUdpAndTtlExactlyAsRecorded() {
        assertWhole("forward", matching("forward", BASIC_FORWARDING));
    }

    @Test
    void shouldScheduleRoundRobinLeastConnectionAndSourceHashExactlyAsRecorded() {
        assertWhole("sched", matching("sched", BASIC_SCHEDULING));
    }

    private static List<String> matching(String group, Pattern pattern) {
        final List<String> names = score.group(group).scenarios().keySet().stream()
                .filter(pattern.asMatchPredicate())
                .toList();
        assertFalse(names.isEmpty());
        return names;
    }

    private static void assertWhole(String group, List<String> names) {
        assertAll(names.stream().map(name -> () -> {
            final ScenarioScore scenario = score.group(group).scenarios().get(name);
            assertTrue(scenario != null && scenario.whole(), () -> group + "/" + name + describe(scenario));
        }));
    }

    private static String describe(@Nullable ScenarioScore scenario) {
        if (scenario == null) {
            return " is not in the corpus";
        }
        final StringBuilder text = new StringBuilder();
        text.append(": ").append(scenario.equalUnits()).append(" of ").append(scenario.units());
        for (String each :
                scenario.differences().stream().limit(SHOWN_DIFFERENCES).toList()) {
            text.append('\n').append(each, 0, Math.min(each.length(), SHOWN_CHARACTERS));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "forward/nat-frag",
                "forward/tun-gue-csum-udp6",
                "sched/lblcr-edits",
                "sched/mh-port",
                "service/persist-expiry",
                "sync/master",
                "tcpstate/nat-odd"
            })
    void shouldGiveTheSameBytesTwice(String scenario, @TempDir Path again) throws Exception {
        replay(corpus().resolve(scenario), again);
        final List<String> names = names(out.resolve(scenario));
        assertEquals(names, names(again));
        for (String name : names) {
            assertArrayEquals(
                    Files.readAllBytes(out.resolve(scenario).resolve(name)),
                    Files.readAllBytes(again.resolve(name)),
                    name);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        final List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(Path::getFileName).map(String::valueOf).sorted().forEach(names::add);
        }
        assertFalse(names.isEmpty());
        return names;
    }
}
