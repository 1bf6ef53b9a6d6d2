package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private VrrpLab lab;

    @BeforeEach
    void setUp() throws IOException {
        lab = new VrrpLab();
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({"2,false", "3,false", "3,true"})
    void shouldBeMasterOverALowerKeepalivedAndLeaveToIt(int version, boolean ipv6) throws IOException {
        final Background keepalived = lab.startKeepalived(VrrpLab.configuration(version, ipv6, 100, ""));
        lab.awaitPeer(keepalived, "MASTER");
        assertEquals("k", lab.owner(ipv6));

        final Background ours = lab.startWeir(VrrpLab.configuration(version, ipv6, 150, ""));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");
        assertEquals("w", lab.owner(ipv6));

        ours.close();
        lab.awaitPeer(keepalived, "MASTER");
        assertEquals("k", lab.owner(ipv6));
    }

    @ParameterizedTest
    @CsvSource({"2,false", "3,false", "3,true"})
    void shouldBeBackupOfAHigherKeepalivedAndFollowIt(int version, boolean ipv6) throws IOException {
        final Background ours = lab.startWeir(VrrpLab.configuration(version, ipv6, 100, ""));
        lab.awaitWeir("MASTER");

        final Background keepalived = lab.startKeepalived(VrrpLab.configuration(version, ipv6, 150, ""));
        lab.awaitPeer(keepalived, "MASTER");
        lab.awaitWeir("BACKUP");
        assertEquals("k", lab.owner(ipv6));

        keepalived.kill();
        lab.peer().ip("addr flush dev e0\n");
        lab.awaitWeir("MASTER");
        assertEquals("w", lab.owner(ipv6));
    }

    @Test
    void shouldSpeakUnicastWithKeepalived() throws IOException {
        final Background keepalived = lab.startKeepalived(
                VrrpLab.configuration(2, false, 100, "unicast_src_ip 192.0.2.2\nunicast_peer {\n192.0.2.1\n}"));
        lab.awaitPeer(keepalived, "MASTER");

        final Background ours = lab.startWeir(
                VrrpLab.configuration(2, false, 150, "unicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2\n}"));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");
    }

    /** Two masters, as keepalived would be: each believes itself alone, and both say so in their log. */
    @Test
    void shouldNotListenToAWrongPassword() throws IOException {
        final Background ours = lab.startWeir(VrrpLab.configuration(2, false, 100, ""));
        lab.awaitWeir("MASTER");
        lab.startKeepalived(VrrpLab.configuration(2, false, 200, "").replace("1111", "2222"));

        ours.awaitUntil(VrrpLab.LIMIT, () -> ours.output().contains("wrong password"));
        assertTrue(lab.weirIs("VI_1", "MASTER"), lab::health);
    }

    @Test
    void shouldFailOverWhenATrackedScriptFails() throws IOException {
        final Path flag = lab.folder().resolve("flag");
        Files.writeString(flag, "");
        final Background ours = lab.startWeir(
                "vrrp_script flag {\nscript \"/usr/bin/test -e " + flag + "\"\ninterval 1\nfall 2\nrise 1\n}\n"
                        + VrrpLab.configuration(2, false, 150, "track_script {\nflag\n}"));
        final Background keepalived = lab.startKeepalived(VrrpLab.configuration(2, false, 100, ""));
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");

        Files.delete(flag);
        lab.awaitWeir("FAULT");
        lab.awaitPeer(keepalived, "MASTER");

        Files.writeString(flag, "");
        lab.awaitWeir("MASTER");
        lab.awaitPeer(keepalived, "BACKUP");
        assertFalse(ours.output().contains("event=bug"), ours::output);
    }
}
