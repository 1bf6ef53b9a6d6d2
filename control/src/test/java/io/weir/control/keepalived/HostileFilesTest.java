package io.weir.control.keepalived;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.health.Checkers;
import io.weir.control.keepalived.LineReport.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that name each other, and lines that would grow or match for ever: each ends, with one line that says where. */
class HostileFilesTest {
    /** Far more than any of them needs; without a bound they would need years. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private List<LineReport.Remark> wrong(Path file, boolean ldirectord) {
        final LineReport report = new LineReport();
        assertTimeoutPreemptively(LIMIT, () -> {
            final Statement whole =
                    ldirectord ? LdirectordReader.read(file, report) : KeepalivedReader.statements(file, "x", report);
            KeepalivedReader.read(whole, report, Checkers.kinds());
        });
        for (LineReport.Remark each : report.remarks()) {
            assertEquals(1, each.format().lines().count(), each.format());
        }
        return report.remarks(Kind.WRONG);
    }

    private List<LineReport.Remark> wrong(String text) throws IOException {
        return wrong(Files.writeString(folder.resolve("keepalived.conf"), text), false);
    }

    private static String at(Path file, int line) {
        return file + ":" + line + ": wrong: ";
    }

    @Test
    void shouldNotFollowAFileThatIncludesItself() throws IOException {
        final Path file = folder.resolve("keepalived.conf");
        final List<LineReport.Remark> wrong = wrong("global_defs {\n}\ninclude keepalived.conf\n".repeat(3));
        assertEquals(3, wrong.size());
        assertEquals(
                at(file, 3) + "include keepalived.conf  (" + file + " includes itself)",
                wrong.get(0).format());
    }

    /** Ten files that all include all of them: a tree with ten billion leaves if only its depth had a bound. */
    @Test
    void shouldNotFollowFilesThatIncludeEachOther() throws IOException {
        final Path conf = Files.createDirectory(folder.resolve("conf.d"));
        for (int i = 0; i < 10; i++) {
            Files.writeString(conf.resolve(i + ".conf"), "include *.conf\n");
        }
        final List<LineReport.Remark> wrong = wrong("include conf.d/*.conf\n");
        assertTrue(
                wrong.stream().anyMatch(each -> each.why().equals("more than 10000 files are included")),
                () -> wrong.get(0).format());
    }

    /** Through a link it is the same file. */
    @Test
    void shouldKnowAFileByWhatItIs() throws IOException {
        Files.createSymbolicLink(folder.resolve("other.conf"), folder.resolve("keepalived.conf"));
        assertEquals(1, wrong("include other.conf\n").size());
    }

    @Test
    void shouldTakeTheSameFileTwiceWhereItIsNoLoop() throws IOException {
        Files.writeString(folder.resolve("one.conf"), "vrrp_script ${N} {\nscript /bin/true\n}\n");
        assertEquals(List.of(), wrong("$N=a\ninclude one.conf\n$N=b\ninclude one.conf\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "include a b",
                "@x a b",
                "@^x a b",
                "$A=a b",
                "~SEQ(i, 1, 1, 3) a b",
                "~LST(i, a b) c",
                "virtual_server a b",
                "\"a b",
                "{a b",
                "a \\b",
                "${a}b",
                "~a b"
            })
    void shouldRefuseEnormousLines(String pattern) throws IOException {
        for (String filling : List.of(" ", "x", "{ ", "} ", "${A}", "$A ", "~SEQ(", "\"", "\\", "@x ", "a,")) {
            final String text = "$A=1\n" + pattern.substring(0, pattern.length() - 1)
                    + filling.repeat(300_000 / filling.length()) + " b";
            final List<LineReport.Remark> wrong = wrong(text + "\n");
            assertTrue(
                    wrong.stream().allMatch(each -> each.format().length() < 1_000),
                    () -> wrong.get(0).format().substring(0, 1_000));
            assertTrue(
                    wrong.stream()
                            .anyMatch(each -> each.line() == 2 && each.why().startsWith("longer than")),
                    pattern);
        }
    }

    /** A value as long as a line may be, as often as a line has room for its name. */
    @Test
    void shouldNotLetParametersGrow() throws IOException {
        final String value = "v".repeat(60_000);
        final List<LineReport.Remark> wrong = wrong("$A=" + value + "\nx " + "${A}".repeat(15_000) + "\n");
        assertEquals(2, wrong.get(0).line());
        assertTrue(
                wrong.get(0).why().startsWith("longer than"), () -> wrong.get(0).why());
    }

    @Test
    void shouldSayWhichBracesAreMissing() throws IOException {
        final Path file = folder.resolve("keepalived.conf");
        final List<LineReport.Remark> wrong = wrong("}\nvrrp_script a {\nscript /bin/true\n{\n");
        assertEquals(
                List.of(at(file, 1), at(file, 2), at(file, 3)),
                wrong.stream()
                        .map(each -> at(Path.of(each.file()), each.line()))
                        .distinct()
                        .limit(3)
                        .toList(),
                () -> wrong.toString());
    }

    @Test
    void shouldNotTakeMoreAddressesThanAnybodyHas() throws IOException {
        final String ranges = "10.0.0.0/16 80\n".repeat(1_000);
        final List<LineReport.Remark> wrong =
                wrong("virtual_server_group G {\n" + ranges + "}\nvirtual_server group G {\nprotocol TCP\n}\n");
        assertTrue(wrong.stream().anyMatch(each -> each.why().contains("addresses in the group")), wrong::toString);

        final String reals = "\treal=10.0.0.0->10.0.255.255:80 masq\n".repeat(1_000);
        final Path file = Files.writeString(folder.resolve("ldirectord.cf"), "virtual=192.0.2.1:80\n" + reals);
        final List<LineReport.Remark> servers = wrong(file, true);
        assertTrue(servers.stream().anyMatch(each -> each.why().contains("servers in all")), servers::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"virtual=a b", "\treal=a b", "\treal=a->b", "checktimeout = a b", "a b", "\treal=1:1b gate"})
    void shouldRefuseEnormousLinesOfLdirectord(String pattern) throws IOException {
        for (String filling : List.of(" ", "x", ":x", "->", "\"", "1 gate ")) {
            final String line = pattern.replace("b", filling.repeat(300_000 / filling.length()) + "b");
            final Path file =
                    Files.writeString(folder.resolve("ldirectord.cf"), "virtual=192.0.2.1:80\n" + line + "\n");
            final List<LineReport.Remark> wrong = wrong(file, true);
            assertEquals(2, wrong.get(0).line());
            assertTrue(wrong.get(0).why().startsWith("longer than"), () -> wrong.get(0)
                    .why());
        }
    }

    /** What stands in the file is what the converted one says. */
    @Test
    void shouldConvertBfdAndGarpGroups() throws IOException, ConfigException {
        final String text =
                """
                global_defs {
                    vrrp_garp_interval 0.5
                }
                garp_group {
                    garp_interval 0.25
                    gna_interval 0.5
                    interfaces {
                        eth0
                        eth1
                    }
                }
                garp_group {
                    interface eth2
                    garp_interval 1
                }
                bfd_instance rs1 {
                    neighbor_ip 10.0.0.11
                    source_ip 10.0.0.1
                    min_rx 50
                    min_tx 60
                    idle_tx 1000
                    multiplier 3
                    passive
                    max_hops 2
                    weight -10
                }
                bfd_instance rs2 {
                    neighbor_ip 2001:db8::11
                    hoplimit 99
                }
                """;
        final Path file = Files.writeString(folder.resolve("keepalived.conf"), text);
        final LineReport report = new LineReport();
        final Statement whole = KeepalivedReader.statements(file, "", report);
        final KeepalivedConfig first =
                KeepalivedReader.read(whole, report, Checkers.kinds()).config();
        assertEquals(List.of(), report.remarks(Kind.WRONG));

        final String yaml =
                "name: x\ninterfaces: [{device: afpacket:lo}]\nkeepalived:\n" + StatementYaml.write(whole, report, 1);
        final KeepalivedConfig again = ConfigReader.parse("weir.yaml", yaml).keepalived();
        assertEquals(plain(first.bfdInstances()), plain(again.bfdInstances()), yaml);
        assertEquals(plain(first.garpGroups()), plain(again.garpGroups()), yaml);
        assertEquals(2, again.bfdInstances().size());
        assertEquals(2, again.garpGroups().size());
    }

    private static String plain(Object value) {
        return value.toString().replaceAll("\\bline=\\d+", "");
    }
}
