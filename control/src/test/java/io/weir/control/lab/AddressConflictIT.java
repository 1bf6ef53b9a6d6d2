package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Others who claim the director's addresses: real servers that do not keep a VIP to themselves, and strangers. */
@Tag("netns")
@SuppressWarnings("NullAway.Init") // the lab is made before each test
class AddressConflictIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Lab lab;

    @BeforeEach
    void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.DR));
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private String status() {
        try {
            return ControlClient.ask(lab.name(), "status");
        } catch (IOException e) {
            throw new LabException("no answer: " + e.getMessage(), e);
        }
    }

    @Test
    void shouldFindTheServersThatAnswerForTheVipAndNoOthers() {
        lab.server(1)
                .sysctl("net.ipv4.conf.all.arp_ignore=0", "net.ipv4.conf." + LabPlan.SERVER_PORT + ".arp_ignore=0");
        lab.server(2).ip("addr add " + LabPlan.VIP6 + "/128 dev " + LabPlan.SERVER_PORT + " nodad\n");
        final Background director = lab.startDirector(LabConfig.of(lab));

        director.awaitUntil(
                LIMIT,
                () -> status().contains("the VIP " + LabPlan.VIP4 + " is also claimed by")
                        && status().contains("the VIP " + LabPlan.VIP6 + " is also claimed by"));

        assertEquals(
                2,
                status().lines()
                        .filter(line -> line.startsWith("address conflict: "))
                        .count(),
                status());
        assertTrue(status().contains(LabPlan.mac(2, 11)), status());
        assertTrue(status().contains(LabPlan.mac(2, 12)), status());
        assertTrue(director.output().contains("event=address-conflict "), director.output());
    }

    /** A stranger takes the director's own address, and speaks. */
    @Test
    void shouldFindAStrangerWithTheDirectorsAddress() {
        final Background director = lab.startDirector(LabConfig.of(lab));
        final String own = lab.director()
                .must(
                        "sh",
                        "-c",
                        "ip -4 -o addr show " + LabPlan.SERVER_SIDE + " | awk '{sub(\"/.*\", \"\", $4); print $4}'")
                .strip();
        lab.server(1).ip("addr add " + own + "/32 dev " + LabPlan.SERVER_PORT + "\n");
        lab.server(1)
                .sysctl("net.ipv4.conf.all.arp_announce=0", "net.ipv4.conf." + LabPlan.SERVER_PORT + ".arp_announce=0");
        lab.server(1).ip("neigh flush dev " + LabPlan.SERVER_PORT + "\n");
        // It asks for a neighbour, all hear it, and its question names the address as its own.
        lab.server(1).run("ping", "-c", "1", "-W", "1", "-I", own, LabPlan.server4(2));

        director.awaitUntil(LIMIT, () -> status().contains("the director's address " + own + " is also claimed by"));
    }
}
