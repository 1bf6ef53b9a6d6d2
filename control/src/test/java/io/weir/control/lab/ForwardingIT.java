package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every forwarding method between real kernel stacks: client, director and servers in namespaces, IPv4 and IPv6, with
 * offloads as they come, switched off, and with an egress that completes checksums itself.
 */
@Tag("netns")
@ParameterizedClass(name = "{0} {1} {2}")
@MethodSource("labs")
@SuppressWarnings("NullAway.Init") // the lab is made before the first test
class ForwardingIT {
    private static final String PACKET = "afpacket:";
    private static final String XDP = "xdp:";
    private static final int REQUESTS = 10;
    private static final int SMALL_DATAGRAM = 100;
    /** Needs fragments on a link of 1500 bytes. */
    private static final int LARGE_DATAGRAM = 4000;

    private static Lab lab;
    private static Traffic traffic;
    private static Background director;
    private static final Map<String, Capture> captures = new HashMap<>();

    /** What the director said, where a test failed: its log is gone with the lab. */
    @RegisterExtension
    final TestWatcher logOnFailure = new TestWatcher() {
        @Override
        public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
            System.err.println("director of " + lab.method() + " "
                    + lab.options().offloads() + ":\n" + director.output() + DirectorProcess.counters(lab));
        }
    };

    /** The lab is made once for all tests of a combination, by {@link #setUp}. */
    ForwardingIT(LabMethod method, Offloads offloads, String device) {
        assertEquals(method, lab.method());
        assertTrue(List.of(PACKET, XDP).contains(device), device);
        assertEquals(offloads, lab.options().offloads());
    }

    static Stream<Arguments> labs() {
        return Stream.of(LabMethod.values()).flatMap(method -> Stream.of(Offloads.values())
                // The encapsulations differ in the outer header only.
                .filter(offloads -> method == LabMethod.TUN || !method.isTunnel() || offloads == Offloads.DEFAULT)
                .flatMap(offloads -> Stream.of(PACKET, XDP)
                        // AF_XDP completes every checksum itself; a wrong one shows anyway.
                        .filter(device -> device.equals(PACKET)
                                || offloads != Offloads.EGRESS_TX_OFF
                                        && method != LabMethod.TUN_GRE
                                        && method != LabMethod.TUN_GUE)
                        .map(device -> Arguments.of(method, offloads, device))));
    }

    @BeforeParameterizedClassInvocation
    static void setUp(LabMethod method, Offloads offloads, String device) {
        lab = Lab.create(LabOptions.of(method).withOffloads(offloads));
        try {
            director = lab.startDirector(LabConfig.of(lab).replace(PACKET, device));
            traffic = new Traffic(lab);
            traffic.startEcho();
            // Both servers are known to the director from here on; FirstPacketIT is about those that are not.
            traffic.fetch(false, 2);
            traffic.fetch(true, 2);
            if (offloads == Offloads.OFF) {
                capture(lab.client(), "c0");
                lab.servers().forEach(server -> capture(server, LabPlan.SERVER_PORT));
            }
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private static void capture(Namespace where, String interfaceName) {
        captures.put(where.role(), Capture.start(lab, where, interfaceName));
    }

    @AfterParameterizedClassInvocation
    static void tearDown() {
        try {
            captures.values().forEach(Capture::close);
            for (Map.Entry<String, Capture> each : captures.entrySet()) {
                assertEquals(List.of(), each.getValue().wrongChecksums(), "wrong checksums seen by " + each.getKey());
            }
            assertTrue(director.isAlive(), "the director died: " + director.output());
        } finally {
            captures.clear();
            lab.close();
        }
    }

    @AfterEach
    void directorHasNoBugs() {
        assertTrue(!director.output().contains("event=bug"), () -> director.output());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldShareSmallRequestsAmongServers(boolean ipv6) {
        final Map<String, Integer> answers = traffic.fetch(ipv6, REQUESTS);

        assertEquals(Map.of("rs1", REQUESTS / 2, "rs2", REQUESTS / 2), answers);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryALargeUpload(boolean ipv6) {
        assertTrue(traffic.upload(ipv6).startsWith("rs"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryALargeDownload(boolean ipv6) {
        traffic.download(ipv6);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryDatagramsBothWays(boolean ipv6) {
        final List<String> answers = traffic.echo(ipv6, REQUESTS, SMALL_DATAGRAM, 1);

        assertEquals(REQUESTS, answers.size());
        assertEquals(Set.of("rs1", "rs2"), new HashSet<>(answers));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryFragmentedDatagrams(boolean ipv6) {
        // A tunnel's MTU is smaller than the client's: over IPv6 it learns that from the first datagram, which is lost.
        final List<String> answers =
                traffic.echo(ipv6, 2, LARGE_DATAGRAM, lab.method().isTunnel() && ipv6 ? 3 : 1);

        assertEquals(Set.of("rs1", "rs2"), new HashSet<>(answers));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerPingToTheVip(boolean ipv6) {
        assertEquals(3, traffic.ping(ipv6));
    }
}
