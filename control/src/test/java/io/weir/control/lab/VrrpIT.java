package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weir and a real keepalived as the two virtual routers of one address, both ways round. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // made before each test
class VrrpIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final String VIP4 = "192.0.2.10";
    private static final String VIP6 = "2001:db8:2::10";

    private String name;
    private Path folder;
    private Namespace weir;
    private Namespace peer;
    private Namespace client;
    private final List<Background> running = new ArrayList<>();

    @BeforeEach
    void setUp() throws IOException {
        folder = Files.createTempDirectory("weir-vrrp");
        name = folder.getFileName().toString().replaceAll("[^A-Za-z0-9]", "");
        weir = namespace("w");
        peer = namespace("k");
        client = namespace("c");
        final Namespace wires = namespace("s");
        wires.ip("link add br0 type bridge mcast_snooping 0\nlink set br0 up\n");
        int host = 1;
        for (Namespace each : List.of(weir, peer, client)) {
            each.ip("link add e0 type veth peer name " + each.role() + " netns " + wires.name() + "\nlink set lo up\n");
            wires.ip("link set " + each.role() + " master br0 up\n");
            each.sysctl("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.e0.accept_dad=0");
            each.ip("addr add 192.0.2." + host + "/24 dev e0\naddr add 2001:db8:2::" + host
                    + "/64 dev e0 nodad\nlink set e0 up\n");
            host++;
        }
    }

    private Namespace namespace(String role) {
        final Namespace made = new Namespace(name + "-" + role, role, folder);
        Shell.must(List.of("ip", "netns", "add", made.name()), "");
        return made;
    }

    @AfterEach
    void tearDown() {
        running.forEach(Background::close);
        for (String role : List.of("w", "k", "c", "s")) {
            Shell.run(List.of("ip", "netns", "del", name + "-" + role), "");
        }
    }

    private static String configuration(int version, boolean ipv6, int priority, String more) {
        final String vip = ipv6 ? VIP6 : VIP4;
        return "vrrp_instance VI_1 {\nstate BACKUP\ninterface e0\nvirtual_router_id 51\npriority " + priority
                + "\nadvert_int 1\n"
                + (version == 3 ? "version 3\n" : "authentication {\nauth_type PASS\nauth_pass 1111\n}\n")
                + more + "\nvirtual_ipaddress {\n" + vip + (ipv6 ? "/64" : "/24") + "\n}\n}\n"
                + "virtual_server " + vip + " 80 {\nlb_algo rr\nlb_kind DR\nreal_server "
                + (ipv6 ? "2001:db8:2::99" : "192.0.2.99") + " 80 {\n}\n}\n";
    }

    private Background startWeir(String configuration) throws IOException {
        final Path file = folder.resolve("weir.conf");
        final Path ready = folder.resolve("ready");
        Files.deleteIfExists(ready);
        Files.writeString(file, configuration);
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(List.of("--keepalived", file.toString(), "--name", name, "--ready-file", ready.toString()));
        final Background started = weir.start("weir", command);
        running.add(started);
        try {
            started.awaitUntil(LIMIT, () -> Files.exists(ready));
        } catch (LabException e) {
            throw new LabException(started.output(), e);
        }
        return started;
    }

    private Background startKeepalived(String configuration) throws IOException {
        final Path file = folder.resolve("keepalived.conf");
        // Only the routers meet here; its checker process would want the kernel's IPVS.
        Files.writeString(file, configuration.substring(0, configuration.indexOf("virtual_server")));
        final Background started = peer.start(
                "keepalived",
                List.of(
                        "keepalived",
                        "--dont-fork",
                        "--log-console",
                        "--log-detail",
                        "--vrrp",
                        "-f",
                        file.toString(),
                        "-p",
                        folder.resolve("k.pid") + "",
                        "-r",
                        folder.resolve("kv.pid") + ""));
        running.add(started);
        return started;
    }

    private String state() {
        try {
            return ControlClient.ask(name, "health").lines().findFirst().orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private void awaitWeir(Background process, String state) {
        try {
            process.awaitUntil(LIMIT, () -> state().startsWith("vrrp VI_1  " + state));
        } catch (LabException e) {
            throw new LabException(process.output() + state(), e);
        }
    }

    private static void awaitPeer(Background keepalived, String state) {
        final String wanted = "Entering " + state + " STATE";
        try {
            keepalived.awaitUntil(LIMIT, () -> {
                final String said = keepalived.output();
                return said.lastIndexOf(wanted) >= 0 && said.lastIndexOf(wanted) == said.lastIndexOf("Entering ");
            });
        } catch (LabException e) {
            throw new LabException(keepalived.output(), e);
        }
    }

    /** Who answers for the VIP: the MAC of one of the two. */
    private String owner(boolean ipv6) {
        final String vip = ipv6 ? VIP6 : VIP4;
        client.ip("neigh flush dev e0\n");
        client.run("ping", "-c", "1", "-W", "2", vip);
        final String neighbours = client.must("ip", "neigh", "show", vip);
        for (Namespace each : List.of(weir, peer)) {
            final String mac = each.must("cat", "/sys/class/net/e0/address").strip();
            if (neighbours.contains(mac)) {
                return each.role();
            }
        }
        return neighbours;
    }

    @ParameterizedTest
    @CsvSource({"2,false", "3,false", "3,true"})
    void shouldBeMasterOverALowerKeepalivedAndLeaveToIt(int version, boolean ipv6) throws IOException {
        final Background keepalived = startKeepalived(configuration(version, ipv6, 100, ""));
        awaitPeer(keepalived, "MASTER");
        assertEquals("k", owner(ipv6));

        final Background ours = startWeir(configuration(version, ipv6, 150, ""));
        awaitWeir(ours, "MASTER");
        awaitPeer(keepalived, "BACKUP");
        assertEquals("w", owner(ipv6));

        ours.close();
        awaitPeer(keepalived, "MASTER");
        assertEquals("k", owner(ipv6));
    }

    @ParameterizedTest
    @CsvSource({"2,false", "3,false", "3,true"})
    void shouldBeBackupOfAHigherKeepalivedAndFollowIt(int version, boolean ipv6) throws IOException {
        final Background ours = startWeir(configuration(version, ipv6, 100, ""));
        awaitWeir(ours, "MASTER");

        final Background keepalived = startKeepalived(configuration(version, ipv6, 150, ""));
        awaitPeer(keepalived, "MASTER");
        awaitWeir(ours, "BACKUP");
        assertEquals("k", owner(ipv6));

        keepalived.kill();
        peer.ip("addr flush dev e0\n");
        awaitWeir(ours, "MASTER");
        assertEquals("w", owner(ipv6));
    }

    @Test
    void shouldSpeakUnicastWithKeepalived() throws IOException {
        final Background keepalived =
                startKeepalived(configuration(2, false, 100, "unicast_src_ip 192.0.2.2\nunicast_peer {\n192.0.2.1\n}"));
        awaitPeer(keepalived, "MASTER");

        final Background ours =
                startWeir(configuration(2, false, 150, "unicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2\n}"));
        awaitWeir(ours, "MASTER");
        awaitPeer(keepalived, "BACKUP");
    }

    /** Two masters, as keepalived would be: each believes itself alone, and both say so in their log. */
    @Test
    void shouldNotListenToAWrongPassword() throws IOException {
        final Background ours = startWeir(configuration(2, false, 100, ""));
        awaitWeir(ours, "MASTER");
        startKeepalived(configuration(2, false, 200, "").replace("1111", "2222"));

        ours.awaitUntil(LIMIT, () -> ours.output().contains("wrong password"));
        assertTrue(state().startsWith("vrrp VI_1  MASTER"), this::state);
    }

    @Test
    void shouldFailOverWhenATrackedScriptFails() throws IOException {
        final Path flag = folder.resolve("flag");
        Files.writeString(flag, "");
        folder.toFile().setExecutable(true, false);
        folder.toFile().setReadable(true, false);
        final Background ours = startWeir("vrrp_script flag {\nscript \"/usr/bin/test -e " + flag
                + "\"\ninterval 1\nfall 2\nrise 1\n}\n" + configuration(2, false, 150, "track_script {\nflag\n}"));
        final Background keepalived = startKeepalived(configuration(2, false, 100, ""));
        awaitWeir(ours, "MASTER");
        awaitPeer(keepalived, "BACKUP");

        Files.delete(flag);
        awaitWeir(ours, "FAULT");
        awaitPeer(keepalived, "MASTER");

        Files.writeString(flag, "");
        awaitWeir(ours, "MASTER");
        awaitPeer(keepalived, "BACKUP");
        assertFalse(ours.output().contains("event=bug"), ours::output);
    }
}
