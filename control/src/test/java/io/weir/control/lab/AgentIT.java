package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An agent beside a web server says how much that will take; new connections go where it says. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // the lab is made before each test
class AgentIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PORT = 9999;
    private static final int ROUNDS = 20;

    private Lab lab;
    private Path says;

    @BeforeEach
    void setUp() throws IOException {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
        says = Files.writeString(lab.folder().resolve("says"), "");
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    /** It answers every connection with a file, as an agent does with its load, and hangs up. */
    private void agent() {
        lab.start(
                lab.server(1),
                "agent",
                List.of(
                        "/usr/bin/python3",
                        "-c",
                        "import socketserver, sys\nclass Agent(socketserver.StreamRequestHandler):\n"
                                + "    def handle(self):\n        self.wfile.write(open(sys.argv[1], 'rb').read())\n"
                                + "socketserver.ThreadingTCPServer.allow_reuse_address = True\n"
                                + "socketserver.ThreadingTCPServer(('0.0.0.0', " + PORT + "), Agent).serve_forever()\n",
                        says.toString()));
    }

    /** Whole at once: an agent that is read meanwhile says the one or the other. */
    private void say(String line) throws IOException {
        final Path next = Files.writeString(lab.folder().resolve("next"), line + "\n");
        Files.move(next, says, StandardCopyOption.ATOMIC_MOVE);
    }

    private Background director() throws IOException {
        final String http = "HTTP_GET {\nurl {\npath /\n}\nconnect_timeout 2\n}\n";
        return RunningWeir.on(
                lab,
                "virtual_server " + LabPlan.VIP4
                        + " 80 {\ndelay_loop 1\nwarmup 0\nlb_algo wrr\nlb_kind NAT\nprotocol TCP\n"
                        + "real_server " + LabPlan.server4(1) + " 8080 {\nweight 100\n" + http
                        + "AGENT_CHECK {\nconnect_port " + PORT + "\nconnect_timeout 2\nretry 0\n}\n}\n"
                        + "real_server " + LabPlan.server4(2) + " 8080 {\nweight 100\n" + http + "}\n}\n",
                "--sysctl",
                "expire_nodest_conn=1");
    }

    private String ask(String line) {
        return RunningWeir.ask(lab, line);
    }

    private void awaitWeight(Background director, int weight) {
        final String line = "(?s).*" + LabPlan.server4(1) + ":8080 +Masq +" + weight + " .*";
        try {
            director.awaitUntil(LIMIT, () -> ask("-Ln").matches(line));
        } catch (LabException e) {
            throw new LabException(ask("-Ln") + ask("health --history") + director.output(), e);
        }
    }

    /** How many of twenty new connections the agent's server gets. */
    private int share() {
        final Map<String, Integer> fetched = new Traffic(lab).fetch(false, ROUNDS);
        return fetched.getOrDefault("rs1", 0);
    }

    @Test
    void shouldSendNewConnectionsWhereTheAgentSays() throws IOException {
        say("100%");
        agent();
        final Background director = director();
        awaitWeight(director, 100);
        assertEquals(ROUNDS / 2, share());

        say("25%");
        awaitWeight(director, 25);
        // 1 to 4; a weight that changes begins no new cycle, so that one more or less is nobody's fault.
        final int few = share();
        assertTrue(3 <= few && few <= 5, () -> few + " of " + ROUNDS);

        say("up weight 300");
        awaitWeight(director, 300);
        final int many = share();
        assertTrue(14 <= many && many <= 16, () -> many + " of " + ROUNDS);

        say("drain");
        awaitWeight(director, 0);
        assertEquals(0, share());

        say("down for repair");
        director.awaitUntil(LIMIT, () -> !ask("-Ln").contains(LabPlan.server4(1) + ":8080"));
        assertTrue(ask("health").contains("the agent says down for repair"), () -> ask("health"));

        say("ready 50%");
        awaitWeight(director, 50);
        final int some = share();
        assertTrue(6 <= some && some <= 8, () -> some + " of " + ROUNDS);
    }
}
