package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/schedulers.md tells of every scheduler, and its ten connections go where it says. */
class SchedulersPageTest {
    private static final Path PAGE = Path.of("..", "docs", "schedulers.md");
    private static final int CONNECTIONS = 10;
    private static final int SITES = 3;

    static List<String> names() {
        return Schedulers.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldSendTenConnectionsWhereThePageSays(String name) throws IOException {
        assertEquals("Ten connections: `" + example(name) + "`", lineOf(name, "Ten connections: "));
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldSayOfEachHowItDecidesAndWhatItCosts(String name) throws IOException {
        for (final String part : List.of("*Ties*: ", "*Cost*: ", "*Use it*: ", "*Source*: ", "```")) {
            assertTrue(!lineOf(name, part).isEmpty(), name + " lacks " + part);
        }
    }

    @Test
    void shouldTellOfTheRegistrysAndInItsOrder() throws IOException {
        final List<String> sections = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("### "))
                .map(line -> line.substring("### ".length()))
                .toList();
        assertEquals(Schedulers.names(), sections);
    }

    /**
     * A has weight 1, B 2, C 3. Client n of ten, each with an address of its own, asks for one of three sites; none of the
     * connections ends.
     */
    private static String example(String name) {
        final TestService service = new TestService(name).add(1, 2, 3);
        final List<String> letters = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            service.from("198.51.100." + (i + 1), 40_000);
            service.flow().dstLo = IpAddress.v4(0xCB00_7101 + i % SITES);
            final int slot = service.open();
            letters.add(slot == Scheduler.NONE ? "-" : Character.toString('A' + slot));
        }
        return String.join(" ", letters);
    }

    /** The first line of a scheduler's section that begins so, or "". */
    private static String lineOf(String name, String start) throws IOException {
        final List<String> lines = Files.readAllLines(PAGE);
        final int from = lines.indexOf("### " + name);
        assertTrue(from >= 0, "no section: name=" + name);
        for (int i = from + 1; i < lines.size() && !lines.get(i).startsWith("##"); i++) {
            if (lines.get(i).startsWith(start)) {
                return lines.get(i);
            }
        }
        return "";
    }
}
