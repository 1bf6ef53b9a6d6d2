package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.config.ConfigException;
import io.weir.control.config.WeirConfig.Sysctl;
import io.weir.control.keepalived.KeepalivedConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator of LVS has told the kernel in sysctl.conf. */
class SysctlWordsTest {
    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "sysctl", ".conf"), text);
    }

    @Test
    void shouldTakeItsOwnLinesOfSysctlConfAndLetWordsHaveTheLastWord() throws Exception {
        final Path first = file("# LVS\n\n; old\nnet.ipv4.ip_forward = 1\nnet.ipv4.vs.conntrack=1\n"
                + "net/ipv4/vs/sync_threshold = 2\t50\n-net.ipv4.vs.of_tomorrow = 7\nkernel.panic\n");
        final Path second = file("net.ipv4.vs.expire_nodest_conn = 1\nnet.ipv4.vs.conntrack = 0\n");

        final Map<String, Sysctl> read =
                SysctlWords.read(List.of(first, second), List.of("sync_refresh_period=10", "net.ipv4.vs.conntrack=1"));

        assertEquals(
                Map.of(
                        "conntrack",
                        new Sysctl(0, "1"),
                        "sync_threshold",
                        new Sysctl(6, "2 50"),
                        "expire_nodest_conn",
                        new Sysctl(1, "1"),
                        "sync_refresh_period",
                        new Sysctl(0, "10")),
                read);
        final Wanted wanted = Wanted.of(
                "keepalived.conf", "", KeepalivedPlan.config("weir", KeepalivedConfig.EMPTY, List.of("lo"), read));
        assertEquals("2\t50", wanted.commands().state().sysctls().text("sync_threshold"));
    }

    @Test
    void shouldSayWhichLineTheKernelWouldNotTake() throws Exception {
        final Path file = file("net.ipv4.vs.conntrack=1\nnet.ipv4.vs.sync_treshold = 2 50\n");
        final ConfigException refused =
                assertThrows(ConfigException.class, () -> SysctlWords.read(List.of(file), List.of()));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(file + ":2: sync_treshold: "), refused::getMessage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sync_threshold", "=1", "sync_threshold=fifty", "conntrack=", "nothing=1"})
    void shouldRefuseOtherWords(String word) {
        final ConfigException refused =
                assertThrows(ConfigException.class, () -> SysctlWords.read(List.of(), List.of(word)));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("--sysctl: "), refused::getMessage);
    }

    @Test
    void shouldMissAFile() {
        assertThrows(ConfigException.class, () -> SysctlWords.read(List.of(folder.resolve("none")), List.of()));
    }
}
