package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BFD sessions with the one of a real keepalived: what they do to virtual routers and real servers. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // made before each test
class BfdIT {
    private VrrpLab lab;

    @BeforeEach
    void setUp() throws IOException {
        lab = new VrrpLab();
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private static String session(String from, String to, String more) {
        return "bfd_instance B {\nsource_ip " + from + "\nneighbor_ip " + to + "\nmin_rx 50\nmin_tx 50\nmultiplier 3\n"
                + more + "}\n";
    }

    private static String routers(int priority, String more) {
        return VrrpLab.configuration(3, false, priority, more).replace("advert_int 1", "advert_int 0.25");
    }

    private void awaitSession(String state) {
        lab.await(() -> lab.health().contains("bfd B  " + state));
    }

    private static long downs(Background keepalived) {
        return keepalived
                .output()
                .lines()
                .filter(line -> line.contains("instance B is in state Down"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSeeTheNeighbourGoAndComeAsKeepalivedDoes(boolean ipv6) throws IOException {
        final String a = ipv6 ? "2001:db8:2::1" : "192.0.2.1";
        final String b = ipv6 ? "2001:db8:2::2" : "192.0.2.2";
        final Background ours = lab.startWeir(session(a, b, "")
                + routers(150, "track_bfd {\nB\n}")
                        .replace(
                                "real_server 192.0.2.99 80 {\n",
                                "real_server 192.0.2.99 80 {\nBFD_CHECK {\nname B\n}\n"));
        final Background keepalived = lab.startKeepalivedWithBfd(session(b, a, "") + routers(100, ""));
        awaitSession("UP");
        lab.await(() -> keepalived.output().contains("Entering Up state"));
        lab.awaitWeir("MASTER");
        lab.await(() -> lab.ask("-Ln").contains("192.0.2.99:80"));

        final long before = downs(keepalived);
        // The link stays up, but nothing comes through any more.
        lab.part();
        awaitSession("DOWN");
        lab.awaitWeir("FAULT");
        lab.await(() -> !lab.ask("-Ln").contains("192.0.2.99:80"));
        lab.await(() -> downs(keepalived) > before);

        lab.join();
        awaitSession("UP");
        lab.awaitWeir("MASTER");
        lab.await(() -> lab.ask("-Ln").contains("192.0.2.99:80"));

        // One that leaves says so, and nobody waits for a time to pass.
        ours.close();
        lab.await(() -> keepalived.output().contains("Neighbor Signaled Session Down"));
        assertFalse(ours.output().contains("event=bug"), ours::output);
    }

    /** Weighted, a session moves the priority and nothing else. */
    @Test
    void shouldMoveAPriority() throws IOException {
        final Background keepalived =
                lab.startKeepalivedWithBfd(session("192.0.2.2", "192.0.2.1", "") + routers(100, ""));
        lab.startWeir(session("192.0.2.1", "192.0.2.2", "passive\nweight -60\n") + routers(150, "track_bfd {\nB\n}"));
        awaitSession("UP");
        lab.awaitWeir("MASTER");
        assertTrue(lab.health().contains("priority 150"), lab::health);

        lab.weir()
                .must(
                        "sh",
                        "-c",
                        "nft add table ip deaf && nft add chain ip deaf in"
                                + " '{ type filter hook input priority 0; }' && nft add rule ip deaf in udp dport 3784 drop");
        lab.await(() -> lab.health().contains("priority 90"));
        lab.awaitWeir("BACKUP");
        lab.awaitPeer(keepalived, "MASTER");
    }

    /** keepalived waits to be spoken to. */
    @Test
    void shouldBeginWithANeighbourThatIsPassive() throws IOException {
        final Background keepalived =
                lab.startKeepalivedWithBfd(session("192.0.2.2", "192.0.2.1", "passive\n") + routers(100, ""));
        lab.await(() -> keepalived.output().contains("Entering BACKUP"));
        lab.startWeir(session("192.0.2.1", "192.0.2.2", "") + routers(150, ""));
        awaitSession("UP");
        lab.await(() -> keepalived.output().contains("Entering Up state"));

        // It has forgotten us by the time the wire is whole again.
        final long before = downs(keepalived);
        lab.part();
        awaitSession("DOWN");
        lab.await(() -> downs(keepalived) > before);
        lab.join();
        awaitSession("UP");
    }

    /** Ten milliseconds, five of them: on a busy machine it may fall, but it must not stay down, nor up without a wire. */
    @Test
    void shouldComeUpAndGoDownWithTheShortestUsualIntervals() throws IOException {
        final Background ours = lab.startWeir(defaults("192.0.2.1", "192.0.2.2") + routers(150, ""));
        final Background keepalived = lab.startKeepalivedWithBfd(defaults("192.0.2.2", "192.0.2.1") + routers(100, ""));
        for (int i = 0; i < 3; i++) {
            awaitSession("UP");
            lab.await(() -> keepalived.output().contains("Entering Up state"));
            lab.part();
            awaitSession("DOWN");
            lab.join();
        }
        awaitSession("UP");
        assertFalse(ours.output().contains("event=bug"), ours::output);
    }

    private static String defaults(String from, String to) {
        return "bfd_instance B {\nsource_ip " + from + "\nneighbor_ip " + to + "\n}\n";
    }
}
