package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.OverloadRule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays choices that the kernel (Linux 6.1) made, recorded in {@code golden/*.txt}.
 *
 * <p>A file is {@code scheduler NAME flags N}, edits ({@code -a LETTER ADDRESS PORT WEIGHT [UPPER LOWER]}, {@code -e},
 * {@code -d LETTER}), and runs: a capital is a choice and its connection, {@code -} a refusal, a small letter an active
 * connection that turned inactive, {@code +a} one that turned active again, {@code !a} an inactive one that ended. Where
 * the choice depends on addresses there is one to a line, behind the client ({@code address:port}) or the destination
 * address in hexadecimal digits.
 */
class SchedulerGoldenTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rr-edits",
                "rr-threshold",
                "wrr-edits",
                "wrr-threshold",
                "lc-edits",
                "wlc-edits",
                "wlc-threshold",
                "wlc-udp",
                "sed-edits",
                "nq-edits",
                "fo-edits",
                "ovf-edits",
                "lblc-edits",
                "lblcr-edits",
                "dh-edits",
                "sh-edits",
                "sh-fallback",
                "sh-port",
                "sh-ipv6",
                "sh-ipv6-port",
                "mh-edits",
                "mh-unequal",
                "mh-fallback",
                "mh-port",
                "mh-ipv6",
                "mh-ipv6-port"
            })
    void shouldChooseAsTheKernelDid(String recording) throws IOException {
        final List<String> lines = lines(recording);
        final String[] head = lines.get(0).split(" ", -1);
        final TestService service = new TestService(head[1], Integer.parseInt(head[3]));
        for (int i = 1; i < lines.size(); i++) {
            final String line = lines.get(i);
            final String where = recording + ".txt line " + (i + 1);
            if (line.matches("-[aed] .*")) {
                edit(service, line.split(" ", -1));
            } else if (line.contains(" ")) {
                final int space = line.indexOf(' ');
                address(service.flow(), line.substring(0, space));
                replay(service, line.substring(space + 1), where);
            } else {
                replay(service, line, where);
            }
        }
    }

    private static List<String> lines(String recording) throws IOException {
        try (InputStream in = SchedulerGoldenTest.class.getResourceAsStream("golden/" + recording + ".txt")) {
            assertNotNull(in, recording);
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        }
    }

    private static void edit(TestService service, String[] words) {
        final int slot = words[1].charAt(0) - 'A';
        if (words[0].equals("-d")) {
            service.delete(slot);
            return;
        }
        final Destination destination = new Destination(
                slot,
                IpAddress.parse(words[2]),
                Integer.parseInt(words[3]),
                Integer.parseInt(words[4]),
                3,
                words.length > 5 ? Integer.parseInt(words[5]) : 0,
                words.length > 5 ? Integer.parseInt(words[6]) : 0,
                Destination.Tunnel.IPIP);
        if (words[0].equals("-a")) {
            service.add(destination);
        } else {
            service.edit(destination);
        }
    }

    private static void address(Flow flow, String text) {
        final boolean client = text.contains(":");
        final String digits = client ? text.substring(0, text.indexOf(':')) : text;
        final boolean ipv6 = digits.length() == 32;
        final long hi = ipv6 ? Long.parseUnsignedLong(digits.substring(0, 16), 16) : 0;
        final long lo = ipv6
                ? Long.parseUnsignedLong(digits.substring(16), 16)
                : IpAddress.v4(Integer.parseUnsignedInt(digits, 16));
        if (client) {
            flow.srcHi = hi;
            flow.srcLo = lo;
            flow.srcPort = Integer.parseInt(text.substring(text.indexOf(':') + 1), 16);
        } else {
            flow.dstHi = hi;
            flow.dstLo = lo;
        }
    }

    private static void replay(TestService service, String run, String where) {
        for (int i = 0; i < run.length(); i++) {
            final char c = run.charAt(i);
            if (c == '+') {
                turn(service, run.charAt(++i) - 'a', 1);
            } else if (c == '!') {
                end(service, run.charAt(++i) - 'a');
            } else if (c >= 'a') {
                turn(service, c - 'a', -1);
            } else {
                final int chosen = service.open();
                assertEquals(c, chosen == Scheduler.NONE ? '-' : (char) ('A' + chosen), where + ", column " + (i + 1));
            }
        }
    }

    private static void turn(TestService service, int slot, int active) {
        service.active(slot, active);
        service.inactive(slot, -active);
    }

    private static void end(TestService service, int slot) {
        service.inactive(slot, -1);
        if (service.has(slot) && OverloadRule.clearsAtUnbind(service.inSlot(slot), service.load())) {
            service.overloaded(slot, false);
        }
    }
}
