package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kernel director and Weir as master and backup of each other; a connection of the one goes on through the other. */
@Tag("netns")
@Tag("once")
final class KernelSyncIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int WEIR = 1;
    private static final int KERNEL = 2;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TwoDirectors lab;

    @BeforeEach
    void open() throws IOException {
        lab = new TwoDirectors();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private UmlGuest kernel(String role, int version) throws IOException {
        final String service = "-t " + TwoDirectors.VIP + ":" + TwoDirectors.VIP_PORT;
        return new UmlGuest(
                lab.network(),
                "kernel",
                lab.taps(),
                "ip addr add 10.1.0.2/24 dev eth0\nip addr add 10.2.0.2/24 dev eth1\n"
                        + "ip link set eth0 up\nip link set eth1 up\n"
                        + "echo 1 >/proc/sys/net/ipv4/ip_forward\n"
                        + "echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter\n"
                        + "echo " + version + " >/proc/sys/net/ipv4/vs/sync_version\n"
                        + "ip addr add " + TwoDirectors.VIP + "/32 dev lo\n"
                        + "ipvsadm -A " + service + " -s rr\n"
                        + "ipvsadm -a " + service + " -r " + TwoDirectors.SERVER + ":" + TwoDirectors.SERVER_PORT
                        + " -m\n"
                        + "ipvsadm --start-daemon " + role + " --mcast-interface eth1 --syncid "
                        + TwoDirectors.SYNCID + "\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldTakeOverAConnectionOfTheKernel(int version) throws IOException {
        final Namespace director = lab.director(WEIR);
        try (UmlGuest kernel = kernel("master", version)) {
            assertEquals("", kernel.setupLog());
            final Background weir = lab.weir(director, "backup", "");
            lab.serve();
            lab.through(KERNEL);
            final Background talk = lab.talk(40003);
            weir.awaitUntil(LIMIT, () -> TwoDirectors.counter(director, "sync.made") == 1);
            TwoDirectors.awaitAnswers(talk, 3);
            final String listed = TwoDirectors.ask(director, "-Lnc");
            assertTrue(listed.contains("ESTABLISHED 10.1.0.7:40003"), listed);

            lab.through(WEIR);
            kernel.kill();

            TwoDirectors.awaitAnswers(talk, 10);
            assertEquals(0, TwoDirectors.counter(director, "sync.unknown"));
            assertEquals(0, TwoDirectors.counter(director, "sync.bad_entry"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldHandAConnectionOverToTheKernel(int version) throws IOException {
        final Namespace director = lab.director(WEIR);
        try (UmlGuest kernel = kernel("backup", 1)) {
            assertEquals("", kernel.setupLog());
            final Background weir = lab.weir(director, "master", "sysctls: {sync_version: " + version + "}\n");
            lab.serve();
            lab.through(WEIR);
            final Background talk = lab.talk(40004);
            weir.awaitUntil(LIMIT, () -> listed(kernel).contains("ESTABLISHED 10.1.0.7:40004"));

            lab.through(KERNEL);
            weir.kill();

            TwoDirectors.awaitAnswers(talk, 10);
        }
    }

    /** The kernel has no FULLNAT: it leaves such an entry out, and takes what stands behind it in the message. */
    @Test
    void shouldNotHandOverToTheKernelWhatItCannotForward() throws IOException {
        final Namespace director = lab.director(WEIR);
        try (UmlGuest kernel = kernel("backup", 1)) {
            final Background weir = lab.weir(director, "master", "local_addresses: ['10.2.0.100']\n");
            final String service = " -t " + TwoDirectors.VIP + ":81 ";
            assertEquals("", TwoDirectors.ask(director, "-A" + service + "-s rr"));
            assertEquals("", TwoDirectors.ask(director, "-a" + service + "-b -r 10.2.0.11:8080"));
            lab.serve();
            lab.through(WEIR);
            final Background fullNat = lab.talk(40005, 81);
            final Background nat = lab.talk(40006);
            TwoDirectors.awaitAnswers(fullNat, 3);
            TwoDirectors.awaitAnswers(nat, 3);
            weir.awaitUntil(LIMIT, () -> listed(kernel).contains("ESTABLISHED 10.1.0.7:40006"));

            assertFalse(listed(kernel).contains(":40005"), listed(kernel));
        }
    }

    private static String listed(UmlGuest kernel) {
        try {
            return kernel.run("ipvsadm -Lnc");
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void shouldNotDisturbAKernelThatIsAskedForTheWholeTable() throws IOException {
        final Namespace director = lab.director(WEIR);
        try (UmlGuest kernel = kernel("backup", 1)) {
            final Background weir = lab.weir(director, "backup", "");
            weir.awaitUntil(LIMIT, () -> TwoDirectors.counter(director, "sync.tables_asked") >= 2);
            assertEquals(2, listed(kernel).lines().count());
            assertTrue(kernel.run("ipvsadm -L --daemon").startsWith("backup sync daemon"));
        }
    }

    @Test
    void shouldKnowWhatTheGuestIs() throws IOException {
        try (UmlGuest kernel = kernel("master", 1)) {
            assertTrue(kernel.run("uname -r").startsWith("6."));
            assertEquals(
                    List.of("1"),
                    kernel.run("cat /proc/sys/net/ipv4/vs/sync_version").lines().toList());
        }
    }
}
