package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.config.ConfigException;
import io.weir.control.ipvsadm.TableLines;
import io.weir.control.plan.Difference;
import io.weir.control.plan.Step;
import io.weir.control.state.ConnectionInfo;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LiveConfigTest {
    private static final String HEAD = "interfaces: [{device: 'tun:w0'}]\n";
    private static final String ONE = HEAD
            + """
            services:
              - virtual: tcp 192.0.2.1:80
                scheduler: mh
                forward: tun
                servers: [{address: 10.0.0.1}, {address: 10.0.0.2}]
            """;

    private static Wanted wanted(String yaml) throws ConfigException {
        return Wanted.of("weir.yaml", yaml);
    }

    private static String table(LiveConfig live) {
        return TableLines.all(live.commands().state());
    }

    @Test
    void shouldSayWhatWouldChangeAndWhomItTouches() throws Exception {
        final LiveConfig live = new LiveConfig(wanted(ONE));
        final String before = table(live);
        final List<ConnectionInfo> connections = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            connections.add(new ConnectionInfo(
                    6,
                    false,
                    IpAddress.parse("198.51.100." + i),
                    1000 + i,
                    IpAddress.parse("192.0.2.1"),
                    80,
                    IpAddress.parse("10.0.0.1"),
                    80,
                    "ESTABLISHED",
                    900,
                    null,
                    null));
        }

        final String plan = live.plan(
                wanted(ONE.replace("{address: 10.0.0.2}", "{address: 10.0.0.3, weight: 2}") + "ring: {slots: 512}\n"),
                connections);

        assertTrue(plan.contains("- -d -t 192.0.2.1:80 -r 10.0.0.2:80   0 connections break\n"), plan);
        assertTrue(plan.contains("+ -a -t 192.0.2.1:80 -r 10.0.0.3:80 -i -w 2"), plan);
        assertTrue(plan.matches("(?s).* mh: [1-9]\\d* of 100 connected clients move to another server.*"), plan);
        assertTrue(plan.contains("connections: 0 break, 0 drain\n"), plan);
        assertTrue(plan.contains("! at the next start: ring\n"), plan);
        assertEquals(before, table(live));
        assertEquals("no difference\n", live.plan(wanted("# moved a line\n" + ONE), connections));
    }

    @Test
    void shouldTakeOverAndGoBack() throws Exception {
        final LiveConfig live = new LiveConfig(wanted(ONE));
        final String before = table(live);
        final RunException e = assertThrows(RunException.class, live::undo);
        assertTrue(String.valueOf(e.getMessage()).contains("nothing to undo"));

        assertEquals("3 changes\n", live.apply(wanted(ONE.replace("mh", "rr").replace("10.0.0.1", "10.0.0.9"))));
        assertTrue(table(live).contains("-A -t 192.0.2.1:80 -s rr\n"), table(live));

        assertEquals("3 changes\n", live.undo());
        // The order of servers is theirs of coming; what they are is as before.
        assertEquals(
                before.lines().sorted().toList(), table(live).lines().sorted().toList());
        live.undo();
        assertTrue(table(live).contains("10.0.0.9"), table(live));
    }

    @Test
    void shouldTakeSettingsOverToo() throws Exception {
        final LiveConfig live = new LiveConfig(wanted(ONE));
        final Wanted next = wanted(ONE + "timeouts: {tcp: 77}\nsysctls: {sloppy_tcp: 1}\n");
        final String plan = live.plan(next, List.of());
        assertTrue(plan.contains("~ sysctls\n") && plan.contains("~ --set 77 "), plan);
        live.apply(next);
        assertEquals(77, live.commands().state().timeouts().tcpSeconds());
        assertEquals("no difference\n", live.plan(next, List.of()));
        live.undo();
        assertEquals("no difference\n", live.plan(wanted(ONE), List.of()));
    }

    /** From any table to any other, and nothing left to do afterwards. */
    @Test
    void shouldLeadFromAnyTableToAnyOther() {
        final Random random = new Random(11);
        for (int i = 0; i < 300; i++) {
            final DirectorCommands from = random(random);
            final DirectorCommands to = random(random);
            for (Step step : Difference.between(from.state(), to.state())) {
                assertEquals("", from.problemOf(step.line()).orElse(""), step.line());
            }
            assertEquals(List.of(), Difference.between(from.state(), to.state()));
            final DirectorCommands copy = new DirectorCommands();
            TableLines.all(to.state())
                    .lines()
                    .forEach(line -> assertTrue(copy.problemOf(line).isEmpty(), line));
            assertEquals(TableLines.all(to.state()), TableLines.all(copy.state()));
        }
    }

    private static DirectorCommands random(Random random) {
        final DirectorCommands commands = new DirectorCommands();
        final String[] services = {"-t 192.0.2.1:80", "-t [2001:db8::1]:80", "-u 192.0.2.1:53", "-f 7", "-f 7 -6"};
        for (String service : services) {
            if (random.nextInt(3) == 0) {
                continue;
            }
            final boolean six = service.contains("[") || service.endsWith("-6");
            final String[] options = {" -s rr", " -s mh -b mh-port", " -s wlc -p 300", " -s sh -p 60 --pe sip"};
            final boolean udp = service.startsWith("-u");
            must(commands, "-A " + service + options[random.nextInt(udp ? 4 : 3)]);
            if (random.nextBoolean()) {
                must(commands, "-P " + service + " -z 10.9.0." + (1 + random.nextInt(3)));
            }
            for (int i = 1; i <= 3; i++) {
                final String[] methods = {" -g", " -m -w 0", " -i --tun-type gue --tun-port 6080 -w 5", " -m -x 9 -y 3"
                };
                if (random.nextBoolean()) {
                    final String server = six ? "[fd00::" + i + "]:80" : "10.0.0." + i + ":80";
                    must(commands, "-a " + service + " -r " + server + methods[random.nextInt(4)]);
                }
            }
        }
        if (random.nextBoolean()) {
            must(commands, "--set 100 20 30");
        }
        return commands;
    }

    private static void must(DirectorCommands commands, String line) {
        assertEquals("", commands.problemOf(line).orElse(""), line);
    }

    @Test
    void shouldSayThatSyncDaemonsWaitForTheNextStart() throws Exception {
        final LiveConfig live = new LiveConfig(wanted(ONE));
        final String plan = live.plan(wanted(ONE + "sync: [{role: master, interface: lo}]\n"), List.of());
        assertTrue(plan.endsWith("! at the next start: sync\n"), plan);
    }
}
