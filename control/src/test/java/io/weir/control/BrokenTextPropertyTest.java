package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.architecture.SourceTree;
import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.fuzz.TextSpoiler;
import io.weir.control.health.Checkers;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.TableLines;
import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.LdirectordReader;
import io.weir.control.keepalived.LineReport;
import io.weir.control.keepalived.Statement;
import io.weir.control.keepalived.StatementYaml;
import io.weir.control.mark.MarkRuleParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a file or a command holds: it is taken, or refused with lines that say where; no exception, and nothing of one,
 * reaches the user.
 */
class BrokenTextPropertyTest {
    private static final List<String> YAML_WORDS = List.of(
            "? ",
            "<<: *x",
            "&x ",
            "!!int ",
            "---\n",
            "2147483648",
            "  ",
            "[[[[",
            "{}",
            "services:",
            "- ",
            "null",
            "~",
            "0x1F",
            "1e9",
            ".inf",
            "\"\\0\"",
            "|\n",
            ">-\n",
            "name: ",
            "!!binary aGk=",
            "99999999999999999999");
    private static final List<String> KEEPALIVED_WORDS = List.of(
            "{",
            "}",
            "{ {",
            "include /etc/passwd",
            "include [a",
            "include {x",
            "$A=$B",
            "$A=${A}${A} \\\n${A}",
            "${A}",
            "~SEQ(i, 1, 1, 9) ",
            "~LST({a,b},{1,2}) $a",
            "~SEQ(i,-9223372036854775808,1,9223372036854775807) x",
            "@x ",
            "@^x ",
            "virtual_server group g {",
            "real_server 10.0.0.1 80 {",
            "10.0.0.0-10.9.9.9",
            "10.0.0.0/16 80",
            "weight -1",
            "HTTP_GET {",
            "\"",
            "\"a b",
            "\\",
            "NaN",
            "1e400",
            "-0",
            "vrrp_instance X {",
            "#",
            "!");
    private static final List<String> LDIRECTORD_WORDS = List.of(
            "virtual=",
            "\treal=",
            "real=10.0.0.1->10.0.0.9:80 masq",
            "->",
            "gate",
            "\"x\", \"y\"",
            "99999999999",
            "[::1]:80",
            "fallback=",
            "checktype=",
            "service=",
            "7");
    private static final List<String> MARK_WORDS = List.of(
            "-s",
            "-d",
            "!",
            "-p",
            "--dport",
            "1:2:3",
            ":",
            "-m",
            "multiport",
            "--ports",
            ",",
            "-j",
            "MARK",
            "--set-mark",
            "0x/0x",
            "1/2/3",
            "--or-mark",
            "-1",
            "99999999999999999999",
            "10.0.0.0/33",
            "10.0.0.0/",
            "/8",
            "::/129",
            "+",
            "-i",
            "ACCEPT",
            "--comment",
            "ip6tables",
            "0x1ffffffff",
            "--mark");
    private static final String LDIRECTORD =
            """
            checktimeout=3
            checkinterval=1
            autoreload=yes
            quiescent=no
            emailalert="admin@example.com, root@example.com"
            virtual=192.0.2.6:80
            \tfallback=127.0.0.1:80 gate
            \treal=192.0.2.2:80 gate 5
            \treal=192.0.2.3->192.0.2.9:http masq 10 "index.html", "Test Page"
            \tservice=http
            \tscheduler=wrr
            \tpersistent=600
            \tnetmask=255.255.255.0
            \tprotocol=tcp
            \tchecktype=negotiate
            virtual=7
            \treal=192.0.2.2 ipip
            \tchecktype=external
            \tcheckcommand="/bin/true"
            virtual=[2001:db8::1]:domain
            \treal=[2001:db8::2]:53 masq
            \tprotocol=udp
            \tservice=dns
            """;
    private static final String MARK =
            "iptables -t mangle -A PREROUTING -s 198.51.100.0/24 ! -d 203.0.113.1 -p tcp -m multiport --dports 80,443,8000:8080"
                    + " -i eth+ -m mark --mark 0x1/0xff -j MARK --set-xmark 0x7/0xff";

    private static void assertNothingOfAnException(String said) {
        assertFalse(said.contains("Exception"), said);
        assertFalse(said.contains("java."), said);
        assertFalse(said.contains("\tat "), said);
        assertFalse(said.contains("a bug"), said);
    }

    private static List<String> examples() throws IOException {
        final List<String> texts = new ArrayList<>();
        try (Stream<Path> files = Files.list(SourceTree.root().resolve("docs/examples"))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                // The loopback interface is on every machine: the check goes on to what the table says.
                texts.add(Files.readString(file)
                        .replace("afpacket:eth0", "afpacket:lo")
                        .replace("interface: eth0", "interface: lo"));
            }
        }
        texts.add(
                texts.get(0).replaceAll("(?s)services:.*", "keepalived:\n")
                        + """
                  virtual_server 192.0.2.1 80:
                    lb_algo: rr
                    lb_kind: NAT
                    real_server 10.0.0.1 80: {weight: 1, TCP_CHECK: {connect_timeout: 3}}
                  vrrp_instance VI:
                    interface: lo
                    virtual_router_id: 51
                    virtual_ipaddress: [192.0.2.1]
                """);
        return texts;
    }

    /** Read and held against the machine, as {@code weir check} does; what it would say, or nothing. */
    private static String problems(String text) {
        try {
            ConfigCheck.fill(
                    "weir.yaml", ConfigReader.parse("weir.yaml", text), new DirectorCommands(1024, 64, new NoNames()));
            return "";
        } catch (ConfigException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Property(tries = 2000)
    void shouldRefuseABrokenConfigurationByItsLines(@ForAll long seed) throws IOException {
        final TextSpoiler spoiler = new TextSpoiler(seed, YAML_WORDS);
        final String problems = problems(spoiler.spoil(spoiler.any(examples())));
        assertNothingOfAnException(problems);
        problems.lines().forEach(line -> assertTrue(line.matches("weir\\.yaml(:\\d+)?: .*"), line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "table: {file: \"a\\0b\"}",
                "state: {file: \"\\0\"}",
                "schedulers: {plugins: \"\\0\"}",
                "name: \"a\\nb\"",
                "services: !!binary x",
                "interfaces: [[[[]]]]",
                "a: &a [*a]"
            })
    void shouldRefuseWhatNoFileMayHold(String text) {
        final String problems = problems(text + "\n");
        assertFalse(problems.isEmpty());
        assertNothingOfAnException(problems);
        problems.lines().forEach(line -> assertTrue(line.matches("weir\\.yaml(:\\d+)?: .*"), line));
    }

    @Test
    void shouldRefuseWhatIsNestedWithoutEnd() {
        for (String text : List.of(
                "[".repeat(200_000),
                "{a: ".repeat(100_000),
                "- ".repeat(100_000),
                "keepalived: " + "{a: ".repeat(900))) {
            final String problems = problems(text);
            assertFalse(problems.isEmpty());
            assertNothingOfAnException(problems);
        }
    }

    private static String keepalived(String name) throws IOException {
        return new String(
                Files.readAllBytes(Path.of("src/test/resources/keepalived").resolve(name)), StandardCharsets.UTF_8);
    }

    /** Reads a keepalived.conf or ldirectord.cf to the end: its lines' fates, its commands, itself as YAML. */
    private static String read(String text, boolean ldirectord) throws IOException {
        final Path file = Files.createTempFile("weir-broken-", ".conf");
        try {
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
            final LineReport report = new LineReport();
            final Statement whole =
                    ldirectord ? LdirectordReader.read(file, report) : KeepalivedReader.statements(file, "x", report);
            final KeepalivedReader.Result result = KeepalivedReader.read(whole, report, Checkers.kinds());
            final StringBuilder said = new StringBuilder();
            report.remarks().forEach(each -> said.append(each.why()).append('\n'));
            final DirectorCommands commands = new DirectorCommands(1024, 64, new NoNames());
            KeepalivedPlan.commands(result.config()).forEach(line -> commands.problemOf(line.text())
                    .ifPresent(problem -> said.append(problem).append('\n')));
            assertFalse(StatementYaml.write(whole, report, 1).contains("\0"));
            return said.toString();
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 1500)
    void shouldTellTheFateOfEveryLineOfABrokenKeepalivedConf(@ForAll long seed) throws IOException {
        final TextSpoiler spoiler = new TextSpoiler(seed, KEEPALIVED_WORDS);
        final String text = keepalived(spoiler.any(List.of("dr-notes-2022.conf", "dr-pair-2010.conf")));
        assertNothingOfAnException(read(spoiler.spoil(text), false));
    }

    @Property(tries = 1500)
    void shouldTellTheFateOfEveryLineOfABrokenLdirectordCf(@ForAll long seed) throws IOException {
        assertNothingOfAnException(read(new TextSpoiler(seed, LDIRECTORD_WORDS).spoil(LDIRECTORD), true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$A=x \\\n${A}\n${A}\n",
                "$A=${A}${A}\nvirtual_server ${A} 80 {\n}\n",
                "~SEQ(i,-9223372036854775808,1,9223372036854775807) x\n",
                "~SEQ(i,9223372036854775806,1,9223372036854775807) x\n",
                "~SEQ(i,1,1,60000) ~SEQ(j,1,1,60000) ~SEQ(k,1,1,60000) $Z=1\n",
                "include conf.d/[a\n",
                "include {a\n",
                "include \0\n",
                "x \0 y\n"
            })
    void shouldComeToAnEndWithAKeepalivedConfThatHasNone(String text) throws IOException {
        assertNothingOfAnException(read(text, false));
    }

    @Test
    void shouldRefuseBlocksWithinBlocksWithoutEnd() throws IOException {
        final String said = read("a {\n".repeat(50_000), false);
        assertTrue(said.contains("nested more than"), said);
        assertTrue(said.lines().count() < 200, said);
    }

    @Property(tries = 5000)
    void shouldRefuseABrokenMarkRuleInOneLine(@ForAll long seed) {
        final String rule = new TextSpoiler(seed, MARK_WORDS).spoil(MARK);
        try {
            new MarkRuleParser(List.of("eth0", "eth1")).parse(rule);
        } catch (IllegalArgumentException e) {
            final String message = String.valueOf(e.getMessage());
            assertNothingOfAnException(message);
            assertFalse(message.isBlank() || message.startsWith("For input"), rule);
        }
    }

    /** What {@code ipvsadm -R} makes of lines is what they make one by one, up to the one that cannot be read. */
    @Property(tries = 1500)
    void shouldRestoreLineByLine(@ForAll long seed) {
        final TextSpoiler spoiler = new TextSpoiler(
                seed,
                List.of("-A ", "-e ", " -w 5", " -x 9 -y 3", " -s mh", " -i", " -p 30", "-C", "-R", "-L", "\n", "::"));
        final String input = spoiler.spoil(
                """
                -A -t 192.0.2.1:80 -s rr
                -a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
                -a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 2

                ipvsadm -A -u 192.0.2.1:53 -s wlc -p 60 -M 255.255.255.0
                -a -u 192.0.2.1:53 -r 10.0.0.1 -g
                -A -f 7 -s sh
                -E -t 192.0.2.1:80 -s wrr
                --set 1 2 3
                -d -t 192.0.2.1:80 -r 10.0.0.2:80
                """);
        final DirectorCommands whole = new DirectorCommands(256, 64, new NoNames());
        final DirectorCommands single = new DirectorCommands(256, 64, new NoNames());
        final Ipvsadm.Result result = whole.execute(whole.prepare(List.of("-R"), input), DirectorCommands.Turn::take);
        for (String line : input.split("\n", -1)) {
            final Ipvsadm.Prepared one = single.prepareLine(line);
            final boolean unreadable = one.refusal() != null && one.refusal().endsRestore()
                    || one.commands().stream()
                            .anyMatch(each -> each.getClass().getSimpleName().equals("Restore"));
            if (unreadable) {
                assertFalse(result.err().isEmpty());
                break;
            }
            single.execute(one, DirectorCommands.Turn::take);
        }
        assertEquals(TableLines.all(single.state()), TableLines.all(whole.state()), input);
        assertNothingOfAnException(result.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "check",
                "check /nonexistent",
                "check /",
                "check --keepalived /",
                "convert --ldirectord /dev/null/x",
                "convert",
                "plan -n no-such-director /etc/hostname",
                "apply -n no/such/director /",
                "conns -n no-such-director --limit x",
                "drain -n no-such-director 10.0.0.1 --within soon",
                "drain -n no-such-director 10.0.0.1 --within 999999h",
                "top -n no-such-director --once --delay 0",
                "status -n x --json --no-such-option",
                "health -n no-such-director",
                "shadow -n no-such-director add -t x",
                "log-level",
                "run",
                "run -c /nonexistent",
                "run -c /",
                "replay /nonexistent /nonexistent",
                "no-such-command",
                "completion x"
            })
    void shouldEndWithAReasonAndAStatus(String command) {
        final StringWriter said = new StringWriter();
        final int status = WeirMain.commandLine()
                .setErr(new PrintWriter(said))
                .setOut(new PrintWriter(said))
                .execute(command.split(" ", -1));
        assertTrue(status == 1 || status == 2, command + ": " + status);
        assertNothingOfAnException(said.toString());
        assertFalse(said.toString().isBlank(), command);
        if (status == 1) {
            assertEquals(1, said.toString().lines().count(), said::toString);
        }
    }

    @Test
    void shouldSayWhatAnAnswerOfNoDirectorIs() {
        assertThrows(IOException.class, () -> GarbageServer.ask("1 x\n"));
        assertThrows(IOException.class, () -> GarbageServer.ask("1 -5\nabc"));
        assertThrows(IOException.class, () -> GarbageServer.ask("1 99999999999\nabc"));
        assertThrows(IOException.class, () -> GarbageServer.ask("0 \n"));
        assertThrows(IOException.class, () -> GarbageServer.ask("\n\n\n"));
        assertThrows(IOException.class, () -> GarbageServer.ask(""));
    }

    @Property(tries = 200)
    void shouldTakeAnyAnswer(@ForAll byte[] answer) {
        try {
            GarbageServer.ask(new String(answer, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            assertFalse(String.valueOf(e.getMessage()).isBlank());
        }
    }
}
