package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.TableLines;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Thousands of broken commands: each gets lines of reason, none an exception, none changes anything. */
class BadInputTest {
    private static final long SEED = 20_261_121;
    private static final int COMMANDS = 20_000;
    private static final List<String> WORDS = List.of(
            "-A",
            "-E",
            "-D",
            "-a",
            "-e",
            "-d",
            "-C",
            "-L",
            "-Ln",
            "-Z",
            "-S",
            "-R",
            "-P",
            "-Q",
            "-G",
            "-h",
            "-v",
            "-t",
            "-u",
            "-f",
            "-s",
            "-p",
            "-M",
            "-r",
            "-m",
            "-g",
            "-i",
            "-b",
            "-w",
            "-x",
            "-y",
            "-n",
            "-c",
            "-6",
            "-o",
            "-X",
            "--set",
            "--start-daemon",
            "--stop-daemon",
            "master",
            "backup",
            "--mcast-interface",
            "lo",
            "--syncid",
            "--pe",
            "sip",
            "--tun-type",
            "gue",
            "gre",
            "--tun-port",
            "--tun-csum",
            "--stats",
            "--rate",
            "--exact",
            "--sort",
            "--nosort",
            "--thresholds",
            "--timeout",
            "--daemon",
            "--persistent-conn",
            "--slow-start",
            "--table-size",
            "--load-bound",
            "--toa",
            "--shadow",
            "192.0.2.1:80",
            "192.0.2.1",
            "[2001:db8::1]:80",
            "10.0.0.1:8080",
            "10.0.0.1",
            "0",
            "1",
            "-1",
            "65536",
            "4294967296",
            "rr",
            "wlc",
            "mh",
            "nonsense",
            "",
            " ",
            "255.255.255.0",
            "\u00e9",
            "--",
            "-",
            "---x",
            "sh-port",
            "%s%n",
            "999999999999999999999",
            "0x10",
            "-tunnel",
            "-Lnc",
            "-t192.0.2.1:80");

    private final Random random = new Random(SEED);

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static String table(DirectorCommands commands) {
        return TableLines.all(commands.state());
    }

    @Test
    void shouldRefuseBadCommandsAndChangeNothing() {
        final DirectorCommands commands = new DirectorCommands(1024, 64, new NoNames());
        assertEquals("", commands.problemOf("-A -t 192.0.2.1:80 -s wrr").orElse(""));
        assertEquals(
                "", commands.problemOf("-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m").orElse(""));
        int refused = 0;
        for (int i = 0; i < COMMANDS; i++) {
            final List<String> words = new ArrayList<>();
            final int count = 1 + random.nextInt(9);
            for (int j = 0; j < count; j++) {
                words.add(any(WORDS));
            }
            final String before = table(commands);
            final Ipvsadm.Result result = commands.execute(commands.prepare(words, ""), DirectorCommands.Turn::take);
            if (result.status() != 0) {
                refused++;
                assertEquals(before, table(commands), words::toString);
                assertFalse((result.err() + result.out()).isEmpty(), words::toString);
                assertFalse(result.err().contains("Exception"), words::toString);
            }
        }
        assertTrue(refused > COMMANDS / 2, "refused=" + refused);
    }
}
