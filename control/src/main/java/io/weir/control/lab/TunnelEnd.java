package io.weir.control.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * The end of a tunnel on a real server: the kernel's {@code ipip} device where it has one, else {@link Decapsulator}
 * between the wire and a TUN device.
 *
 * <p>For the second, the server's stack must not see the outer packets (it would answer "protocol unreachable"): a drop
 * at the ingress hook takes them after the decapsulator's tap has its copy.
 */
final class TunnelEnd {
    private static final String TUN = "t0";
    private static final Duration READY_LIMIT = Duration.ofSeconds(20);

    private TunnelEnd() {}

    /**
     * Starts one.
     *
     * @param ipip are the outer packets plain IP in IP, which the kernel may do?
     * @param port the server's interface
     * @param starter starts a command beside us, by its name
     */
    static void start(
            boolean ipip, Namespace server, String port, BiFunction<String, List<String>, Background> starter) {
        if (ipip && kernelDevices(server)) {
            return;
        }
        server.must(
                "nft",
                "add table netdev decap; add chain netdev decap in "
                        + "{ type filter hook ingress device " + port + " priority 0; }; "
                        + "add rule netdev decap in meta protocol ip ip protocol { 4, 41, 47 } drop; "
                        + "add rule netdev decap in meta protocol ip udp dport " + Decapsulator.GUE_PORT + " drop; "
                        + "add rule netdev decap in meta protocol ip6 ip6 nexthdr { 4, 41, 47 } drop; "
                        + "add rule netdev decap in meta protocol ip6 udp dport " + Decapsulator.GUE_PORT + " drop");
        final List<String> command = new ArrayList<>(WeirCommand.of("decap"));
        command.addAll(List.of("--interface", port, "--tun", TUN));
        final Background decapsulator = starter.apply("decap", command);
        decapsulator.awaitUntil(READY_LIMIT, () -> decapsulator.output().contains("ready"));
    }

    /** Tries the kernel's own tunnel devices, one for each family of the outer header. */
    private static boolean kernelDevices(Namespace server) {
        final boolean made = server.run("ip", "link", "add", "ipip0", "type", "ipip", "external")
                        .ok()
                && server.run("ip", "link", "add", "ip6t0", "type", "ip6tnl", "external")
                        .ok();
        if (!made) {
            server.run("ip", "link", "del", "ipip0");
            return false;
        }
        server.ip("link set ipip0 up\nlink set ip6t0 up\n");
        return true;
    }
}
