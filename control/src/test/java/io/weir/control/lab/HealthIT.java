package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A director on a keepalived.conf: servers that stop are kicked, those that come back are added, and users see none of it. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // the lab is made before each test
class HealthIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Lab lab;

    @BeforeEach
    void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.DR));
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private String ask(String line) {
        return RunningWeir.ask(lab, line);
    }

    private static String server(int number, String check) {
        return "real_server " + LabPlan.server4(number) + " 80 {\nweight 1\n" + check + "\n}\n";
    }

    private static String service(String options, String... servers) {
        return "virtual_server " + LabPlan.VIP4
                + " 80 {\ndelay_loop 1\nwarmup 0\nlb_algo rr\nlb_kind DR\nprotocol TCP\n" + options + "\n"
                + String.join("", servers) + "}\n";
    }

    private void await(Background director, String line, String... words) {
        director.awaitUntil(LIMIT, () -> {
            final String answer = ask(line);
            return List.of(words).stream().allMatch(answer::contains);
        });
    }

    private void awaitWithout(Background director, String word) {
        director.awaitUntil(LIMIT, () -> !ask("-Ln").contains(word));
    }

    private void stopNginx(int number) {
        final String home = lab.folder().resolve(lab.server(number).role()).toString();
        lab.server(number)
                .must("nginx", "-p", home, "-c", home + "/nginx.conf", "-e", home + "/error.log", "-s", "stop");
    }

    private void startNginx(int number) {
        final WebServer nginx = new WebServer(lab, number);
        nginx.start();
        nginx.awaitAnswer();
    }

    /** The user's lvscheck.sh, with our checker in its place: a HEAD of the page every two seconds there, a GET here. */
    @Test
    void shouldKickAServerWhoseNginxStopsAndAddItWhenItStarts() throws IOException {
        final String check = "HTTP_GET { url { path / \n status_code 200\n }\n connect_timeout 2\n retry 0\n }";
        final Background director = RunningWeir.on(lab, service("", server(1, check), server(2, check)));
        final Traffic traffic = new Traffic(lab);
        assertEquals(Map.of("rs1", 2, "rs2", 2), traffic.fetch(false, 4));

        stopNginx(1);
        awaitWithout(director, LabPlan.server4(1) + ":80");

        assertEquals(Map.of("rs1", 0, "rs2", 4), traffic.fetch(false, 4));
        assertTrue(ask("health").contains("server [" + LabPlan.server4(1) + "]:80  down"), ask("health"));
        assertTrue(ask("health --history").contains("bad   connection refused"), ask("health --history"));

        startNginx(1);
        await(director, "-Ln", LabPlan.server4(1) + ":80", LabPlan.server4(2) + ":80");

        assertEquals(Map.of("rs1", 2, "rs2", 2), traffic.fetch(false, 4));
    }

    @Test
    void shouldServeFromTheSorryServerWhileTheQuorumIsLost() throws IOException {
        final String check = "TCP_CHECK { connect_timeout 1\n retry 0\n }";
        final Background director =
                RunningWeir.on(lab, service("quorum 1\nsorry_server " + LabPlan.server4(2) + " 80", server(1, check)));
        await(director, "health", "quorum up");

        stopNginx(1);
        await(director, "-Ln", LabPlan.server4(2) + ":80");

        assertFalse(ask("-Ln").contains(LabPlan.server4(1) + ":80"), ask("-Ln"));
        assertEquals(Map.of("rs1", 0, "rs2", 2), new Traffic(lab).fetch(false, 2));

        startNginx(1);
        awaitWithout(director, LabPlan.server4(2) + ":80");
        assertEquals(Map.of("rs1", 2, "rs2", 0), new Traffic(lab).fetch(false, 2));
    }

    @Test
    void shouldQuiesceInPlaceOfRemovingWhereAskedTo() throws IOException {
        final String check = "TCP_CHECK { connect_timeout 1\n retry 0\n }";
        final Background director =
                RunningWeir.on(lab, service("inhibit_on_failure", server(1, check), server(2, check)));

        stopNginx(1);
        director.awaitUntil(LIMIT, () -> ask("-Ln").matches("(?s).*" + LabPlan.server4(1) + ":80 +Route +0 .*"));

        assertEquals(Map.of("rs1", 0, "rs2", 2), new Traffic(lab).fetch(false, 2));
    }

    /** A weight by exit status, an unprivileged user, a script that forks and hangs, and one that is told of it. */
    @Test
    void shouldRunScriptsAsSomebodyElseAndForALimitedTime() throws IOException {
        final Path folder = Files.createTempDirectory("weir-health");
        folder.toFile().setExecutable(true, false);
        folder.toFile().setReadable(true, false);
        folder.toFile().setWritable(true, false);
        final Path who = folder.resolve("who");
        final Path told = folder.resolve("told");
        script(folder.resolve("weight.sh"), "id -un > " + who + ".new && mv " + who + ".new " + who + "\nexit 12\n");
        script(folder.resolve("hang.sh"), "sleep 4321 &\nsleep 4321\n");
        script(folder.resolve("down.sh"), "echo down >> " + told + "\n");
        final String weight = "MISC_CHECK { misc_path " + folder.resolve("weight.sh") + "\n misc_dynamic\n }";
        final String hang = "MISC_CHECK { misc_path " + folder.resolve("hang.sh")
                + "\n misc_timeout 1\n }\nnotify_down " + folder.resolve("down.sh");
        final Background director = RunningWeir.on(
                lab, "global_defs {\nscript_user nobody\n}\n" + service("", server(1, weight), server(2, hang)));

        director.awaitUntil(LIMIT, () -> ask("-Ln").matches("(?s).*" + LabPlan.server4(1) + ":80 +Route +10 .*"));
        awaitWithout(director, LabPlan.server4(2) + ":80");
        director.awaitUntil(LIMIT, () -> Files.exists(told));

        assertEquals("nobody", Files.readString(who).strip());
        assertTrue(ask("health").contains("not done after 1000 ms"), ask("health"));
        director.close();
        assertFalse(Shell.run(List.of("pgrep", "-f", "sleep 4321"), "").ok(), "the script's children are still there");
    }

    private static void script(Path path, String text) throws IOException {
        Files.writeString(path, "#!/bin/sh\n" + text);
        path.toFile().setExecutable(true, false);
    }

    private Background talk() {
        final String script = "exec 3<>/dev/tcp/" + LabPlan.VIP4 + "/80 && cat <&3";
        return lab.start(lab.client(), "talk", List.of("bash", "-c", script));
    }

    private String flagCheck(Path flag) throws IOException {
        Files.writeString(flag, "");
        return "MISC_CHECK { misc_path \"/usr/bin/test -e " + flag + "\"\n user root\n }";
    }

    /** The client only listens, so it would wait for ever; the server would, too. */
    @Test
    void shouldResetBothEndsOfTheConnectionsOfADeadServerWhereAskedTo() throws IOException {
        final Path flag = lab.folder().resolve("alive");
        final Background director = RunningWeir.on(lab, service("on_failure reset", server(1, flagCheck(flag))));
        final Background client = talk();
        director.awaitUntil(LIMIT, () -> ask("-Lnc").contains("ESTABLISHED"));
        assertTrue(lab.server(1).must("ss", "-tnH", "state", "established").contains(LabPlan.VIP4));

        Files.delete(flag);
        director.awaitUntil(LIMIT, () -> !client.isAlive());

        assertTrue(client.output().contains("Connection reset by peer"), client.output());
        director.awaitUntil(
                LIMIT,
                () -> !lab.server(1).must("ss", "-tnH", "state", "established").contains(LabPlan.VIP4));
        assertFalse(ask("-Lnc").contains("ESTABLISHED"), ask("-Lnc"));
    }

    @Test
    void shouldLetTheConnectionsOfADeadServerDrainWhereAskedTo() throws IOException {
        final Path flag = lab.folder().resolve("alive");
        final Background director =
                RunningWeir.on(lab, service("on_failure drain\ndrain_timeout 4", server(1, flagCheck(flag))));
        final Background client = talk();
        director.awaitUntil(LIMIT, () -> ask("-Lnc").contains("ESTABLISHED"));

        Files.delete(flag);
        director.awaitUntil(LIMIT, () -> ask("-Ln").matches("(?s).*" + LabPlan.server4(1) + ":80 +Route +0 .*"));
        assertTrue(client.isAlive());

        // The client does not let go; the time does.
        awaitWithout(director, LabPlan.server4(1) + ":80");
        assertFalse(director.output().contains("event=bug"), director.output());
    }

    /** The port of the server's own address is open; only who goes the way of the traffic finds that it has no VIP. */
    @Test
    void shouldFindADirectRoutingServerWithoutTheVip() throws IOException {
        lab.server(1).ip("addr del " + LabPlan.VIP4 + "/32 dev lo\n");
        final String check = "TCP_CHECK { connect_timeout 1\n retry 0\n }";
        final Background director =
                RunningWeir.on(lab, service("check_path service", server(1, check), server(2, check)));

        director.awaitUntil(LIMIT, () -> ask("-Ln").matches("(?s).*" + LabPlan.server4(1) + ":80 +Route +0 .*"));
        assertTrue(ask("health").contains("connection timed out through the service's path"), ask("health"));
        assertTrue(ask("-Ln").matches("(?s).*" + LabPlan.server4(2) + ":80 +Route +1 .*"), ask("-Ln"));
        assertEquals(Map.of("rs1", 0, "rs2", 2), new Traffic(lab).fetch(false, 2));

        lab.server(1).ip("addr add " + LabPlan.VIP4 + "/32 dev lo\n");
        director.awaitUntil(LIMIT, () -> ask("-Ln").matches("(?s).*" + LabPlan.server4(1) + ":80 +Route +1 .*"));
        assertEquals(Map.of("rs1", 1, "rs2", 1), new Traffic(lab).fetch(false, 2));
    }

    /** Nobody asks the server anything: it is its clients' SYNs that come again. */
    @Test
    void shouldTakeAServerOutThatItsClientsGetNoAnswerFrom() throws IOException {
        final String check = "PASSIVE_CHECK { failures 2\n return_after 3\n connect_timeout 1\n }";
        final Background director = RunningWeir.on(lab, service("", server(1, check), server(2, check)));
        await(director, "health", "up");
        lab.server(1)
                .must(
                        "sh",
                        "-c",
                        "nft add table ip deaf && nft add chain ip deaf in "
                                + "'{ type filter hook input priority 0; }' && nft add rule ip deaf in tcp dport 80 drop");
        for (int i = 0; i < 6; i++) {
            lab.start(lab.client(), "ask" + i, List.of("curl", "-s", "-m", "8", "http://" + LabPlan.VIP4 + "/"));
        }

        awaitWithout(director, LabPlan.server4(1) + ":80");
        assertTrue(ask("health").contains("SYNs unanswered"), ask("health"));
        assertEquals(Map.of("rs1", 0, "rs2", 2), new Traffic(lab).fetch(false, 2));

        lab.server(1).must("nft", "delete", "table", "ip", "deaf");
        await(director, "-Ln", LabPlan.server4(1) + ":80", LabPlan.server4(2) + ":80");
    }

    @Test
    void shouldKeepAChecksPacketsToItsInterfaceAndMarkThem() throws IOException {
        lab.director()
                .must(
                        "sh",
                        "-c",
                        "nft add table ip marks && nft add chain ip marks out "
                                + "'{ type filter hook output priority 0; }' && nft add rule ip marks out meta mark 7 counter");
        final String limits = "connect_timeout 1\n retry 0\n ";
        final String right = "TCP_CHECK { " + limits + "bind_if " + LabPlan.SERVER_SIDE + "\n fwmark 7\n }";
        final String wrong = "TCP_CHECK { " + limits + "bind_if " + LabPlan.CLIENT_SIDE + "\n }";
        final Background director = RunningWeir.on(lab, service("", server(1, right), server(2, wrong)));

        awaitWithout(director, LabPlan.server4(2) + ":80");
        assertTrue(ask("-Ln").contains(LabPlan.server4(1) + ":80"), ask("health"));
        final String counted = lab.director().must("nft", "list", "table", "ip", "marks");
        assertFalse(counted.contains("packets 0 "), counted);
    }
}
