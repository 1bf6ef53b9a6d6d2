package io.weir.control.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigReaderTest {
    private static final String INTERFACES = "interfaces: [{device: 'afpacket:eth0'}]\n";

    private static List<String> problems(String yaml) {
        final ConfigException e = assertThrows(ConfigException.class, () -> ConfigReader.parse("weir.yaml", yaml));
        return String.valueOf(e.getMessage()).lines().toList();
    }

    private static List<String> commands(String yaml) throws ConfigException {
        return ConfigReader.parse("weir.yaml", INTERFACES + yaml).commands().stream()
                .map(WeirConfig.SourceLine::text)
                .toList();
    }

    @Test
    void shouldTranslateServicesToRestoreLines() throws ConfigException {
        final List<String> lines = commands(
                """
                services:
                  - virtual: tcp 203.0.113.10:80
                    scheduler: wrr
                    shadow: [sed, lc]
                    persistence: 300
                    forward: nat
                    servers:
                      - 10.0.0.2:8080
                      - {address: '10.0.0.3:8080', weight: 3, upper_threshold: 100, lower_threshold: 50}
                      - {address: 10.0.0.4, forward: dr}
                  - virtual: udp [2001:db8::1]:53
                    one_packet: true
                    servers: [{address: '[fd00::2]:53', forward: tun, tunnel: gue, tunnel_port: 6080}]
                  - virtual: mark 7 ipv6
                """);

        assertEquals(
                List.of(
                        "-A -t 203.0.113.10:80 -s wrr --shadow sed,lc -p 300",
                        "-a -t 203.0.113.10:80 -r 10.0.0.2:8080 -m -w 1",
                        "-a -t 203.0.113.10:80 -r 10.0.0.3:8080 -m -w 3 -x 100 -y 50",
                        "-a -t 203.0.113.10:80 -r 10.0.0.4 -g -w 1",
                        "-A -u [2001:db8::1]:53 -s wlc -o",
                        "-a -u [2001:db8::1]:53 -r [fd00::2]:53 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
                        "-A -f 7 -6 -s wlc"),
                lines);
    }

    @Test
    void shouldHandOnWhatAServiceTellsItsScheduler() throws ConfigException {
        final WeirConfig config = ConfigReader.parse(
                "weir.yaml",
                """
                interfaces: [{device: 'tun:weir0'}]
                services:
                  - {virtual: 'tcp 203.0.113.10:80', scheduler: maglev, table_size: 655373, slow_start: 30s}
                  - {virtual: 'tcp 203.0.113.11:80', scheduler: conhash, load_bound: 150, slow_start: 2m}
                """);
        assertEquals(
                List.of(
                        "-A -t 203.0.113.10:80 -s maglev --table-size 655373 --slow-start 30",
                        "-A -t 203.0.113.11:80 -s conhash --load-bound 150 --slow-start 120"),
                config.commands().stream().map(WeirConfig.SourceLine::text).toList());
        final ConfigException refused = assertThrows(
                ConfigException.class,
                () -> ConfigReader.parse(
                        "weir.yaml",
                        """
                        interfaces: [{device: 'tun:weir0'}]
                        services: [{virtual: 'tcp 203.0.113.10:80', slow_start: soon}]
                        """));
        assertTrue(String.valueOf(refused.getMessage()).contains("for example 30s, not 'soon'"));
    }

    @Test
    void shouldKeepRuleLinesAsTheyAre() throws ConfigException {
        assertEquals(List.of("-A -t 1.2.3.4:80 -s rr"), commands("rules: ['-A -t 1.2.3.4:80 -s rr']\n"));
    }

    @Test
    void shouldTakeDefaults() throws ConfigException {
        final WeirConfig config = ConfigReader.parse("weir.yaml", INTERFACES + "services: []\n");

        assertEquals("weir", config.name());
        assertEquals(1 << 20, config.table().size());
        assertEquals("eth0", config.interfaces().get(0).name());
        assertTrue(config.routes().isEmpty());
    }

    @Test
    void shouldNameLineFieldAndWhatIsAllowed() {
        assertEquals(
                List.of(
                        "weir.yaml:4: services[0].servers[0].weight: must be a number from 0 to 2147483647, not 'many'"),
                problems(
                        INTERFACES
                                + """
                        services:
                          - virtual: tcp 1.2.3.4:80
                            servers: [{address: '10.0.0.1:80', weight: many}]
                        """));
    }

    @Test
    void shouldReportAllProblemsAtOnce() {
        final List<String> lines = problems(
                """
                nmae: x
                interfaces:
                  - device: eth0
                  - device: afpacket:eth1
                  - device: afpacket:eth1
                neighbours:
                  - {address: 10.0.0.1, mac: '02:00', interface: eth9}
                ring: {profile: fast}
                worker: {cpu: 2000, idle: nap}
                services: yes
                """);

        assertEquals(
                List.of(
                        "weir.yaml:3: interfaces[0].device: must be auto:INTERFACE, afpacket:INTERFACE, xdp:INTERFACE or tun:NAME (at most 15 characters),"
                                + " not 'eth0'",
                        "weir.yaml:5: interfaces[2].device: interface eth1 is listed twice",
                        "weir.yaml:7: neighbours[0].interface: must be one of the interfaces above [eth1], not 'eth9'",
                        "weir.yaml:7: neighbours[0].mac: must be six bytes in hex with colons, not '02:00'",
                        "weir.yaml:8: ring.profile: must be one of latency, throughput, not 'fast'",
                        "weir.yaml:9: worker.cpu: must be from 0 to 1023, not 2000",
                        "weir.yaml:9: worker.idle: must be one of backoff, park, spin, not 'nap'",
                        "weir.yaml:10: services: must be a list (lines that begin with '- '), not 'yes'",
                        "weir.yaml:1: nmae: unknown field; allowed here: schedulers, name, interfaces, routes"),
                lines.stream()
                        .map(line -> line.replaceAll("(allowed here: schedulers, name, interfaces, routes).*", "$1"))
                        .toList());
    }

    @Test
    void shouldRefuseWhatIsNotYaml() {
        assertTrue(problems("a: [1\nb: 2\n").get(0).matches("weir\\.yaml:\\d+: not YAML: .*"));
    }

    @Test
    void shouldRefuseAFieldGivenTwice() {
        assertEquals(List.of("weir.yaml:2: name: given twice"), problems("name: a\nname: b\n"));
    }

    @Test
    void shouldSayThatAFileIsMissing() {
        final ConfigException e =
                assertThrows(ConfigException.class, () -> ConfigReader.read(Path.of("/nonexistent/weir.yaml")));
        assertEquals("/nonexistent/weir.yaml: no such file", e.getMessage());
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../docs/examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldReadEveryExample(Path file) throws ConfigException {
        final WeirConfig config = ConfigReader.read(file);

        assertTrue(config.commands().size() >= 2, config::toString);
    }

    @Test
    void shouldReadTimeoutsOfAServiceAndOfAServer() throws ConfigException {
        assertEquals(
                List.of(
                        "-A -t 203.0.113.10:80 -s wlc --timeouts established=7200,fin_wait=30",
                        "-a -t 203.0.113.10:80 -r 10.0.0.2:80 -g -w 1 --timeouts established=60"),
                commands(
                        """
                        services:
                          - virtual: tcp 203.0.113.10:80
                            timeouts: {established: 2h, fin_wait: 30}
                            servers: [{address: '10.0.0.2:80', timeouts: {established: 1m}}]
                        """));
        final WeirConfig all = ConfigReader.parse(
                "weir.yaml", INTERFACES + "services: []\ntimeouts: {udp: 30, states: {close: 5s}}\n");
        assertEquals("close=5", all.timeouts().states().text());
    }

    @Test
    void shouldRefuseTimeoutsThatAreNone() {
        final List<String> found = problems(INTERFACES
                + "services: [{virtual: 'tcp 203.0.113.10:80', timeouts: {close: soon, opened: 5s, listen: 32d}}]\n");
        assertEquals(3, found.size(), found::toString);
        assertTrue(found.get(0).contains("must be from 1s to 31d"), found::toString);
    }
}
