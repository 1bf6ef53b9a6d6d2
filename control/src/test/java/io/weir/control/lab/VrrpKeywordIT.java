package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Less usual keywords of a {@code vrrp_instance}: what Weir and a real keepalived make of the same file. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // made before each test
class VrrpKeywordIT {
    private static final List<String> BOTH = List.of("keepalived", "weir");

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

    private Background start(String who, String configuration) throws IOException {
        return who.equals("weir") ? lab.startWeir(configuration) : lab.startKeepalived(configuration);
    }

    private Namespace namespace(String who) {
        return who.equals("weir") ? lab.weir() : lab.peer();
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** A script makes the master lose 20, and gives them back. */
    @Test
    void shouldTellFifosOfPrioritiesAsKeepalivedDoes() throws IOException {
        final List<List<String>> said = new ArrayList<>();
        for (String who : BOTH) {
            final Path folder = Files.createDirectory(lab.folder().resolve(who));
            final Path bad = folder.resolve("bad");
            final Path log = folder.resolve("lines");
            final Path reader =
                    Files.writeString(folder.resolve("reader"), "#!/bin/sh\nexec cat \"$1\" > " + log + "\n");
            final Path script = Files.writeString(folder.resolve("script"), "#!/bin/sh\ntest ! -e " + bad + "\n");
            reader.toFile().setExecutable(true, false);
            script.toFile().setExecutable(true, false);
            final Background started = start(
                    who,
                    "global_defs {\nscript_user root\nvrrp_notify_fifo " + folder + "/fifo root\n"
                            + "vrrp_notify_fifo_script \"" + reader + "\" root\n}\n"
                            + "vrrp_script s {\nscript " + script + "\ninterval 1\nweight -20\n}\n"
                            + quick(100, "notify_priority_changes\ntrack_script {\ns\n}"));
            lab.await(() -> read(log).contains("MASTER 100"));
            Files.writeString(bad, "");
            lab.await(() -> read(log).contains("MASTER_PRIORITY 80"));
            Files.delete(bad);
            lab.await(() -> read(log).contains("MASTER_PRIORITY 100"));
            started.close();
            said.add(read(log).lines().filter(line -> !line.contains("STOP")).toList());
        }
        assertEquals(said.get(0), said.get(1));
    }

    /** Delays as long as the file may ask for: what is undone at once is no fault, what stays is one. */
    @Test
    void shouldNotFailForALinkThatIsDownForAMoment() throws IOException {
        final Background ours =
                lab.startWeir("interface_up_down_delays {\ne0 4 0\n}\n" + quick(150, "down_timer_adverts 60"));
        lab.awaitWeir("MASTER");
        lab.weir().ip("link set e0 down\nlink set e0 up\n");
        Background.pause(5_000);
        assertFalse(ours.output().contains("event=vrrp-fault"), ours::output);

        lab.weir().ip("link set e0 down\n");
        lab.awaitWeir("FAULT");
        assertTrue(lab.health().contains("lacks interface e0"), lab::health);
        lab.weir().ip("link set e0 up\n");
        lab.awaitWeir("MASTER");
    }

    /** The director may be up before the address is. */
    @Test
    void shouldBeAtFaultWithoutItsSource() throws IOException {
        final Background keepalived = lab.startKeepalived(quick(100, ""));
        lab.startWeir(quick(150, "mcast_src_ip 192.0.2.77\ntrack_src_ip"));
        lab.await(() -> lab.health().contains("lacks source address 192.0.2.77"));
        assertTrue(lab.weirIs("VI_1", "FAULT"), lab::health);
        lab.awaitPeer(keepalived, "MASTER");

        lab.weir().ip("addr add 192.0.2.77/24 dev e0\n");
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");

        lab.weir().ip("addr del 192.0.2.77/24 dev e0\n");
        lab.awaitWeir("FAULT");
        lab.awaitPeer(keepalived, "MASTER");
    }

    @Test
    void shouldBeAtFaultForGoodWithoutPeersAsKeepalived() throws IOException {
        final String alone = quick(150, "unicast_src_ip 192.0.2.%s\nunicast_fault_no_peer");
        lab.startWeir(String.format(alone, "1"));
        final Background keepalived = lab.startKeepalived(String.format(alone, "2"));
        lab.await(() -> lab.health().contains("lacks unicast"));
        lab.await(() -> keepalived.output().contains("without any peers - going to fault state"));
        Background.pause(3_000);
        assertTrue(lab.weirIs("VI_1", "FAULT"), lab::health);
        assertFalse(keepalived.output().contains("Entering MASTER"), keepalived::output);
    }

    /** Nothing is known of the script for a long time; then it is bad. Nobody was master meanwhile. */
    @Test
    void shouldWaitForTheFirstResultOfAScriptAsKeepalivedDoes() throws IOException {
        final Path script = Files.writeString(lab.folder().resolve("slow"), "#!/bin/sh\nsleep 5\nexit 1\n");
        script.toFile().setExecutable(true, false);
        final String configuration = "global_defs {\nscript_user root\n}\nvrrp_script s {\nscript " + script
                + "\ninterval 20\ntimeout 15\n}\n" + quick(150, "track_script {\ns\n}");
        for (String who : BOTH) {
            final Background started = start(who, configuration);
            Background.pause(7_000);
            assertFalse(
                    started.output().contains("Entering MASTER")
                            || started.output().contains("state=MASTER"),
                    started::output);
            started.close();
        }
    }

    private static long count(Background capture, String address) {
        return capture.output()
                .lines()
                .filter(line -> line.contains("tell " + address + ","))
                .count();
    }

    /** Of two addresses on the second link the first one is announced again and again. */
    @Test
    void shouldAnnounceOnOtherInterfacesAsKeepalivedDoes() throws IOException {
        final String configuration = quick(100, "garp_extra_if all 1\ngarp_master_delay 0\ngarp_master_repeat 1")
                .replace("virtual_ipaddress {\n", "virtual_ipaddress {\n198.51.100.10 dev e1\n198.51.100.11 dev e1\n");
        for (String who : BOTH) {
            final Namespace other = namespace(who.equals("weir") ? "keepalived" : "weir");
            final Background capture = lab.capture(other, "e1", "arp");
            final Background started = start(who, configuration);
            lab.await(() -> count(capture, "198.51.100.10") >= 4);
            assertEquals(1, count(capture, "198.51.100.11"), () -> who + capture.output());
            started.close();
            capture.close();
        }
    }

    private static List<Double> times(Background capture, String word) {
        return capture.output()
                .lines()
                .filter(line -> line.contains(word))
                .map(line -> Double.parseDouble(line.substring(0, line.indexOf(' '))))
                .toList();
    }

    /** Five of them, each a second after the one before; keepalived leaves those out for which the same address waits already. */
    @ParameterizedTest
    @ValueSource(strings = {"vrrp_garp_interval 1", "vrrp_gna_interval 1", "garp_group"})
    void shouldKeepADistanceBetweenAnnouncementsAsKeepalivedDoes(String keyword) throws IOException {
        final boolean ipv6 = keyword.contains("gna");
        final String filter = ipv6 ? "icmp6 and ip6[40] == 136 and ip6[24:4] == 0xff020000" : "arp[6:2] <= 2";
        final String globals = keyword.equals("garp_group")
                ? "garp_group {\ninterface e0\ngarp_interval 1\ngna_interval 1\n}\n"
                : "global_defs {\n" + keyword + "\n}\n";
        final String configuration = globals
                + VrrpLab.configuration(3, ipv6, 100, "garp_master_repeat 5\ngarp_master_delay 0")
                        .replace("advert_int 1", "advert_int 0.25");
        for (String who : BOTH) {
            final Background capture = lab.capture(filter);
            final Background started = start(who, configuration);
            lab.await(() -> count(capture, ipv6) >= (who.equals("weir") ? 5 : 2));
            final List<Double> times = times(capture, VrrpLab.announcement(ipv6));
            for (int i = 1; i < times.size(); i++) {
                assertTrue(times.get(i) - times.get(i - 1) > 0.5, () -> who + times);
            }
            started.close();
            capture.close();
        }
    }

    private static long count(Background capture, boolean ipv6) {
        return times(capture, VrrpLab.announcement(ipv6)).size();
    }

    /** keepalived is the one that waits. */
    @Test
    void shouldStayMasterWhileKeepalivedDelays() throws IOException {
        lab.startWeir(quick(100, ""));
        lab.awaitWeir("MASTER");
        final Background keepalived = lab.startKeepalived(quick(150, "preempt_delay 5"));
        lab.await(() -> keepalived.output().contains("start preempt delay"));
        assertTrue(lab.weirIs("VI_1", "MASTER"), lab::health);

        lab.awaitPeer(keepalived, "MASTER");
        lab.awaitWeir("BACKUP");
    }

    /** Nobody is preempted, so nobody waits; keepalived neither. */
    @Test
    void shouldNotDelayWhereThereIsNoMaster() throws IOException {
        final String configuration = quick(100, "preempt_delay 900");
        final Background keepalived = lab.startKeepalived(configuration);
        lab.awaitPeer(keepalived, "MASTER");
        keepalived.close();
        lab.startWeir(configuration);
        lab.awaitWeir("MASTER");
    }

    /** Both own the addresses: both step down to 254, and the larger address wins. */
    @Test
    void shouldSettleWithAnotherOwner() throws IOException {
        lab.part();
        lab.startWeir(quick(255, ""));
        final Background keepalived = lab.startKeepalived(quick(255, ""));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "MASTER");

        lab.join();
        lab.await(() -> keepalived.output().contains("CONFIGURATION ERROR")
                || lab.health().contains("priority 254"));
        Background.pause(3_000);
        lab.await(() -> lab.weirIs("VI_1", "MASTER") != VrrpLab.peerIs(keepalived, "VI_1", "MASTER"));
        lab.await(() -> lab.owner(false).equals(lab.weirIs("VI_1", "MASTER") ? "w" : "k"));
    }
}
