package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong between Weir and a real keepalived: liars on the link, two masters, groups that fall, changes while they run. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // made before each test
class VrrpPeerIT {
    private VrrpLab lab;

    @BeforeEach
    void setUp() throws IOException {
        lab = new VrrpLab();
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private static String quick(int priority, String more) {
        return VrrpLab.configuration(3, false, priority, more).replace("advert_int 1", "advert_int 0.25");
    }

    /** Whoever believed a single one of the forged adverts would see a master of priority 254. */
    @ParameterizedTest
    @ValueSource(ints = {150, 50})
    void shouldNotBelieveForgedAdverts(int priority) throws IOException {
        final Background ours = lab.startWeir(VrrpLab.configuration(2, false, priority, ""));
        final Background keepalived = lab.startKeepalived(VrrpLab.configuration(2, false, 100, ""));
        lab.awaitWeir(priority > 100 ? "MASTER" : "BACKUP");
        lab.awaitPeer(keepalived, priority > 100 ? "BACKUP" : "MASTER");

        final Background forger = lab.forge(6);
        if (priority < 100) {
            // As a backup it must take over all the same.
            keepalived.kill();
            lab.peer().ip("addr flush dev e0\n");
            lab.awaitWeir("MASTER");
        }
        lab.await(() -> forger.output().contains("end"));

        assertTrue(lab.weirIs("VI_1", "MASTER"), lab::health);
        final String said = ours.output();
        for (String each :
                List.of("TTL 254", "TTL 1,", "wrong password", "version 3", "interval", "checksum", "type ")) {
            assertTrue(said.contains(each), each + ": " + said);
        }
        assertFalse(said.contains("event=bug"), said);
        assertTrue(
                said.lines().filter(line -> line.contains("event=vrrp-refused")).count() < 400, said);
        assertTrue(lab.health().matches("(?s).*refused [0-9]{3,}.*"), lab::health);
    }

    @ParameterizedTest
    @CsvSource({"150,w", "100,k", "50,k"})
    void shouldSettleWhoIsMasterWhenTwoWere(int priority, String winner) throws IOException {
        lab.part();
        // Without the second burst of a new master: what is announced, is announced because of the other one, which
        // speaks once more before it yields.
        final String more = "garp_master_delay 0\nhigher_prio_send_advert";
        final Background ours = lab.startWeir(quick(priority, more));
        final Background keepalived = lab.startKeepalived(quick(100, more));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "MASTER");
        final Background capture = lab.capture("arp");

        lab.join();
        lab.awaitWeir(winner.equals("w") ? "MASTER" : "BACKUP");
        lab.awaitPeer(keepalived, winner.equals("w") ? "BACKUP" : "MASTER");

        // The winner says so unasked, at once.
        final String mac = VrrpLab.mac(winner.equals("w") ? lab.weir() : lab.peer());
        lab.await(() -> capture.output().lines().anyMatch(line -> line.contains(mac) && line.contains(VrrpLab.VIP4)));
        assertEquals(winner, lab.owner(false));
        assertFalse(ours.output().contains("event=bug"), ours::output);
    }

    /** Equal priorities: the larger address wins, whoever has it. */
    @Test
    void shouldWinByTheLargerAddress() throws IOException {
        lab.weir().ip("addr add 192.0.2.9/24 dev e0\n");
        lab.part();
        lab.startWeir(quick(100, "mcast_src_ip 192.0.2.9"));
        final Background keepalived = lab.startKeepalived(quick(100, ""));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "MASTER");

        lab.join();
        lab.awaitPeer(keepalived, "BACKUP");
        assertTrue(lab.weirIs("VI_1", "MASTER"), lab::health);
        assertEquals("w", lab.owner(false));
    }

    private static final String GROUP = "vrrp_sync_group VG {\ngroup {\nVI_1\nVI_2\n}\n}\n";

    @Test
    void shouldLeaveTheWholeGroupWhenOneOfItFalls() throws IOException {
        final Background ours = lab.startWeir(VrrpLab.pair(150, "", GROUP));
        final Background keepalived = lab.startKeepalived(VrrpLab.pair(100, "", GROUP));
        lab.awaitWeir("VI_1", "MASTER");
        lab.awaitWeir("VI_2", "MASTER");

        lab.weir().ip("link set e1 down\n");
        lab.awaitWeir("VI_1", "FAULT");
        lab.awaitWeir("VI_2", "FAULT");
        lab.awaitPeer(keepalived, "VI_1", "MASTER");
        lab.awaitPeer(keepalived, "VI_2", "MASTER");
        assertEquals("k", lab.owner(false));

        lab.weir().ip("link set e1 up\n");
        lab.awaitWeir("VI_1", "MASTER");
        lab.awaitWeir("VI_2", "MASTER");
        lab.awaitPeer(keepalived, "VI_1", "BACKUP");
        lab.awaitPeer(keepalived, "VI_2", "BACKUP");

        // All of it falls, and comes back.
        lab.weir().ip("link set e0 down\nlink set e1 down\n");
        lab.awaitPeer(keepalived, "VI_1", "MASTER");
        lab.awaitPeer(keepalived, "VI_2", "MASTER");
        lab.weir().ip("link set e0 up\nlink set e1 up\n");
        lab.awaitPeer(keepalived, "VI_1", "BACKUP");
        lab.awaitPeer(keepalived, "VI_2", "BACKUP");
        assertFalse(ours.output().contains("event=bug"), ours::output);
    }

    @Test
    void shouldTakeTheWholeGroupOverWhenOneOfThePeersFalls() throws IOException {
        lab.startWeir(VrrpLab.pair(100, "", GROUP));
        final Background keepalived = lab.startKeepalived(VrrpLab.pair(150, "", GROUP));
        lab.awaitPeer(keepalived, "VI_2", "MASTER");
        lab.awaitWeir("VI_1", "BACKUP");

        lab.peer().ip("link set e1 down\n");
        lab.awaitWeir("VI_1", "MASTER");
        lab.awaitWeir("VI_2", "MASTER");

        lab.peer().ip("link set e1 up\n");
        lab.awaitWeir("VI_1", "BACKUP");
        lab.awaitWeir("VI_2", "BACKUP");
    }

    /** One member hears nothing any more, the other still does: as with keepalived, the group stays as it is. */
    @Test
    void shouldStayBackupWhileOneOfTheGroupHearsItsMaster() throws IOException {
        lab.startWeir(VrrpLab.pair(100, "", GROUP));
        final Background keepalived = lab.startKeepalived(VrrpLab.pair(150, "", GROUP));
        lab.awaitPeer(keepalived, "VI_2", "MASTER");
        lab.awaitWeir("VI_2", "BACKUP");

        lab.partSecond();
        Background.pause(4_000);
        assertTrue(lab.weirIs("VI_1", "BACKUP") && lab.weirIs("VI_2", "BACKUP"), lab::health);

        // Now nothing is heard on either link.
        lab.part();
        lab.awaitWeir("VI_1", "MASTER");
        lab.awaitWeir("VI_2", "MASTER");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotPreemptWhereToldNotTo(boolean weirIsHigher) throws IOException {
        final String higher = quick(150, "nopreempt");
        final String lower = quick(100, "");
        if (weirIsHigher) {
            final Background keepalived = lab.startKeepalived(lower);
            lab.awaitPeer(keepalived, "MASTER");
            lab.startWeir(higher);
            Background.pause(3_000);
            assertTrue(lab.weirIs("VI_1", "BACKUP"), lab::health);
            keepalived.close();
            lab.awaitWeir("MASTER");
        } else {
            final Background ours = lab.startWeir(lower);
            lab.awaitWeir("MASTER");
            final Background keepalived = lab.startKeepalived(higher);
            Background.pause(3_000);
            assertTrue(lab.weirIs("VI_1", "MASTER"), lab::health);
            ours.close();
            lab.awaitPeer(keepalived, "MASTER");
        }
    }

    @Test
    void shouldPreemptAfterItsDelay() throws IOException {
        final Background keepalived = lab.startKeepalived(quick(100, ""));
        lab.awaitPeer(keepalived, "MASTER");
        lab.startWeir(quick(150, "preempt_delay 5"));
        Background.pause(3_000);
        assertTrue(lab.weirIs("VI_1", "BACKUP"), lab::health);

        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");
    }

    @ParameterizedTest
    @CsvSource({"false,150", "false,50", "true,150", "true,50"})
    void shouldSpeakVersion3ByUnicast(boolean ipv6, int priority) throws IOException {
        final String a = ipv6 ? "2001:db8:2::1" : "192.0.2.1";
        final String b = ipv6 ? "2001:db8:2::2" : "192.0.2.2";
        // Without the TTL, keepalived's adverts over IPv6 have the kernel's hop limit of 64.
        final String way = "unicast_src_ip %s\nunicast_ttl 255\nunicast_peer {\n%s min_ttl 255\n}";
        final Background keepalived = lab.startKeepalived(VrrpLab.configuration(3, ipv6, 100, String.format(way, b, a))
                .replace("advert_int 1", "advert_int 0.25"));
        lab.awaitPeer(keepalived, "MASTER");
        lab.startWeir(VrrpLab.configuration(3, ipv6, priority, String.format(way, a, b))
                .replace("advert_int 1", "advert_int 0.25"));
        lab.awaitWeir(priority > 100 ? "MASTER" : "BACKUP");
        if (priority > 100) {
            lab.awaitPeer(keepalived, "BACKUP");
        } else {
            // Longer than it would wait for a master that it does not hear.
            Background.pause(2_000);
            assertTrue(lab.weirIs("VI_1", "BACKUP"), lab::health);
        }

        keepalived.kill();
        lab.peer().ip("addr flush dev e0\n");
        lab.awaitWeir("MASTER");
        assertEquals("w", lab.owner(ipv6));
        assertTrue(lab.health().contains("refused 0"), lab::health);
    }

    private static long count(Background capture, String... words) {
        return capture.output()
                .lines()
                .filter(line -> List.of(words).stream().allMatch(line::contains))
                .count();
    }

    /** Three at once, three after the delay, then one at a time: the same as keepalived says. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnnounceAsKeepalivedDoes(boolean ipv6) throws IOException {
        final String bursts = "garp_master_repeat 3\ngarp_master_delay 2\ngarp_master_refresh 3\n";
        final String configuration =
                VrrpLab.configuration(3, ipv6, 100, bursts).replace("advert_int 1", "advert_int 0.25");
        final String filter = ipv6 ? "icmp6 and ip6[40] == 136 and ip6[24:4] == 0xff020000" : "arp[6:2] <= 2";
        final long[] heard = new long[2];
        final String[] first = new String[2];
        for (int i = 0; i < 2; i++) {
            final Background capture = lab.capture(filter);
            final Namespace who = i == 0 ? lab.peer() : lab.weir();
            final String mac = VrrpLab.mac(who);
            final Background speaker = i == 0 ? lab.startKeepalived(configuration) : lab.startWeir(configuration);
            lab.await(() -> count(capture, mac, VrrpLab.announcement(ipv6)) > 0);
            Background.pause(4_500);
            heard[i] = count(capture, mac, VrrpLab.announcement(ipv6));
            first[i] = capture.output()
                    .lines()
                    .filter(line -> line.contains(mac) && line.contains(VrrpLab.announcement(ipv6)))
                    .findFirst()
                    .orElse("")
                    .replaceAll("^[0-9:.]+ ", "")
                    .replace(mac, "MAC");
            speaker.close();
            capture.close();
        }
        assertEquals(heard[0], heard[1]);
        assertEquals(first[0], first[1]);
    }

    @Test
    void shouldFailOverWhenATrackedProcessIsGone() throws IOException {
        final Path program = lab.folder().resolve("weir-tracked");
        Files.copy(Path.of("/bin/sleep"), program);
        final Background tracked = lab.weir().start("tracked", List.of(program.toString(), "600"));
        try {
            lab.startWeir("vrrp_track_process worker {\nprocess weir-tracked\nweight 0\n}\n"
                    + quick(150, "track_process {\nworker\n}"));
            final Background keepalived = lab.startKeepalived(quick(100, ""));
            lab.awaitWeir("MASTER");
            lab.awaitPeer(keepalived, "BACKUP");

            tracked.close();
            lab.awaitWeir("FAULT");
            lab.awaitPeer(keepalived, "MASTER");
        } finally {
            tracked.close();
        }
    }

    /** Its adverts come from 00:00:5e:00:01:33 then; the election is the same. */
    @Test
    void shouldElectWithAPeerThatUsesAVirtualMac() throws IOException {
        final Background keepalived = lab.startKeepalived(quick(100, "use_vmac"));
        lab.awaitPeer(keepalived, "MASTER");
        final Background ours = lab.startWeir(quick(150, "use_vmac"));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");
        assertEquals("w", lab.owner(false));

        ours.close();
        lab.awaitPeer(keepalived, "MASTER");
    }

    private void reload(Background weir, String configuration) throws IOException {
        final long before = weir.output()
                .lines()
                .filter(line -> line.contains("event=vrrp-reloaded"))
                .count();
        lab.write(configuration);
        Shell.must("kill", "-HUP", Long.toString(weir.pid()));
        lab.await(() -> weir.output()
                        .lines()
                        .filter(line -> line.contains("event=vrrp-reloaded"))
                        .count()
                > before);
    }

    @Test
    void shouldChangeItsInstancesWhileItRuns() throws IOException {
        final Path told = lab.folder().resolve("told");
        final Path script = lab.folder().resolve("tell.sh");
        Files.writeString(script, "#!/bin/sh\necho \"$@\" >> " + told + "\n");
        script.toFile().setExecutable(true, false);
        lab.folder().toFile().setWritable(true, false);
        final String tell = "notify " + script + "\n";
        final String one = quick(150, tell);
        final Background ours = lab.startWeir(one);
        final Background keepalived = lab.startKeepalived(quick(100, ""));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");
        final long elections = keepalived
                .output()
                .lines()
                .filter(line -> line.contains("Entering"))
                .count();

        // Nothing that matters: it stays master, and the peer sees nothing of it.
        reload(ours, quick(160, tell));
        lab.await(() -> lab.health().contains("priority 160"));
        Background.pause(1_500);
        assertTrue(lab.weirIs("VI_1", "MASTER"), lab::health);
        assertEquals(
                elections,
                keepalived
                        .output()
                        .lines()
                        .filter(line -> line.contains("Entering"))
                        .count(),
                keepalived::output);

        // A second instance comes.
        reload(ours, VrrpLab.pair(160, "", "").replace("priority 160\nvirtual", "priority 160\n" + tell + "virtual"));
        lab.awaitWeir("VI_2", "MASTER");
        assertTrue(lab.weirIs("VI_1", "MASTER"), lab::health);
        assertTrue(lab.weir().must("ip", "addr", "show", "dev", "e1").contains("198.51.100.10"));

        // It goes, and its address with it.
        reload(ours, quick(160, tell));
        lab.await(() -> !lab.health().contains("VI_2"));
        lab.await(() -> !lab.weir().must("ip", "addr", "show", "dev", "e1").contains("198.51.100.10"));
        lab.await(() -> read(told).contains("INSTANCE VI_2 FAULT 160"));

        // A lower priority: the peer takes over.
        reload(ours, quick(50, tell));
        lab.awaitPeer(keepalived, "MASTER");
        lab.awaitWeir("BACKUP");
        lab.await(() -> read(told).endsWith("INSTANCE VI_1 BACKUP 50\n"));
        assertEquals(
                1,
                read(told)
                        .lines()
                        .filter(line -> line.startsWith("INSTANCE VI_1 MASTER"))
                        .count(),
                () -> read(told));
        assertFalse(ours.output().contains("event=bug"), ours::output);
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
