package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The lab itself: it comes up, carries traffic without a director of ours, and leaves nothing behind. */
@Tag("netns")
class LabIT {
    @Test
    void shouldLeaveNothingBehind() {
        final Lab lab = Lab.create(LabOptions.of(LabMethod.DR));
        final String name = lab.name();
        assertTrue(Leftovers.exists(name));

        lab.close();

        assertFalse(Leftovers.exists(name));
        assertFalse(Files.exists(lab.folder()));
    }

    @Test
    void shouldTakeDownWhatADeadProcessLeft() {
        // No process has this id: the kernel's highest is 4194304.
        final String dead = "weirlab-4194399-1";
        Shell.must("ip", "netns", "add", dead + "-client");

        Leftovers.clean();

        assertFalse(Leftovers.exists(dead));
    }

    @Test
    void shouldReturnAnswersPastTheDirector() {
        try (Lab lab = Lab.create(LabOptions.of(LabMethod.DR))) {
            // The kernel as a router in the director's place: the VIP goes to server 2.
            final Namespace director = lab.director();
            director.sysctl(
                    "net.ipv4.ip_forward=1",
                    "net.ipv4.conf." + LabPlan.CLIENT_SIDE + ".proxy_arp=1",
                    "net.ipv4.conf.all.send_redirects=0");
            director.ip("route add " + LabPlan.VIP4 + "/32 via " + LabPlan.server4(2) + "\n");

            final Traffic traffic = new Traffic(lab);

            assertEquals("rs2", traffic.fetch(false));
            assertEquals("rs2", traffic.upload(false));
            traffic.download(false);
        }
    }

    @Test
    void shouldReturnAnswersThroughTheDirectorWithNat() {
        try (Lab lab = Lab.create(LabOptions.of(LabMethod.NAT))) {
            final Namespace director = lab.director();
            director.sysctl("net.ipv4.ip_forward=1", "net.ipv4.conf." + LabPlan.CLIENT_SIDE + ".proxy_arp=1");
            director.ip("route add " + LabPlan.VIP4 + "/32 dev " + LabPlan.SERVER_SIDE + "\n");
            director.must(
                    "nft",
                    "add table ip lab; add chain ip lab pre { type nat hook prerouting priority -100; }; "
                            + "add rule ip lab pre ip daddr " + LabPlan.VIP4 + " tcp dport 80 dnat to "
                            + LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT);

            assertEquals("rs1", new Traffic(lab).fetch(false));
        }
    }

    @Test
    void shouldSeeCompleteFramesWithOffloadsOff() {
        try (Lab lab = Lab.create(LabOptions.of(LabMethod.DR).withOffloads(Offloads.OFF))) {
            final List<byte[]> frames;
            final List<String> wrong;
            try (Capture capture = Capture.start(lab, lab.client(), "c0")) {
                lab.client().must("ping", "-c", "1", LabPlan.CLIENT_NET4 + LabPlan.ROUTER_HOST);
                lab.client().run("curl", "-s", "-m", "1", "http://" + LabPlan.CLIENT_NET4 + LabPlan.ROUTER_HOST + "/");
                frames = capture.frames();
                wrong = capture.wrongChecksums();
            }
            assertTrue(frames.size() >= 4, () -> "only " + frames.size() + " frames");
            assertEquals(List.of(), wrong);
        }
    }
}
