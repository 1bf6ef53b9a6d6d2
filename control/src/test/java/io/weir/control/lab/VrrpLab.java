package io.weir.control.lab;

import io.weir.control.ControlClient;
import io.weir.control.vrrp.VrrpForger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Weir, a real keepalived, and a client on one link; the first two share a second one.
 *
 * <pre>
 *   weir 192.0.2.1 --+-- br1 --+-- 192.0.2.2 keepalived        weir 198.51.100.1 --- br2 --- 198.51.100.2 keepalived
 *                    client 192.0.2.3
 * </pre>
 *
 * <p><b>Owner</b>: {@link #close} takes everything down again.
 */
final class VrrpLab implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(40);
    static final String VIP4 = "192.0.2.10";
    static final String VIP6 = "2001:db8:2::10";

    /** The last one that was started. */
    private @Nullable Background director;

    private final Bridges bridges;
    private final Namespace weir;
    private final Namespace peer;
    private final Namespace client;
    private final String peerPort;
    private final String secondPeerPort;

    VrrpLab() throws IOException {
        bridges = new Bridges("wv", 3);
        weir = bridges.namespace("w");
        peer = bridges.namespace("k");
        client = bridges.namespace("c");
        try {
            bridges.wire(weir, "e0", 1, "192.0.2.1/24", "2001:db8:2::1/64");
            bridges.wire(weir, "e1", 2, "198.51.100.1/24");
            peerPort = bridges.wire(peer, "e0", 1, "192.0.2.2/24", "2001:db8:2::2/64");
            secondPeerPort = bridges.wire(peer, "e1", 2, "198.51.100.2/24");
            bridges.wire(client, "e0", 1, "192.0.2.3/24", "2001:db8:2::3/64");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        bridges.folder().toFile().setExecutable(true, false);
        bridges.folder().toFile().setReadable(true, false);
    }

    Path folder() {
        return bridges.folder();
    }

    Namespace weir() {
        return weir;
    }

    Namespace peer() {
        return peer;
    }

    Namespace client() {
        return client;
    }

    /** One instance and a service on its address, without which Weir would leave the address to the host. */
    static String configuration(int version, boolean ipv6, int priority, String more) {
        final String vip = ipv6 ? VIP6 : VIP4;
        return "vrrp_instance VI_1 {\nstate BACKUP\ninterface e0\nvirtual_router_id 51\npriority " + priority
                + "\nadvert_int 1\n"
                + (version == 3 ? "version 3\n" : "authentication {\nauth_type PASS\nauth_pass 1111\n}\n")
                + more + "\nvirtual_ipaddress {\n" + vip + (ipv6 ? "/64" : "/24") + "\n}\n}\n" + service(vip);
    }

    private static String service(String vip) {
        return "virtual_server " + vip + " 80 {\nlb_algo rr\nlb_kind DR\nreal_server "
                + (vip.contains(":") ? "2001:db8:2::99" : "192.0.2.99") + " 80 {\n}\n}\n";
    }

    /** Two instances, one on each link, quick ones. */
    static String pair(int priority, String instances, String more) {
        return more + "vrrp_instance VI_1 {\nstate BACKUP\ninterface e0\nvirtual_router_id 51\nversion 3\n"
                + "advert_int 0.25\npriority " + priority + "\n" + instances
                + "virtual_ipaddress {\n" + VIP4 + "/24\n}\n}\n"
                + "vrrp_instance VI_2 {\nstate BACKUP\ninterface e1\nvirtual_router_id 52\nversion 3\n"
                + "advert_int 0.25\npriority " + priority + "\n" + instances
                + "virtual_ipaddress {\n198.51.100.10/24\n}\n}\n" + service(VIP4);
    }

    Path write(String configuration) throws IOException {
        return Files.writeString(bridges.folder().resolve("weir.conf"), configuration);
    }

    Background startWeir(String configuration) throws IOException {
        final Path ready = bridges.folder().resolve("ready");
        Files.deleteIfExists(ready);
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(List.of("--keepalived", write(configuration).toString(), "--name", weir.name()));
        command.addAll(List.of("--interface", "e0", "--interface", "e1", "--ready-file", ready.toString()));
        final Background started = bridges.start(weir, "weir", command);
        director = started;
        try {
            started.awaitUntil(LIMIT, () -> Files.exists(ready));
        } catch (LabException e) {
            throw new LabException(started.output(), e);
        }
        return started;
    }

    Background startKeepalived(String configuration) throws IOException {
        return startKeepalived(configuration, "--vrrp");
    }

    Background startKeepalivedWithBfd(String configuration) throws IOException {
        return startKeepalived(configuration, "--bfd_pid=" + bridges.folder().resolve("kb.pid"));
    }

    private Background startKeepalived(String configuration, String word) throws IOException {
        final Path file = bridges.folder().resolve("keepalived.conf");
        // Only the routers meet here; its checker process would want the kernel's IPVS.
        Files.writeString(file, configuration.substring(0, configuration.indexOf("virtual_server")));
        return bridges.start(
                peer,
                "keepalived",
                List.of(
                        "keepalived",
                        "--dont-fork",
                        "--log-console",
                        "--log-detail",
                        word,
                        "-f",
                        file.toString(),
                        "-p",
                        bridges.folder().resolve("k.pid") + "",
                        "-r",
                        bridges.folder().resolve("kv.pid") + ""));
    }

    /** Starts a command that is ended with everything else. */
    Background start(Namespace where, String what, List<String> command) {
        return bridges.start(where, what, command);
    }

    /** Starts the neighbour that lies. */
    Background forge(int seconds) {
        final Background forger = bridges.java(
                client,
                "forger",
                VrrpForger.class,
                List.of("e0", "192.0.2.3", "51", VIP4, "1111", Integer.toString(seconds)));
        forger.awaitUntil(LIMIT, () -> forger.output().contains("ready"));
        return forger;
    }

    /** Listens on the client's link; returns when it hears. */
    Background capture(String filter) {
        return capture(client, "e0", filter);
    }

    /** Listens with times in seconds; returns when it hears. */
    Background capture(Namespace where, String device, String filter) {
        final Background capture =
                bridges.start(where, "tcpdump", List.of("tcpdump", "-tt", "-l", "-n", "-e", "-i", device, filter));
        capture.awaitUntil(LIMIT, () -> capture.output().contains("listening on"));
        return capture;
    }

    /** The two no longer hear each other, though their links are up. */
    void part() {
        bridges.network().ip("link set " + peerPort + " nomaster\n");
    }

    void join() {
        bridges.network().ip("link set " + peerPort + " master br1\n");
    }

    /** The same for the second link. */
    void partSecond() {
        bridges.network().ip("link set " + secondPeerPort + " nomaster\n");
    }

    /** What {@code weir health} says. */
    String health() {
        return ask("health");
    }

    String ask(String line) {
        try {
            return ControlClient.ask(weir.name(), line);
        } catch (IOException e) {
            return "";
        }
    }

    boolean weirIs(String instance, String state) {
        return health().lines().anyMatch(line -> line.startsWith("vrrp " + instance + "  " + state));
    }

    void awaitWeir(String state) {
        awaitWeir("VI_1", state);
    }

    void awaitWeir(String instance, String state) {
        await(() -> weirIs(instance, state));
    }

    /** A virtual machine prints its threads at SIGQUIT. */
    private void sayWhatThreadsDo() {
        final Background one = director;
        if (one != null && one.isAlive()) {
            Shell.run("kill", "-QUIT", Long.toString(one.pid()));
            Background.pause(500);
        }
    }

    /** Waits; says what everybody said if that is in vain. */
    void await(BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                final String health = health();
                sayWhatThreadsDo();
                throw new LabException(health + bridges.everything());
            }
            Background.pause(20);
        }
    }

    void awaitPeer(Background keepalived, String state) {
        awaitPeer(keepalived, "VI_1", state);
    }

    void awaitPeer(Background keepalived, String instance, String state) {
        await(() -> peerIs(keepalived, instance, state));
    }

    static boolean peerIs(Background keepalived, String instance, String state) {
        final String said = keepalived.output();
        final String begin = "(" + instance + ") Entering ";
        return said.lastIndexOf(begin) >= 0 && said.lastIndexOf(begin) == said.lastIndexOf(begin + state + " STATE");
    }

    /** How tcpdump shows an announcement of the VIP. */
    static String announcement(boolean ipv6) {
        return ipv6 ? "tgt is " + VIP6 : ") tell " + VIP4;
    }

    /** Who answers for the VIP: the role of one of the two. */
    String owner(boolean ipv6) {
        final String vip = ipv6 ? VIP6 : VIP4;
        client.ip("neigh flush dev e0\n");
        client.run("ping", "-c", "1", "-W", "2", vip);
        return neighbour(vip);
    }

    /** Whose MAC address the client has for an address, without asking. */
    String neighbour(String address) {
        final String neighbours = client.must("ip", "neigh", "show", address);
        for (Namespace each : List.of(weir, peer)) {
            if (neighbours.contains(mac(each))) {
                return each.role();
            }
        }
        return neighbours;
    }

    static String mac(Namespace of) {
        return of.must("cat", "/sys/class/net/e0/address").strip();
    }

    @Override
    public void close() {
        bridges.close();
    }
}
