package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SysctlsTest {
    @Test
    void shouldStartWithTheKernelsDefaults() {
        assertEquals(1, Sysctls.DEFAULTS.connReuseMode());
        assertTrue(Sysctls.DEFAULTS.pmtuDisc());
        assertFalse(Sysctls.DEFAULTS.sloppyTcp());
        assertEquals("3\t50", Sysctls.DEFAULTS.text("sync_threshold"));
        assertEquals(29, Sysctls.names().size());
    }

    @Test
    void shouldChangeACopy() {
        final Sysctls changed =
                Sysctls.DEFAULTS.with("net.ipv4.vs.sloppy_tcp", 1).with("sync_threshold", "0 0");
        assertTrue(changed.sloppyTcp());
        assertEquals("0\t0", changed.text("sync_threshold"));
        assertFalse(Sysctls.DEFAULTS.sloppyTcp());
        assertEquals(Sysctls.DEFAULTS, changed.with("net/ipv4/vs/sloppy_tcp", 0).with("sync_threshold", "3 50"));
    }

    @ParameterizedTest
    @CsvSource({"drop_entry, 4", "sync_version, 2", "sync_ports, 3", "sync_threshold, 50 50", "sloppy_tcp, x"})
    void shouldRefuseWhatTheKernelRefuses(String name, String value) {
        final String message =
                message(assertThrows(IllegalArgumentException.class, () -> Sysctls.DEFAULTS.with(name, value)));
        assertTrue(message.startsWith("invalid value for sysctl " + name + ": "), message);
    }

    @Test
    void shouldNameTheKnownOnes() {
        final String message =
                message(assertThrows(IllegalArgumentException.class, () -> Sysctls.DEFAULTS.with("nosuch", "1")));
        assertTrue(message.startsWith("unknown sysctl nosuch; known are am_droprate, "), message);
    }

    private static String message(Throwable thrown) {
        return String.valueOf(thrown.getMessage());
    }
}
