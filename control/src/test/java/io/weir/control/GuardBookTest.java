package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.state.DirectorState;
import io.weir.dataplane.io.GuardRules;
import io.weir.packet.IpAddress;
import io.weir.service.VirtualService;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GuardBookTest {
    private final DirectorCommands commands = new DirectorCommands();
    private final GuardBook book = new GuardBook();

    private void run(String line) {
        assertEquals("", commands.problemOf(line).orElse(""));
    }

    private List<VirtualService> published() {
        final DirectorState.Tables tables = commands.state().tables();
        return tables.services().services();
    }

    private static Set<IpAddress> vips(List<VirtualService> services) {
        final Set<IpAddress> vips = new LinkedHashSet<>();
        services.forEach(service -> vips.add(service.key().address()));
        return vips;
    }

    private GuardRules.Change update() {
        final List<VirtualService> services = published();
        final GuardRules.Change change = book.update(services, vips(services), List.of(), List.of());
        return Objects.requireNonNull(change);
    }

    @Test
    void shouldSayOnlyWhatChanged() {
        run("-A -t 192.0.2.1:80 -s rr");
        run("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m");
        run("-A -t 192.0.2.2:80 -s rr");
        run("-a -t 192.0.2.2:80 -r 10.0.0.1:80 -m");
        final GuardRules.Change first = update();
        assertEquals(2, first.newVips().size());
        assertEquals(1, first.replies().added().size());

        run("-e -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 7");
        assertTrue(update().isEmpty());

        run("-d -t 192.0.2.1:80 -r 10.0.0.1:80");
        assertTrue(update().isEmpty(), "the other service still has it");

        run("-a -t 192.0.2.2:80 -r 10.0.0.2:80 -m");
        assertEquals(1, update().replies().added().size());
    }

    @Test
    void shouldAskForAllWhenTheHostsAddressesChange() {
        run("-A -t 192.0.2.1:80 -s rr");
        update();
        final List<VirtualService> services = published();
        assertNull(book.update(services, vips(services), List.of(), List.of(IpAddress.parse("10.9.9.9"))));
    }

    /** Whatever the order of changes, the book ends where a new one begins. */
    @Test
    void shouldAddUpToTheWhole() {
        final Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            final String service = "-t 192.0.2." + (1 + random.nextInt(5)) + ":80";
            final String server = "10.0.0." + (1 + random.nextInt(5)) + ":" + (80 + random.nextInt(2));
            final String line =
                    switch (random.nextInt(5)) {
                        case 0 -> "-A " + service + " -s rr";
                        case 1 -> "-D " + service;
                        case 2 -> "-d " + service + " -r " + server;
                        default -> "-a " + service + " -r " + server + (random.nextBoolean() ? " -m" : " -g");
                    };
            if (commands.problemOf(line).isEmpty() && random.nextBoolean()) {
                final List<VirtualService> services = published();
                final GuardRules.Change change = book.update(services, vips(services), List.of(), List.of());
                assertTrue(change == null || change.newVips().size() <= 5);
            }
        }
        final List<VirtualService> services = published();
        final GuardRules.Change last = book.update(services, vips(services), List.of(), List.of());
        assertTrue(last == null || last.newVips().size() <= 5);
        final GuardBook fresh = new GuardBook();
        assertNotNull(fresh.update(services, vips(services), List.of(), List.of()));
        assertEquals(
                Set.copyOf(fresh.rules(List.of()).replies()),
                Set.copyOf(book.rules(List.of()).replies()));
        assertEquals(
                Set.copyOf(fresh.rules(List.of()).services()),
                Set.copyOf(book.rules(List.of()).services()));
    }

    private Set<String> replies() {
        update();
        return book.rules(List.of()).replies().stream()
                .map(each -> each.address() + " " + each.protocol() + " " + each.port())
                .collect(Collectors.toSet());
    }

    @Test
    void shouldExpectAnFtpServersDataConnectionsFromAnyPort() {
        run("-A -t 192.0.2.1:21 -s rr");
        run("-a -t 192.0.2.1:21 -r 10.0.0.1:2121 -m");
        run("-a -t 192.0.2.1:21 -r 10.0.0.2:21 -g");
        assertEquals(Set.of("10.0.0.1 6 0"), replies());
    }

    @Test
    void shouldExpectAnswersOfEveryProtocolFromTheServersOfAMark() {
        run("-A -f 7 -s rr");
        run("-a -f 7 -r 10.0.0.1:80 -m");
        assertEquals(Set.of("10.0.0.1 6 80", "10.0.0.1 17 80", "10.0.0.1 132 80"), replies());
    }
}
