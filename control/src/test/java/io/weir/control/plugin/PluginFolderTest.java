package io.weir.control.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real jars, compiled here: the good ones are taken, each broken one is refused with its reason. */
public class PluginFolderTest {
    /** Enough for a good one on a busy machine; the one that hangs is given less. */
    private static final long PATIENCE_SECONDS = 60;

    private static final String GOOD_CHOICE =
            """
            for (int i = 0; i < list.size(); i++) {
                        Destination server = list.get(i);
                        if (server.weight() > 0 && !load.isOverloaded(server.slot())) {
                            return i;
                        }
                    }
                    return NONE;
            """;

    @TempDir
    private Path folder;

    private final List<String> problems = new ArrayList<>();

    /** A scheduler whose choice is these statements; {@code list} and {@code load} are there. */
    public static String source(String name, String choice) {
        return """
                package lab;

                import io.weir.sched.Flow;
                import io.weir.sched.Scheduler;
                import io.weir.service.Destination;
                import io.weir.service.DestinationLoad;
                import java.util.List;

                public final class TestScheduler implements Scheduler {
                    static volatile Object sink;

                    public static final class Other {}

                    private final List<Destination> list;
                    private int at;

                    public TestScheduler() {
                        this(List.of());
                    }

                    private TestScheduler(List<Destination> list) {
                        this.list = list;
                    }

                    @Override
                    public String name() {
                        return "NAME";
                    }

                    @Override
                    public Scheduler withDestinations(List<Destination> destinations, int flags) {
                        return new TestScheduler(destinations);
                    }

                    @Override
                    public int schedule(Flow flow, DestinationLoad load) {
                        CHOICE
                    }
                }
                """
                .replace("NAME", name)
                .replace("CHOICE", choice);
    }

    /** A jar that passes. */
    public static Path good(Path jar, String name) throws IOException {
        return JarMaker.make(jar, "lab.TestScheduler", source(name, GOOD_CHOICE), "lab.TestScheduler\n");
    }

    private Plugins read(long seconds) {
        return PluginFolder.read(folder, problems::add, seconds);
    }

    private static Scheduler make(Plugins plugins, String name) {
        return Objects.requireNonNull(plugins.factories().get(name)).get();
    }

    private String refusal(long seconds) {
        assertEquals(Set.of(), read(seconds).factories().keySet());
        assertEquals(1, problems.size(), problems::toString);
        assertEquals(1, problems.get(0).lines().count(), problems::toString);
        return problems.get(0);
    }

    @Test
    void shouldTakeGoodJarsAndTryEachOnce() throws IOException {
        good(folder.resolve("a.jar"), "first-one");
        good(folder.resolve("b.jar"), "second-one");
        Files.writeString(folder.resolve("notes.txt"), "no jar");

        final Plugins plugins = read(PATIENCE_SECONDS);

        assertEquals(List.of(), problems);
        assertEquals(Set.of("first-one", "second-one"), plugins.factories().keySet());
        final Scheduler one = make(plugins, "first-one");
        assertNotSame(one, make(plugins, "first-one"));
        assertNotSame(
                one.getClass().getClassLoader(),
                make(plugins, "second-one").getClass().getClassLoader());
        // Tried again it would fail: nobody is that fast.
        assertEquals(plugins, read(0));
    }

    @Test
    void shouldRefuseANameThatIsTakenByABuiltInOneOrAnotherJar() throws IOException {
        good(folder.resolve("a.jar"), "wlc");
        assertEquals("a.jar is refused: there is a built-in scheduler 'wlc' already", refusal(PATIENCE_SECONDS));
        Files.delete(folder.resolve("a.jar"));
        problems.clear();
        good(folder.resolve("b.jar"), "mine");
        Files.copy(folder.resolve("b.jar"), folder.resolve("c.jar"));
        assertEquals(Set.of("mine"), read(PATIENCE_SECONDS).factories().keySet());
        assertEquals(List.of("c.jar is refused: there is a scheduler 'mine' already, in b.jar"), problems);
    }

    static Stream<Arguments> brokenFiles() {
        return Stream.of(
                Arguments.of("this is no jar", "not a jar"),
                Arguments.of("PK\005\006" + "\0".repeat(18), "an empty jar"),
                Arguments.of("", "not a jar"));
    }

    @ParameterizedTest
    @MethodSource("brokenFiles")
    void shouldRefuseWhatIsNoJar(String bytes, String reason) throws IOException {
        Files.writeString(folder.resolve("a.jar"), bytes);
        final String refusal = refusal(PATIENCE_SECONDS);
        assertTrue(refusal.startsWith("a.jar is refused: " + reason), refusal);
    }

    static Stream<Arguments> brokenServices() {
        return Stream.of(
                Arguments.of("lab.Missing", "cannot load: io.weir.sched.Scheduler: Provider lab.Missing not found"),
                Arguments.of(
                        "lab.TestScheduler$Other",
                        "cannot load: io.weir.sched.Scheduler: lab.TestScheduler$Other not a subtype"),
                Arguments.of("io.weir.sched.RrScheduler", "no scheduler in it"),
                Arguments.of("", "no scheduler in it"));
    }

    @ParameterizedTest
    @MethodSource("brokenServices")
    void shouldRefuseAJarThatNamesTheWrongClass(String service, String reason) throws IOException {
        JarMaker.make(folder.resolve("a.jar"), "lab.TestScheduler", source("mine", GOOD_CHOICE), service);
        final String refusal = refusal(PATIENCE_SECONDS);
        assertTrue(refusal.startsWith("a.jar is refused: " + reason), refusal);
    }

    static Stream<Arguments> brokenChoices() {
        return Stream.of(
                Arguments.of("return 0;", "empty list: it chose index 0 of a list of 0"),
                Arguments.of("return list.isEmpty() ? NONE : 0;", "zero weight: it chose server 3, whose weight is 0"),
                Arguments.of(
                        "for (int i = 0; i < list.size(); i++) if (list.get(i).weight() > 0) return i; return NONE;",
                        "overload: it chose server "),
                Arguments.of("return list.get(0).slot();", "empty list: it throws "),
                Arguments.of("sink = new byte[16]; " + GOOD_CHOICE, "no allocation: schedule() allocates"),
                Arguments.of(
                        "if (list.size() > 900) { long end = System.nanoTime() + 300_000;"
                                + " while (System.nanoTime() < end) { } } " + GOOD_CHOICE,
                        "time budget: a choice among 1000 servers takes"),
                // A cursor that threads share without care: between the two steps another one moves it.
                Arguments.of(
                        "for (int n = 0; n < list.size(); n++) { if (++at >= list.size()) at = 0;"
                                + " Destination d = list.get(at);"
                                + " if (d.weight() > 0 && !load.isOverloaded(d.slot())) return at; } return NONE;",
                        "concurrent use: it "));
    }

    @ParameterizedTest
    @MethodSource("brokenChoices")
    void shouldRefuseWhatBreaksTheContract(String choice, String reason) throws IOException {
        JarMaker.make(folder.resolve("a.jar"), "lab.TestScheduler", source("mine", choice), "lab.TestScheduler");
        final String refusal = refusal(PATIENCE_SECONDS);
        assertTrue(refusal.startsWith("a.jar is refused: breaks the contract: " + reason), refusal);
    }

    @Test
    void shouldRefuseOneThatBearsABadName() throws IOException {
        good(folder.resolve("a.jar"), "Best of All");
        final String refusal = refusal(PATIENCE_SECONDS);
        assertTrue(refusal.contains("name: a name is 1 to 15 lower-case letters"), refusal);
    }

    @Test
    void shouldOutliveOneThatHangsOrEndsTheVirtualMachine() throws IOException {
        JarMaker.make(
                folder.resolve("a.jar"),
                "lab.TestScheduler",
                source("mine", "while (list != null) { at++; } return NONE;"),
                "lab.TestScheduler");
        assertTrue(refusal(3).startsWith("a.jar is refused: not through the contract within 3 s"), problems::toString);
        problems.clear();
        JarMaker.make(
                folder.resolve("a.jar"),
                "lab.TestScheduler",
                source("mine", "System.exit(0); return NONE;"),
                "lab.TestScheduler");
        assertTrue(
                refusal(PATIENCE_SECONDS).startsWith("a.jar is refused: ended the virtual machine it was tried in"),
                problems::toString);
    }

    @Test
    void shouldSayThatAFolderIsMissing() {
        PluginFolder.read(folder.resolve("none"), problems::add, PATIENCE_SECONDS);
        assertEquals(List.of("no such folder: " + folder.resolve("none")), problems);
    }
}
