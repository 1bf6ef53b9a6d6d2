package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code weir run} from start to end: what it refuses, what it puts back, what it takes while it runs. */
@Tag("netns")
@SuppressWarnings("NullAway.Init") // the lab is made before the first test
class RunIT {
    private static Lab lab;

    @BeforeAll
    static void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
    }

    @AfterAll
    static void tearDown() {
        lab.close();
    }

    private static Shell.Result run(String configuration) throws IOException {
        final Path config = lab.folder().resolve("bad.yaml");
        Files.writeString(config, configuration);
        final List<String> command = new ArrayList<>(List.of("env", "STATE_DIRECTORY=" + lab.folder()));
        command.addAll(WeirCommand.of("run"));
        command.addAll(List.of("-c", config.toString()));
        return lab.director().run(command.toArray(new String[0]));
    }

    /** What a director changes on the machine, and must put back. */
    private static String traces() {
        return lab.director().must("nft", "list", "tables")
                + lab.director().must("ip", "-br", "link")
                + lab.director().must("ethtool", "-k", LabPlan.CLIENT_SIDE)
                + lab.director().must("ethtool", "-k", LabPlan.SERVER_SIDE)
                + Files.exists(ControlClient.socket(lab.name()));
    }

    private static void assertRefused(String configuration, String... words) throws IOException {
        final String before = traces();

        final Shell.Result result = run(configuration);

        assertEquals(1, result.status(), result::output);
        assertEquals(1, result.output().lines().count(), result::output);
        for (String word : words) {
            assertTrue(result.output().contains(word), result::output);
        }
        assertEquals(before, traces());
    }

    @Test
    void shouldRefuseAnInterfaceThatIsNotThere() throws IOException {
        assertRefused(
                LabConfig.of(lab).replace(LabPlan.SERVER_SIDE, "eth99"), "bad.yaml:4:", "no such interface: eth99");
    }

    @Test
    void shouldRefuseAConnectionTableThatItsFileSystemHasNoRoomFor() throws IOException {
        final Path small = Files.createDirectories(lab.folder().resolve("small"));
        Shell.must("mount", "-t", "tmpfs", "-o", "size=2m", "none", small.toString());
        try {
            final Path table = small.resolve("table");
            assertRefused(
                    LabConfig.of(lab).replace("{size: 65536}", "{size: 65536, file: " + table + "}"),
                    "no room for the connection table: file=" + table + " needed=",
                    "free=2 MiB");
        } finally {
            Shell.must("umount", small.toString());
        }
    }

    @Test
    void shouldRefuseAVipGivenTwice() throws IOException {
        final String vip = LabPlan.VIP4 + ":80";
        assertRefused(
                LabConfig.of(lab) + "rules: ['-A -t " + vip + " -s rr']\n", "rules[0]", "Service already exists", vip);
    }

    @Test
    void shouldRefuseAnUnknownScheduler() throws IOException {
        final String yaml =
                "interfaces: [{device: 'afpacket:cli0'}]\nservices: [{virtual: 'tcp 1.2.3.4:80', scheduler: best}]\n";
        assertRefused(yaml, "bad.yaml:2:", "services[0]", "best");
    }

    @Test
    void shouldRefuseAMalformedMarkRule() throws IOException {
        assertRefused(
                LabConfig.of(lab) + "marks: ['iptables -t mangle -A PREROUTING -p tcp -j MORK']\n", "marks[0]", "MORK");
    }

    @Test
    void shouldRefuseABusyTunDevice() throws IOException {
        final String yaml = "name: other\ninterfaces: [{device: 'tun:w0'}]\nservices: []\n";
        final Background first = lab.startDirector(yaml.replace("other", lab.name()));
        try {
            assertRefused(yaml, "w0");
        } finally {
            first.close();
        }
        assertFalse(lab.director().must("ip", "-br", "link").contains("w0"));
    }

    @Test
    void shouldRefuseDirectRoutingWithoutALinkLayer() throws IOException {
        assertRefused(
                "interfaces: [{device: 'tun:w0'}]\nservices: [{virtual: 'tcp 1.2.3.4:80', servers: [10.0.0.1]}]\n",
                "bad.yaml:2:",
                "link layer");
    }

    @Test
    void shouldRefuseWithoutPermission() throws IOException {
        final String before = traces();
        final Path config = Files.createTempFile("weir", ".yaml");
        Files.writeString(config, LabConfig.of(lab));
        config.toFile().setReadable(true, false);
        final List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"));
        command.addAll(WeirCommand.of("run"));
        command.addAll(List.of("-c", config.toString()));

        final Shell.Result result = lab.director().run(command.toArray(new String[0]));

        Files.delete(config);
        assertTrue(!result.ok(), result::output);
        assertEquals(before, traces());
    }

    private static String links() {
        return lab.director().must("ip", "-d", "link");
    }

    @ParameterizedTest
    @ValueSource(strings = {"afpacket:", "xdp:"})
    void shouldPutEverythingBackWhenToldToStop(String device) {
        final String before = traces();
        final Background director = lab.startDirector(LabConfig.of(lab).replace("afpacket:", device));
        assertFalse(before.equals(traces()));
        assertEquals(device.equals("xdp:"), links().contains("xdp"));

        director.close();

        assertEquals(before, traces());
        assertFalse(links().contains("xdp"), RunIT::links);
    }

    @ParameterizedTest
    @ValueSource(strings = {"afpacket:", "xdp:"})
    void shouldPutBackWhatAKilledDirectorLeft(String device) {
        final String before = traces();
        lab.startDirector(LabConfig.of(lab).replace("afpacket:", device)).kill();
        assertFalse(before.equals(traces()));
        assertFalse(links().contains("xdp"), RunIT::links);

        lab.startDirector(LabConfig.of(lab).replace("afpacket:", device)).close();

        assertEquals(before, traces());
    }

    @Test
    void shouldLetPacketsAndCommandsGoBeforeTheCompilersOfItsVirtualMachine() {
        try (Background director = lab.startDirector(LabConfig.of(lab))) {
            int compilers = 0;
            final String all = Shell.run("sh", "-c", "cat /proc/" + director.pid() + "/task/*/stat 2>/dev/null")
                    .output();
            for (String stat : all.lines().toList()) {
                final boolean compiles = stat.contains("CompilerThre");
                final String nice = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];
                assertEquals(compiles ? "4" : "0", nice, stat);
                compilers += compiles ? 1 : 0;
            }
            assertTrue(compilers >= 2, "compilers=" + compilers);
        }
    }

    @Test
    void shouldTakeCommandsWhileItRuns() throws IOException {
        final Background director = lab.startDirector(LabConfig.of(lab));
        try {
            final Traffic traffic = new Traffic(lab);
            assertEquals(Map.of("rs1", 2, "rs2", 2), traffic.fetch(false, 4));
            final String service = "-t " + LabPlan.VIP4 + ":80";
            final String server = LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT;

            assertEquals("", ControlClient.ask(lab.name(), "-e " + service + " -r " + server + " -m -w 0"));

            assertEquals(Map.of("rs1", 0, "rs2", 4), traffic.fetch(false, 4));
            final String table = ControlClient.ask(lab.name(), "-Ln " + service);
            assertTrue(table.contains("TCP  " + LabPlan.VIP4 + ":80 rr"), table);
            assertTrue(ControlClient.ask(lab.name(), "-D -t 9.9.9.9:1").contains("No such service"));
            assertTrue(ControlClient.ask(lab.name(), "counters").contains("transmitted "));

            assertEquals("", ControlClient.ask(lab.name(), "-D " + service));
            assertTrue(!lab.client()
                    .run("curl", "-s", "-m", "2", "http://" + LabPlan.VIP4 + "/")
                    .ok());
        } finally {
            director.close();
        }
    }

    @Test
    void shouldForwardThroughATunDevice() {
        // The kernel routes the VIP and the local addresses into the device, and what comes out of it to the servers.
        final String yaml = LabConfig.of(lab)
                        .replace("  - device: afpacket:" + LabPlan.CLIENT_SIDE + "\n", "")
                        .replace("afpacket:" + LabPlan.SERVER_SIDE, "tun:w0\n    addresses: [192.0.2.1/30]")
                        .replace("forward: nat", "forward: fullnat")
                + "local_addresses: [10.99.0.1, 'fd00:99::1']\n";
        final Background director = lab.startDirector(yaml);
        try {
            final Namespace host = lab.director();
            host.sysctl(
                    "net.ipv4.ip_forward=1",
                    "net.ipv4.conf.w0.rp_filter=0",
                    "net.ipv4.conf." + LabPlan.CLIENT_SIDE + ".proxy_arp=1");
            host.ip("route add " + LabPlan.VIP4 + "/32 dev w0\nroute add 10.99.0.0/24 dev w0\n");

            final Traffic traffic = new Traffic(lab);

            assertEquals(Map.of("rs1", 2, "rs2", 2), traffic.fetch(false, 4));
            assertTrue(traffic.upload(false).startsWith("rs"));
            traffic.download(false);
        } finally {
            director.close();
            lab.director().sysctl("net.ipv4.ip_forward=0", "net.ipv4.conf." + LabPlan.CLIENT_SIDE + ".proxy_arp=0");
        }
    }
}
