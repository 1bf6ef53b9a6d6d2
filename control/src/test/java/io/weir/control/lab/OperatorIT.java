package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an operator does to a running director, by the commands an operator has, with traffic as the judge. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // the lab is made before the first test
class OperatorIT {
    private static final String SERVICE = "-t " + LabPlan.VIP4 + ":80";

    private static Lab lab;
    private Background director;
    private String yaml;

    @BeforeAll
    static void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
    }

    @AfterAll
    static void tearDown() {
        lab.close();
    }

    @BeforeEach
    void start() throws IOException {
        Files.deleteIfExists(state());
        yaml = LabConfig.of(lab).replace("state: {save: false}", "state: {file: " + state() + "}");
        director = lab.startDirector(yaml);
    }

    @AfterEach
    void stop() {
        director.close();
    }

    private static Path state() {
        return lab.folder().resolve("weir.state");
    }

    private static Path config() {
        return lab.folder().resolve("weir.yaml");
    }

    private static Shell.Result weir(String word, String... arguments) {
        final List<String> command = new ArrayList<>(WeirCommand.of(word));
        command.addAll(List.of("-n", lab.name()));
        command.addAll(Arrays.asList(arguments));
        return lab.director().run(command.toArray(new String[0]));
    }

    private static String table() throws IOException {
        return ControlClient.ask(lab.name(), "-Sn");
    }

    private static Map<String, Integer> pages() {
        return new Traffic(lab).fetch(false, 4);
    }

    /** The configuration with only the first web server. */
    private String oneServer() {
        return yaml.replace("      - {address: '" + LabPlan.server4(2) + ":" + LabPlan.MAPPED_PORT + "'}\n", "");
    }

    @Test
    void shouldPlanApplyAndUndo() throws IOException {
        final Path next = lab.folder().resolve("next.yaml");
        Files.writeString(next, oneServer());
        final String before = table();

        final Shell.Result plan = weir("plan", next.toString());

        final String line = "- -d " + SERVICE + " -r " + LabPlan.server4(2) + ":" + LabPlan.MAPPED_PORT;
        assertTrue(plan.ok() && plan.output().contains(line), plan::output);
        assertEquals(before, table());
        assertEquals("1 changes\n", weir("apply", next.toString()).output());
        assertEquals(Map.of("rs1", 4, "rs2", 0), pages());
        assertEquals("1 changes\n", weir("undo").output());
        assertEquals(Map.of("rs1", 2, "rs2", 2), pages());
        assertEquals(before, table());
    }

    @Test
    void shouldSayWhatAnotherSchedulerWouldHaveDone() throws IOException {
        final String service = LabPlan.VIP4 + ":80";
        assertEquals("no shadow is attached\n", weir("shadow").output());

        assertTrue(weir("shadow", "add", "-t", service, "rr", "fo").ok());
        assertEquals(Map.of("rs1", 2, "rs2", 2), pages());

        final String report = weir("shadow", "show").output();
        assertTrue(report.contains("rr, shadow rr: 4 connections, agrees on "), report);
        assertTrue(report.contains("rr, shadow fo: 4 connections, agrees on 50.0 %, has no server for 0"), report);
        assertTrue(table().contains("-s rr --shadow rr,fo"), table());
        assertEquals(8, virtualConnections(weir("shadow").output()));

        final String second = LabPlan.server4(2) + ":" + LabPlan.MAPPED_PORT;
        ControlClient.ask(lab.name(), "-e -t " + service + " -r " + second + " -m -w 5");
        ControlClient.ask(lab.name(), "-d -t " + service + " -r " + second);
        assertEquals(Map.of("rs1", 4, "rs2", 0), pages());
        ControlClient.ask(lab.name(), "-a -t " + service + " -r " + second + " -m -w 1");
        ControlClient.ask(lab.name(), "-E -t " + service + " -s wrr --shadow fo,rr");
        assertTrue(weir("shadow").output().contains("wrr, shadow fo: 8 connections"), weir("shadow")::output);
        assertEquals(16, virtualConnections(weir("shadow").output()));
        ControlClient.ask(lab.name(), "-E -t " + service + " -s rr --shadow rr,fo");

        final Shell.Result again = weir("shadow", "add", "-t", service, "fo");
        assertEquals("weir: fo is already a shadow of this service; nothing was changed\n", again.output());
        assertEquals(1, again.status());
        assertFalse(weir("shadow", "add", "-t", service, "best").ok());
        assertFalse(weir("shadow", "remove", "-t", service + "1", "fo").ok());

        assertTrue(weir("shadow", "remove", "-t", service, "rr", "fo").ok());
        assertEquals("no shadow is attached\n", weir("shadow").output());
        assertEquals(Map.of("rs1", 2, "rs2", 2), pages());
    }

    /** What the shadows of a listing say they would have had in all. */
    private static long virtualConnections(String listing) {
        final Pattern row = Pattern.compile("(?m)^  [0-9.]+:\\d+ +\\d+ +\\d+ +\\S+(?: %)? +\\d+ +\\d+ +(\\d+) ");
        return row.matcher(listing)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    @Test
    void shouldChangeNothingWhenAConfigurationIsWrong() throws IOException {
        final Path bad = lab.folder().resolve("bad.yaml");
        Files.writeString(bad, oneServer().replace("scheduler: rr", "scheduler: best"));
        final String before = table();

        final Shell.Result result = weir("apply", bad.toString());

        assertEquals(1, result.status());
        assertTrue(result.output().contains("bad.yaml:") && result.output().contains("must be one of"), result::output);
        assertEquals(before, table());
        assertEquals(1, weir("apply", "/no/such/file").status());
    }

    @Test
    void shouldTakeItsOwnFileAgainAtHangup() throws IOException {
        Files.writeString(config(), oneServer());
        hangUp();
        Background.pause(200);
        director.awaitUntil(Duration.ofSeconds(10), () -> director.output().contains("event=reloaded"));
        assertEquals(Map.of("rs1", 4, "rs2", 0), pages());

        Files.delete(config());
        hangUp();
        director.awaitUntil(Duration.ofSeconds(10), () -> director.output().contains("no such file"));
        assertEquals(Map.of("rs1", 4, "rs2", 0), pages());
    }

    private void hangUp() {
        Shell.must("kill", "-HUP", Long.toString(director.pid()));
    }

    @Test
    void shouldKeepWhatCommandsChangedOverAKill() throws IOException {
        final String server = LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT;
        assertEquals("", ControlClient.ask(lab.name(), "-e " + SERVICE + " -r " + server + " -m -w 0"));
        final String before = table();
        director.awaitUntil(Duration.ofSeconds(10), () -> Files.exists(state()));

        director.kill();
        director = lab.startDirector(yaml);

        assertEquals(before, table());
        assertEquals(Map.of("rs1", 0, "rs2", 4), pages());
        director.close();
        director = lab.startDirector(yaml + "# edited: the file is right again\n");
        assertEquals(Map.of("rs1", 2, "rs2", 2), pages());
    }

    @Test
    void shouldReportAFullDiskAndGoOn() throws IOException {
        director.close();
        final Path small = lab.folder().resolve("small");
        Files.createDirectories(small);
        Shell.must("mount", "-t", "tmpfs", "-o", "size=4k", "none", small.toString());
        try {
            Files.writeString(small.resolve("filler"), "x".repeat(4096));
            director = lab.startDirector(
                    yaml.replace(state().toString(), small.resolve("s").toString()));
            assertEquals("", ControlClient.ask(lab.name(), "-A -t 192.0.2.9:80 -s rr"));
            director.awaitUntil(Duration.ofSeconds(10), () -> director.output().contains("event=state-not-saved"));
            assertEquals(Map.of("rs1", 2, "rs2", 2), pages());
            director.close();
        } finally {
            Shell.must("umount", small.toString());
        }
    }

    @Test
    void shouldDrainAServerAndTellHowItGoes() throws IOException {
        final String server = LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT;
        assertTrue(new Traffic(lab).fetch(false, 2).containsKey("rs1"));

        final Shell.Result drain = weir("drain", server, "--within", "2s", "--then", "drop");

        // A closed connection of a moment ago still counts: time is up before it is gone.
        assertEquals(3, drain.status(), drain::output);
        assertTrue(drain.output().contains(server + ": 1 connections left, no estimate yet\n"), drain::output);
        assertTrue(drain.output().contains(" s, deleted\n"), drain::output);
        assertEquals(Map.of("rs1", 0, "rs2", 4), pages());
        final Shell.Result status = weir("status");
        assertTrue(status.output().contains("deleted: " + SERVICE + " -r " + server), status::output);
        assertTrue(weir("status", "--json").output().contains("\"deletedServers\""));
        assertEquals(1, weir("drain", "192.0.2.77").status());
        assertEquals(1, weir("drain", "nonsense").status());
        assertEquals(1, weir("log-level", "loud").status());
        assertEquals(0, weir("log-level", "debug").status());
    }

    @Test
    void shouldResetBothEndsOfWhatIsLeftWhereAskedTo() {
        final String script = "exec 3<>/dev/tcp/" + LabPlan.VIP4 + "/80 && cat <&3";
        try (Background first = lab.start(lab.client(), "first", List.of("bash", "-c", script));
                Background second = lab.start(lab.client(), "second", List.of("bash", "-c", script))) {
            director.awaitUntil(Duration.ofSeconds(10), () -> weir("conns", "--state", "ESTABLISHED", "--count")
                    .output()
                    .equals("2\n"));
            for (int i = 1; i <= 2; i++) {
                final String server = LabPlan.server4(i) + ":" + LabPlan.MAPPED_PORT;
                final Shell.Result drain = weir("drain", server, "--within", "1s", "--then", "reset");
                assertEquals(3, drain.status(), drain::output);
                assertTrue(drain.output().contains(" s, deleted, its connections are reset\n"), drain::output);
            }
            director.awaitUntil(Duration.ofSeconds(10), () -> !first.isAlive() && !second.isAlive());
            assertTrue(first.output().contains("Connection reset by peer"), first::output);
            assertTrue(second.output().contains("Connection reset by peer"), second::output);
            director.awaitUntil(Duration.ofSeconds(10), () -> lab.server(1)
                    .must("ss", "-tnH", "state", "established")
                    .isBlank());
        }
        assertEquals(1, weir("drain", LabPlan.server4(1), "--then", "nothing").status());
    }

    @Test
    void shouldLeaveAServerAndItsConnectionsWhereAskedTo() throws IOException {
        final Path go = lab.folder().resolve("go-on");
        final String script = "exec 3<>/dev/tcp/" + LabPlan.VIP4 + "/80; while [ ! -e " + go
                + " ]; do sleep 0.05; done; " + "printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
        try (Background held = lab.start(lab.client(), "held", List.of("bash", "-c", script))) {
            director.awaitUntil(Duration.ofSeconds(10), () -> weir("conns", "--state", "ESTABLISHED", "--count")
                    .output()
                    .equals("1\n"));
            final String first = LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT;
            final boolean onFirst = weir("conns", "--server", first, "--state", "ESTABLISHED", "--count")
                    .output()
                    .equals("1\n");
            final int index = onFirst ? 1 : 2;
            final String server = LabPlan.server4(index) + ":" + LabPlan.MAPPED_PORT;

            final Shell.Result drain = weir("drain", server, "--within", "1s", "--then", "keep");

            assertEquals(3, drain.status(), drain::output);
            final String last = drain.output().lines().reduce((a, b) -> b).orElse("");
            assertTrue(last.matches(Pattern.quote(server) + ": 1 connections left after \\d+ s"), drain::output);
            assertTrue(table().contains("-a " + SERVICE + " -r " + server + " -m -w 0\n"), table());
            assertEquals(Map.of("rs" + index, 0, "rs" + (3 - index), 4), pages());
            Files.createFile(go);
            director.awaitUntil(Duration.ofSeconds(10), () -> !held.isAlive());
            assertTrue(held.output().contains("200 OK"), held::output);
        } finally {
            Files.deleteIfExists(go);
        }
    }

    /** Debian's own nftables.conf begins with it. */
    @Test
    void shouldTakeChangesAfterSomebodyFlushedTheHostsTables() throws IOException {
        assertEquals(Map.of("rs1", 2, "rs2", 2), pages());

        lab.director().must("nft", "flush", "ruleset");
        final String second = LabPlan.server4(2) + ":" + LabPlan.MAPPED_PORT;
        ControlClient.ask(lab.name(), "-d " + SERVICE + " -r " + second);
        assertEquals(Map.of("rs1", 4, "rs2", 0), pages());

        ControlClient.ask(lab.name(), "-a " + SERVICE + " -r " + second + " -m");
        assertEquals(Map.of("rs1", 2, "rs2", 2), pages());
        assertTrue(guarded().contains(LabPlan.server4(2)), OperatorIT::guarded);

        lab.director().must("nft", "flush", "ruleset");
        director.awaitUntil(Duration.ofSeconds(10), () -> guarded().contains(LabPlan.server4(2)));
    }

    private static String guarded() {
        return lab.director().run("nft", "list", "ruleset").output();
    }

    @Test
    void shouldListConnections() {
        pages();
        final String all = weir("conns", "--virtual", LabPlan.VIP4 + ":80").output();
        assertEquals(5, all.lines().count(), all);
        assertTrue(all.startsWith("pro  expire state       client "), all);
        final String server = LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT;
        assertEquals("2\n", weir("conns", "--server", server, "--count").output());
        assertEquals("0\n", weir("conns", "--protocol", "udp", "--count").output());
        final Shell.Result some = weir("conns", "--limit", "1");
        assertTrue(some.ok() && some.output().contains("more than 1 (--limit)"), some::output);
        final Shell.Result wrong = weir("conns", "--client", "here");
        assertEquals(1, wrong.status());
        assertTrue(wrong.output().contains("must be ADDRESS"), wrong::output);
    }

    @Test
    void shouldFollowConnections() {
        final List<String> command = new ArrayList<>(WeirCommand.of("conns"));
        command.addAll(List.of("-n", lab.name(), "--follow", "--virtual", LabPlan.VIP4 + ":80"));
        try (Background follow = lab.start(lab.director(), "conns", command)) {
            follow.awaitUntil(Duration.ofSeconds(20), () -> follow.output().contains("+ new"));
            pages();
            follow.awaitUntil(
                    Duration.ofSeconds(20),
                    () -> follow.output()
                                    .lines()
                                    .filter(line -> line.contains(" + tcp "))
                                    .count()
                            == 4);
        }
    }

    @Test
    void shouldTellAProgramEverything() throws IOException {
        pages();
        final JsonNode status =
                new ObjectMapper().readTree(weir("status", "--json").output());
        assertEquals(lab.name(), status.path("name").asText());
        assertEquals(4, status.path("services").size());
        assertTrue(status.at("/worker/frames/received").asLong() > 0);
        assertTrue(status.at("/worker/batchSeconds/p50").asDouble() > 0);
        assertEquals(65536, status.at("/worker/tableCapacity").asInt());
        assertTrue(weir("top", "--once", "--servers").output().contains("SERVER "));
    }

    @Test
    void shouldShowItsWorkOnATerminal() {
        pages();
        final String session = "weir-test-" + lab.name();
        final List<String> top = new ArrayList<>(WeirCommand.of("top"));
        top.add(1, "-Dweir.terminal=true");
        top.addAll(List.of("-n", lab.name()));
        final List<String> tmux = new ArrayList<>(
                List.of("tmux", "-L", session, "-f", "/dev/null", "new-session", "-d", "-x", "150", "-y", "30"));
        tmux.add(top.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")));
        Shell.must(tmux, "");
        try {
            awaitScreen(session, "services by conn/s  1 of 4", "tcp " + LabPlan.VIP4 + ":80", "cpu ", "drops/s");
            send(session, "s");
            awaitScreen(session, "servers by conn/s  1 of 8", LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT);
            send(session, "/");
            send(session, "udp");
            send(session, "Enter");
            awaitScreen(session, "servers by conn/s  1 of 4  /udp");
            send(session, "Down");
            awaitScreen(session, "2 of 4");
            send(session, "a");
            send(session, "h");
            awaitScreen(session, "by active", "Space stand still");
            send(session, "q");
            director.awaitUntil(Duration.ofSeconds(10), () -> !Shell.run(List.of("tmux", "-L", session, "has-session"))
                    .ok());
        } finally {
            Shell.run(List.of("tmux", "-L", session, "kill-server"));
        }
    }

    private static void send(String session, String key) {
        Shell.must("tmux", "-L", session, "send-keys", key);
    }

    private void awaitScreen(String session, String... parts) {
        final String[] screen = {""};
        try {
            director.awaitUntil(Duration.ofSeconds(20), () -> {
                screen[0] = Shell.run(List.of("tmux", "-L", session, "capture-pane", "-p"))
                        .output();
                return Arrays.stream(parts).allMatch(screen[0]::contains);
            });
        } catch (LabException e) {
            throw new AssertionError(String.join(", ", parts) + "\n--- not on\n" + screen[0], e);
        }
    }
}
