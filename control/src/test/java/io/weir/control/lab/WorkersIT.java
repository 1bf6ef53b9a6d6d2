package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two workers between real kernel stacks, with clients of many addresses: nothing is otherwise than with one. */
@Tag("netns")
@Tag("once")
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"NAT", "DR", "TUN", "FULLNAT"})
@SuppressWarnings("NullAway.Init") // the lab is made before the first test
class WorkersIT {
    /** The seed of their hash is random: of ten, all belonged to one worker now and then. */
    private static final int CLIENTS = 20;

    private static final int FIRST_CLIENT = 60;
    private static final long SETTLED_MS = 2_500;
    private static final int SMALL_DATAGRAM = 100;
    private static final int LARGE_DATAGRAM = 4000;

    private static Lab lab;
    private static Traffic traffic;
    private static Background director;

    @Parameter
    LabMethod method;

    @RegisterExtension
    final TestWatcher logOnFailure = new TestWatcher() {
        @Override
        public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
            System.err.println(
                    "director of " + lab.method() + ":\n" + director.output() + DirectorProcess.counters(lab));
        }
    };

    @BeforeParameterizedClassInvocation
    static void setUp(LabMethod method) {
        lab = Lab.create(LabOptions.of(method));
        try {
            final StringBuilder addresses = new StringBuilder();
            for (int i = 0; i < CLIENTS; i++) {
                addresses.append("addr add ").append(client(false, i)).append("/24 dev c0\n");
                addresses.append("addr add ").append(client(true, i)).append("/64 dev c0 nodad\n");
            }
            lab.client().ip(addresses.toString());
            director = lab.startDirector(configuration(2));
            traffic = new Traffic(lab);
            traffic.startEcho();
            traffic.fetch(false, 2);
            traffic.fetch(true, 2);
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private static String configuration(int workers) {
        final String file = lab.folder().resolve("connections").toString();
        return LabConfig.of(lab)
                .replace(
                        "table: {size: 65536}",
                        "worker: {count: " + workers + "}\ntable: {size: 65536, file: " + file + "}");
    }

    @AfterParameterizedClassInvocation
    static void tearDown() {
        lab.close();
    }

    @AfterEach
    void directorHasNoBugs() {
        assertTrue(director.isAlive(), () -> director.output());
        assertTrue(!director.output().contains("event=bug"), () -> director.output());
    }

    private static String client(boolean ipv6, int i) {
        return (ipv6 ? "2001:db8:51::" : "198.51.100.") + (FIRST_CLIENT + i);
    }

    /** What is sent from now on comes from this address. */
    private static void speakAs(boolean ipv6, int i) {
        final String net = ipv6 ? "2001:db8:51::/64" : "198.51.100.0/24";
        lab.client().ip("route replace " + net + " dev c0 src " + client(ipv6, i) + (ipv6 ? " metric 10" : "") + "\n");
    }

    private static long counter(String name) {
        return DirectorProcess.counters(lab)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldServeClientsOfBothWorkers(boolean ipv6) {
        final long first = counter("worker0.received");
        final long second = counter("worker1.received");
        final List<String> answers = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            speakAs(ipv6, i);
            answers.add(traffic.fetch(ipv6));
        }

        // Round robin over all workers together: the servers take turns.
        assertEquals(CLIENTS / 2, answers.stream().filter("rs1"::equals).count(), answers::toString);
        assertTrue(counter("worker0.received") > first + 5, "worker 0 had nothing to do");
        assertTrue(counter("worker1.received") > second + 5, "worker 1 had nothing to do");
        assertEquals(0, counter("drop.HAND_OVER_FULL"));
        final long handedOver = counter("worker0.handed_over") + counter("worker1.handed_over");
        assertTrue(handedOver < counter("received") / 4, "the kernel gives frames to the wrong worker");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryUploadsDownloadsDatagramsFragmentsAndPings(boolean ipv6) {
        for (int i = 0; i < 4; i++) {
            speakAs(ipv6, i);
            assertTrue(traffic.upload(ipv6).startsWith("rs"));
            traffic.download(ipv6);
            assertEquals(Set.of("rs1", "rs2"), new HashSet<>(traffic.echo(ipv6, 4, SMALL_DATAGRAM, 1)));
            assertEquals(
                    Set.of("rs1", "rs2"),
                    new HashSet<>(traffic.echo(ipv6, 2, LARGE_DATAGRAM, method.isTunnel() && ipv6 ? 3 : 1)));
            assertEquals(3, traffic.ping(ipv6));
        }
    }

    @Test
    void shouldCountExactly() throws IOException {
        final String service = "-t " + LabPlan.VIP4 + ":80";
        // As in the kernel, what was counted shows every two seconds.
        Background.pause(SETTLED_MS);
        assertEquals("", ControlClient.ask(lab.name(), "-Z " + service));
        final long before = counter("connections");
        for (int i = 0; i < CLIENTS; i++) {
            speakAs(false, i);
            traffic.fetch(false);
        }

        assertEquals(CLIENTS, counter("connections") - before);
        Background.pause(SETTLED_MS);
        final String stats = ControlClient.ask(lab.name(), "-Ln " + service + " --stats --exact");
        assertTrue(
                stats.lines().anyMatch(line -> line.matches("TCP +" + LabPlan.VIP4 + ":80 +" + CLIENTS + " .*")),
                stats);
        final String connections = ControlClient.ask(lab.name(), "-Lnc");
        for (int i = 0; i < CLIENTS; i++) {
            assertTrue(connections.contains(client(false, i) + ":"), connections);
        }
    }

    @Test
    void shouldKeepConnectionsWhenKilledAndStartedWithAnotherNumber() throws IOException {
        if (method == LabMethod.FULLNAT) {
            // Their local ports belong to workers: some are lost then.
            return;
        }
        for (int i = 0; i < CLIENTS; i++) {
            speakAs(false, i);
            traffic.fetch(false);
        }
        final Set<String> before = flows();
        for (int workers : new int[] {3, 1, 2}) {
            director.kill();
            director = lab.startDirector(configuration(workers));

            assertEquals(before, flows(), "with " + workers + " workers");
        }
        assertTrue(director.output().contains("event=resharded"), () -> director.output());
        assertTrue(traffic.fetch(false).startsWith("rs"));
    }

    /** TCP connections of the table, without what time changes. */
    private static Set<String> flows() throws IOException {
        final Set<String> flows = new HashSet<>();
        ControlClient.ask(lab.name(), "-Lnc")
                .lines()
                .filter(line -> line.startsWith("TCP") && line.contains("198.51.100."))
                .forEach(line -> flows.add(line.replaceAll(" \\d\\d:\\d\\d ", " ")));
        return flows;
    }

    @Test
    void shouldRefuseWhatNeedsOneWorker() throws IOException {
        final String answer = ControlClient.ask(lab.name(), "-A -u 198.51.100.10:5060 -s rr -p 60 --pe sip");
        assertTrue(answer.contains("need one worker"), answer);
    }

    @Test
    void shouldTakeAWiderPersistenceMaskWhileItRuns() throws IOException {
        final String service = " -t " + LabPlan.VIP4 + ":81";
        assertEquals("", ControlClient.ask(lab.name(), "-A" + service + " -s rr -p 300 -M 255.255.255.0"));
        assertTrue(director.output().contains("event=ownership-changed"), () -> director.output());
        final String port = ":" + method.webPort();
        final String flag =
                switch (method) {
                    case NAT -> " -m";
                    case TUN -> " -i";
                    case FULLNAT -> " -b";
                    default -> " -g";
                };
        for (int i = 1; i <= 2; i++) {
            final String answer =
                    ControlClient.ask(lab.name(), "-a" + service + " -r " + LabPlan.server4(i) + port + flag);
            assertEquals("", answer);
        }
        // The service that was there goes on, now with all clients of a network at one worker.
        for (int i = 0; i < CLIENTS; i++) {
            speakAs(false, i);
            assertTrue(traffic.fetch(false).startsWith("rs"));
        }
        assertEquals("", ControlClient.ask(lab.name(), "-D" + service));
    }
}
