package io.weir.dataplane.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator reads who forgot the privileges: a JVM of its own, without the two capabilities. */
@Tag("netns")
class PrivilegeIT {
    /** Prints why a device does not open. */
    public static final class Opening {
        private Opening() {}

        public static void main(String[] arguments) {
            try {
                PacketDevices.open(arguments[0]).close();
                System.err.println("opened");
            } catch (RuntimeException e) {
                System.err.println("failure=" + e.getMessage());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "afpacket:lo, afpacket: needs CAP_NET_RAW (run as root)",
        "xdp:w0, xdp w0: needs CAP_NET_RAW (run as root)",
        "auto:lo, afpacket: needs CAP_NET_RAW (run as root)",
        "tun:weir0, tun weir0: needs CAP_NET_ADMIN (run as root)"
    })
    void shouldTellWhichCapabilityIsMissing(String uri, String message) throws IOException, InterruptedException {
        assertEquals("failure=" + message, outcome("--bounding-set=-net_raw,-net_admin", uri));
    }

    /** The capabilities of weir.service, and no other. */
    @ParameterizedTest
    @ValueSource(strings = {"afpacket:w0", "xdp:w0", "auto:w0", "tun:weir0"})
    void shouldNeedNoMoreThanTheServiceHas(String uri) throws IOException, InterruptedException {
        assertEquals("opened", outcome("--bounding-set=-all,+net_raw,+net_admin,+ipc_lock,+bpf", uri));
    }

    private static String outcome(String capabilities, String uri) throws IOException, InterruptedException {
        try (Netns netns = new Netns("caps")) {
            netns.exec("ip", "link", "add", "w0", "type", "veth", "peer", "name", "w1");
            netns.exec("ip", "link", "set", "w0", "up");
            final List<String> command = List.of(
                    "ip",
                    "netns",
                    "exec",
                    netns.name(),
                    "setpriv",
                    capabilities,
                    System.getProperty("java.home") + "/bin/java",
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Opening.class.getName(),
                    uri);
            final Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            final String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            return output.lines()
                    .filter(line -> line.startsWith("failure=") || line.equals("opened"))
                    .findFirst()
                    .orElse(output);
        }
    }
}
