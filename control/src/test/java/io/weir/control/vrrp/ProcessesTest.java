package io.weir.control.vrrp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.control.keepalived.KeepalivedConfig.ParameterMatch;
import io.weir.control.keepalived.KeepalivedConfig.TrackProcess;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessesTest {
    /** What is wanted; how; the process: its name, then its command line. */
    @ParameterizedTest
    @CsvSource({
        "nginx, , false, nginx|nginx: master process, true",
        "ngin, , false, nginx|nginx, false",
        "a-name-of-twenty-chars, , false, a-name-of-twent|/x, true",
        "/usr/sbin/nginx, , true, nginx|/usr/sbin/nginx|-g, true",
        "/usr/sbin/nginx, , true, nginx|nginx, false",
        "/bin/d|-a|-b, , false, d|/bin/d|-a|-b, true",
        "/bin/d|-a|-b, , false, d|/bin/d|-a|-b|-c, false",
        "/bin/d|-a|-b, PARTIAL, false, d|/bin/d|-a|-b|-c, true",
        "/bin/d|-a|-b, PARTIAL, false, d|/bin/d|-a, false",
        "/bin/d|-a|-b, INITIAL, false, d|/bin/d|-a|-bcd, true",
        "/bin/d|-a|-b, INITIAL, false, d|/bin/d|-ab|-b, false",
        "/bin/d, PARTIAL, false, d|/bin/d, true",
        "/bin/d, PARTIAL, false, d|/bin/d|-a, false",
        "/bin/d, , true, d, false",
    })
    void shouldKnowItsProcesses(String wanted, ParameterMatch match, boolean full, String process, boolean matches) {
        final TrackProcess settings = new TrackProcess(
                "p", List.of(wanted.split("\\|", -1)), match, 1, false, 1, Integer.MAX_VALUE, 0, 0, full);
        assertEquals(matches, Processes.matches(settings, List.of(process.split("\\|", -1))));
    }
}
