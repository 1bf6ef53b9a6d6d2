package io.weir.control.vrrp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.health.Checkers;
import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.KeepalivedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // the folder is made before each test
class LinksTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    private Path folder;

    private void carrier(String value) throws IOException {
        Files.createDirectories(folder.resolve("e0"));
        Files.writeString(folder.resolve("e0").resolve("carrier"), value);
    }

    private Links links(String delays, String more) throws IOException {
        final Path file = folder.resolve("keepalived.conf");
        Files.writeString(
                file,
                "interface_up_down_delays {\n" + delays + "\n}\nvrrp_instance V {\ninterface e0\nvirtual_router_id 1\n"
                        + "virtual_ipaddress {\n192.0.2.1\n}\n" + more + "\n}\n");
        final KeepalivedConfig config =
                KeepalivedReader.read(file, "main", Checkers.kinds()).config();
        final Links links = new Links(folder);
        links.reload(config, 0);
        return links;
    }

    @Test
    void shouldTakeAChangeForOneOnlyWhenItLasts() throws IOException {
        carrier("1");
        final Links links = links("e0 1.5 0.5", "");
        assertTrue(links.isUp("e0"));
        carrier("0");
        links.look(SECOND);
        links.look(2 * SECOND);
        assertTrue(links.isUp("e0"));
        carrier("1");
        links.look(2 * SECOND + SECOND / 4);
        carrier("0");
        links.look(3 * SECOND);
        links.look(4 * SECOND);
        assertTrue(links.isUp("e0"));
        links.look(4 * SECOND + SECOND / 2);
        assertFalse(links.isUp("e0"));

        carrier("1");
        links.look(5 * SECOND);
        assertFalse(links.isUp("e0"));
        links.look(5 * SECOND + SECOND / 2);
        assertTrue(links.isUp("e0"));
    }

    /** Two adverts of a second, though the file says a minute. */
    @Test
    void shouldNotWaitUntilAMasterWouldBeMissed() throws IOException {
        carrier("1");
        final Links links = links("e0 60", "advert_int 1");
        assertTrue(links.isUp("e0"));
        carrier("0");
        links.look(SECOND);
        links.look(3 * SECOND - 1);
        assertTrue(links.isUp("e0"));
        links.look(3 * SECOND);
        assertFalse(links.isUp("e0"));
    }

    @Test
    void shouldSeeWhoHasNoDelayAtOnce() throws IOException {
        final Links links = links("e1 60", "");
        assertFalse(links.isUp("e0"));
        carrier("1");
        links.look(1);
        assertTrue(links.isUp("e0"));
    }
}
