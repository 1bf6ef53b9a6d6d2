package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.architecture.SourceTree;
import io.weir.dataplane.io.linux.NotifySocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The Debian package from installation to removal, in a copy of this machine that only exists for the test: an overlay on
 * its root. The daemon is started as the unit says: its user, capabilities, environment and command are read from it.
 */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // made before the test
class PackageIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

    private Lab lab;
    /** The machine's root as the copy has it, and as this process sees that. */
    private Path root;

    private Path seen;
    private Background copy;

    @BeforeEach
    void setUp() throws IOException {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
        final Path upper = lab.folder().resolve("upper");
        root = lab.folder().resolve("root");
        Files.createDirectories(upper);
        Files.createDirectories(root);
        // In a mount namespace of its own: nothing of it is there for others, and nothing is left when it ends.
        final String script = "set -e; U=" + upper + " R=" + root + "\n"
                + "mount -t tmpfs none $U; mkdir $U/files $U/work\n"
                + "mount -t overlay -o lowerdir=/,upperdir=$U/files,workdir=$U/work none $R\n"
                + "mount --bind /proc $R/proc; mount --bind /dev $R/dev\n"
                + "mount -t tmpfs none $R/run; mount -t tmpfs none $R/tmp; chmod 1777 $R/tmp\n"
                + "echo ready; exec sleep 900\n";
        copy = lab.start(
                lab.director(), "copy", List.of("unshare", "-m", "--propagation", "private", "sh", "-c", script));
        copy.awaitUntil(LIMIT, () -> copy.output().contains("ready"));
        seen = Path.of("/proc/" + copy.pid() + "/root" + root);
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private List<String> enter(String... command) {
        final List<String> all =
                new ArrayList<>(List.of("nsenter", "-m", "-t", Long.toString(copy.pid()), "chroot", root.toString()));
        all.addAll(Arrays.asList(command));
        return all;
    }

    private Shell.Result inside(String... command) {
        final List<String> all = enter("env", PATH, "DEBIAN_FRONTEND=noninteractive");
        all.addAll(Arrays.asList(command));
        return lab.director().run(all.toArray(new String[0]));
    }

    /** Built of the sources elsewhere: here other tests use the classes at the same time. */
    private Path built() throws IOException, InterruptedException {
        final Path sources = Files.createDirectories(lab.folder().resolve("sources"));
        final String copied =
                "tar -C " + SourceTree.root() + " --exclude='./*/target' --exclude=./target --exclude=./.git"
                        + " -cf - . | tar -C " + sources + " -xf -";
        final Path log = sources.resolve("package.log");
        final Process build = new ProcessBuilder(
                        "sh", "-c", copied + " && exec " + sources.resolve("weir") + " package")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertEquals(0, build.waitFor(), () -> read(log));
        try (Stream<Path> files = Files.list(sources.resolve("control/target"))) {
            return files.filter(file -> file.toString().endsWith("_all.deb"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The values of a key of the unit, as systemd reads them. */
    private List<String> unit(String key) throws IOException {
        return Files.readAllLines(seen.resolve("lib/systemd/system/weir.service")).stream()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .toList();
    }

    private static String capabilities(String words) {
        final StringBuilder text = new StringBuilder("-all");
        for (String word : words.split(" ", -1)) {
            text.append(",+").append(word.substring("CAP_".length()).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }

    private Background startAsTheUnitSays() throws IOException {
        final String ambient = capabilities(unit("AmbientCapabilities").get(0));
        final String bounding = capabilities(unit("CapabilityBoundingSet").get(0));
        final String user = unit("User").get(0);
        for (String folder : List.of(
                "/run/" + unit("RuntimeDirectory").get(0),
                "/var/lib/" + unit("StateDirectory").get(0))) {
            assertTrue(inside("install", "-d", "-o", user, "-g", unit("Group").get(0), folder)
                    .ok());
        }
        final List<String> command = enter("setpriv");
        command.addAll(List.of("--reuid=" + user, "--regid=" + unit("Group").get(0), "--clear-groups"));
        command.addAll(List.of("--inh-caps=" + ambient, "--ambient-caps=" + ambient, "--bounding-set=" + bounding));
        assertEquals(List.of("yes"), unit("NoNewPrivileges"));
        command.addAll(
                List.of("--no-new-privs", "env", "-i", PATH, "NOTIFY_SOCKET=/run/notify", "WATCHDOG_USEC=400000"));
        command.addAll(unit("Environment"));
        command.addAll(List.of(unit("ExecStart").get(0).split(" ", -1)));
        return lab.start(lab.director(), "packaged", command);
    }

    private static void await(Background director, NotifySocket manager, String message) {
        final StringBuilder all = new StringBuilder();
        director.awaitUntil(LIMIT, () -> {
            for (String one = manager.receive(); !one.isEmpty(); one = manager.receive()) {
                all.append(one).append('\n');
            }
            return all.toString().contains(message);
        });
    }

    @Test
    void shouldInstallRunUpgradeAndGo() throws Exception {
        final Path deb = built();
        Files.copy(deb, seen.resolve("weir.deb"));
        final String kernelTool = inside("sha256sum", "/usr/sbin/ipvsadm").output();

        final Shell.Result install = inside("dpkg", "-i", "/weir.deb");
        assertTrue(install.ok(), install::output);
        assertTrue(inside("systemd-analyze", "verify", "/lib/systemd/system/weir.service")
                .ok());
        assertTrue(Files.exists(seen.resolve("usr/share/man/man1/weir.1")));
        assertTrue(inside("bash", "-n", "/usr/share/bash-completion/completions/weir")
                .ok());
        Files.createDirectories(seen.resolve("etc/weir"));
        Files.writeString(
                seen.resolve("etc/weir/weir.yaml"),
                LabConfig.of(lab).replace("state: {save: false}\n", "").replace("name: " + lab.name(), "name: weir"));
        final Path socket = seen.resolve("run/notify");
        try (NotifySocket manager = NotifySocket.listen(socket.toString())) {
            Shell.must("chmod", "777", socket.toString());
            Background director = startAsTheUnitSays();
            await(director, manager, "READY=1");
            await(director, manager, "WATCHDOG=1");
            assertEquals(Map.of("rs1", 2, "rs2", 2), new Traffic(lab).fetch(false, 4));
            assertTrue(inside("stat", "-c", "%U %a", "/run/weir/weir.sock")
                    .output()
                    .startsWith("weir 600"));
            final String status = Files.readString(Path.of("/proc/" + director.pid() + "/status"));
            assertTrue(status.contains("NoNewPrivs:\t1"), status);
            assertFalse(status.contains("Uid:\t0"), status);

            assertTrue(inside("ipvsadm", "-Ln").output().contains(LabPlan.VIP4 + ":80 rr"));
            assertTrue(inside("/sbin/ipvsadm", "-C").ok());
            assertEquals("", inside("ipvsadm-save", "-n").output());
            Shell.must("kill", "-HUP", Long.toString(director.pid()));
            await(director, manager, "RELOADING=1");
            await(director, manager, "READY=1");
            assertEquals(Map.of("rs1", 2, "rs2", 2), new Traffic(lab).fetch(false, 4));

            final Shell.Result upgrade = inside("dpkg", "-i", "/weir.deb");
            assertTrue(upgrade.ok(), upgrade::output);
            // The kernel keeps ten messages for us: the last one must find room.
            await(director, manager, "WATCHDOG=1");
            director.close();
            await(manager, "STOPPING=1");
            director = startAsTheUnitSays();
            await(director, manager, "READY=1");
            assertEquals(Map.of("rs1", 2, "rs2", 2), new Traffic(lab).fetch(false, 4));
            director.close();
        }
        runsAsTheImageSays();
        final Shell.Result remove = inside("dpkg", "-r", "weir");
        assertTrue(remove.ok(), remove::output);
        assertFalse(Files.exists(seen.resolve("usr/lib/weir")), () -> inside("ls", "-R", "/usr/lib/weir")
                .output());
        assertEquals(kernelTool, inside("sha256sum", "/usr/sbin/ipvsadm").output());
        assertTrue(Files.exists(seen.resolve("etc/weir/weir.yaml")), "purge takes it, remove does not");
        assertTrue(inside("dpkg", "-P", "weir").ok());
        assertFalse(Files.exists(seen.resolve("var/lib/weir")));
    }

    /** What the Dockerfile starts, with no more rights than its comment gives: it installs this package, too. */
    private void runsAsTheImageSays() throws IOException {
        final ImageFile image = ImageFile.read();
        final List<String> rights = enter(
                "setpriv",
                "--inh-caps=-all",
                "--bounding-set=-all,+" + String.join(",+", image.capabilities()),
                "env",
                "-i",
                PATH,
                image.last("ENV").rest());
        final List<String> command = new ArrayList<>(rights);
        command.addAll(image.last("ENTRYPOINT").words());
        command.addAll(image.last("CMD").words());
        final List<String> check = new ArrayList<>(rights);
        check.addAll(image.last("HEALTHCHECK").words());
        final String[] healthy = check.toArray(new String[0]);
        try (Background director = lab.start(lab.director(), "image", command)) {
            director.awaitUntil(LIMIT, () -> director.output().contains("ready: weir"));
            assertEquals(Map.of("rs1", 2, "rs2", 2), new Traffic(lab).fetch(false, 4));
            final String status = Files.readString(Path.of("/proc/" + director.pid() + "/status"));
            assertFalse(status.contains("Uid:\t0"), status);
            assertTrue(lab.director().run(healthy).ok());
        }
        assertFalse(lab.director().run(healthy).ok());
    }

    private static void await(NotifySocket manager, String message) {
        final StringBuilder all = new StringBuilder();
        for (String one = manager.receive(); !one.isEmpty(); one = manager.receive()) {
            all.append(one).append('\n');
        }
        assertTrue(all.toString().contains(message), all::toString);
    }
}
