package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts of LVS tutorials run unchanged, with Weir's {@code ipvsadm} where the kernel's was: one network of client,
 * director and two real servers, all called as the tutorials call them.
 */
@Tag("netns")
@SuppressWarnings("NullAway.Init") // made by each test
class TutorialIT {
    private static final AtomicInteger SEQUENCE = new AtomicInteger();
    private static final Path SCRIPTS = Path.of("src/test/resources/tutorials").toAbsolutePath();
    private static final Path BIN = Path.of("src/main/dist/bin").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** What a Red Hat of those days had and the scripts ask for. */
    private static final String OLD_MACHINE =
            """
            set -e
            mount -t tmpfs none /mnt; mkdir /mnt/etc /mnt/etcw /mnt/bin /mnt/binw
            mount -t overlay -o lowerdir=/etc,upperdir=/mnt/etc,workdir=/mnt/etcw none /etc
            mount -t overlay -o lowerdir=/usr/sbin,upperdir=/mnt/bin,workdir=/mnt/binw none /usr/sbin
            mkdir -p @folder/lock/subsys; mount --bind @folder/lock /run/lock
            mkdir -p /etc/rc.d/init.d /etc/init.d
            printf 'action() { echo "$1"; shift; "$@"; }\\n' >/etc/rc.d/init.d/functions
            cp /etc/rc.d/init.d/functions /etc/init.d/functions
            for tool in ipvsadm ipvsadm-save ipvsadm-restore; do ln -sf @bin/$tool /usr/sbin/$tool; done
            export PATH=@bin:$PATH WEIR_NAME=@name JAVA_HOME=@java
            set +e
            """;

    @TempDir
    private Path folder;

    private final String name = "weirtut-" + ProcessHandle.current().pid() + "-" + SEQUENCE.incrementAndGet();
    private final Map<String, Namespace> machines = new TreeMap<>();
    private final List<Background> processes = new ArrayList<>();

    private Namespace machine(String role) {
        return machines.computeIfAbsent(role, key -> new Namespace(name + "-" + key, key, folder));
    }

    @AfterEach
    void tearDown() {
        for (int i = processes.size() - 1; i >= 0; i--) {
            processes.get(i).close();
        }
        machines.values().forEach(m -> Shell.run(List.of("ip", "netns", "del", m.name())));
    }

    /** A network {@code prefix}.0/24; hosts by their last number. */
    private void build(String prefix, Map<String, Integer> hosts) throws IOException {
        final Namespace wire = machine("switch");
        Shell.must("ip", "netns", "add", wire.name());
        wire.ip("link add br0 type bridge forward_delay 0 mcast_snooping 0\nlink set br0 up\n");
        for (Map.Entry<String, Integer> host : hosts.entrySet()) {
            final Namespace one = machine(host.getKey());
            Shell.must("ip", "netns", "add", one.name());
            wire.ip("link add p" + host.getKey() + " type veth peer name eth0 netns " + one.name() + "\nlink set p"
                    + host.getKey() + " master br0 up\n");
            one.ip("addr add " + prefix + "." + host.getValue() + "/24 dev eth0\nlink set lo up\nlink set eth0 up\n");
            one.must("ethtool", "-K", "eth0", "tx", "off", "rx", "off");
            if (host.getKey().startsWith("rs")) {
                web(one);
            }
        }
    }

    private Background web(Namespace server) throws IOException {
        final Path conf = folder.resolve(server.role() + ".conf");
        Files.writeString(
                conf,
                "daemon off; pid " + folder + "/" + server.role()
                        + ".pid; error_log stderr;\nevents {}\nhttp { access_log off;"
                        + " server { listen 80; keepalive_timeout 0; location / { return 200 \"" + server.role()
                        + "\\n\"; } } }\n");
        final Background web = server.start("nginx", List.of("nginx", "-p", folder.toString(), "-c", conf.toString()));
        processes.add(web);
        web.awaitUntil(LIMIT, () -> server.run("curl", "-s", "-m", "1", "http://127.0.0.1/")
                .ok());
        return web;
    }

    private void direct() throws IOException {
        final Path config = folder.resolve("weir.yaml");
        final Path ready = folder.resolve("ready");
        Files.writeString(
                config,
                "name: " + name + "\ninterfaces: [{device: 'afpacket:eth0'}]\nstate: {save: false}\nservices: []\n");
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(List.of("-c", config.toString(), "--ready-file", ready.toString()));
        final Background director = machine("director").start("weir", command);
        processes.add(director);
        director.awaitUntil(LIMIT, () -> Files.exists(ready));
    }

    private List<String> shell(String line) {
        final String machine = OLD_MACHINE
                .replace("@folder", folder.toString())
                .replace("@bin", BIN.toString())
                .replace("@name", name)
                .replace("@java", System.getProperty("java.home"));
        return List.of("bash", "-c", machine + "cd " + SCRIPTS + "\n" + line);
    }

    private String run(String role, String line) {
        return machine(role).run(shell(line).toArray(new String[0])).output();
    }

    private Map<String, Integer> pages(String vip, int count) {
        final Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            answers.merge(
                    machine("client")
                            .run("curl", "-s", "-m", "3", "http://" + vip + "/")
                            .output()
                            .strip(),
                    1,
                    Integer::sum);
        }
        return answers;
    }

    @Test
    void shouldServeByTheStartScriptsOfDirectRouting() throws IOException {
        build("192.168.11", Map.of("client", 1, "director", 11, "rs1", 12, "rs2", 13));
        direct();
        run("rs1", "bash dr-real-server.sh start");
        run("rs2", "bash dr-real-server.sh start");

        run("director", "bash dr-director.sh start");

        final String status = run("director", "bash dr-director.sh status");
        assertTrue(status.contains("ipvs is running ..."), status);
        assertTrue(status.contains("TCP  192.168.11.100:80 wrr\n"), status);
        assertTrue(status.contains("  -> 192.168.11.13:80             Route   4      "), status);
        // The host has the VIP now; the director notices within a second that it shares it.
        Background.pause(1500);
        assertEquals(Map.of("rs1", 2, "rs2", 4), pages("192.168.11.100", 6));
        assertTrue(run("rs1", "bash dr-real-server.sh status").contains("Running"));

        assertTrue(run("director", "bash dr-director.sh stop").contains("ipvs is stopped..."));
        assertFalse(run("director", "ipvsadm -Ln").contains("192.168"));
        assertTrue(run("director", "bash dr-director.sh status").contains("ipvsadm is stopped ..."));
    }

    @Test
    void shouldServeAndCheckHealthByShellScripts() throws Exception {
        build("192.168.0", Map.of("client", 1, "director", 201, "rs1", 202, "rs2", 203));
        direct();
        run("rs1", "source real-server-003.sh");
        run("rs2", "source real-server-003.sh");

        assertEquals("start lvs\n", run("director", "bash lvs.sh start"));

        assertTrue(run("director", "ipvsadm -L -n").contains("TCP  192.168.0.204:80 rr persistent 300\n"));
        assertEquals("Timeout (tcp tcpfin udp): 30 5 60\n", run("director", "ipvsadm -L --timeout"));
        Background.pause(1500);
        // Persistent: one client stays with one server.
        assertEquals(1, pages("192.168.0.204", 4).size());

        final Background check = machine("director").start("check", shell("exec bash lvscheck.sh"));
        processes.add(check);
        processes.get(0).close();
        check.awaitUntil(LIMIT, () -> check.output().contains("kick 192.168.0.20"));
        final String gone = check.output().contains("kick 192.168.0.202") ? "rs1" : "rs2";
        assertFalse(run("director", "ipvsadm -ln").contains(gone.equals("rs1") ? ".202:80" : ".203:80"));
        web(machine(gone));
        check.awaitUntil(LIMIT, () -> check.output().contains("add 192.168.0.20"));
        assertTrue(run("director", "bash lvs.sh stop").endsWith("stop lvs\n"));
    }

    @Test
    void shouldTakeEveryTypedCommand() throws IOException {
        build("192.168.0", Map.of("director", 201));
        direct();
        for (String file : List.of("typed-000.txt", "typed-003.txt", "typed-004.txt")) {
            final String said = run("director", "while read line; do $line || echo FAILED: $line; done <" + file);
            assertFalse(said.contains("FAILED") || said.isEmpty() && !file.contains("000"), said);
        }
        final String table = run("director", "ipvsadm -Ln");
        assertTrue(table.contains("FWM  10 rr\n  -> 10.0.0.7:0 "), table);
        assertTrue(table.contains("  -> 10.0.0.17:0                  Route   1      0          0         \n"), table);

        run("director", "ipvsadm-save -n > " + folder + "/rules; ipvsadm -C; ipvsadm-restore < " + folder + "/rules");
        assertEquals(table, run("director", "ipvsadm -Ln"));
        assertEquals("", run("director", "source real-server-002.sh"));
    }
}
