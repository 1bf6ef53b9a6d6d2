package io.weir.control.keepalived;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.health.Checkers;
import io.weir.control.keepalived.LineReport.Kind;
import io.weir.control.keepalived.LineReport.Remark;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeepalivedReaderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path folder;

    private static KeepalivedReader.Result resource(String name) throws IOException, URISyntaxException {
        final Path path = Path.of(Objects.requireNonNull(KeepalivedReaderTest.class.getResource("/keepalived/" + name))
                .toURI());
        return KeepalivedReader.read(path, "main", Checkers.kinds());
    }

    private KeepalivedReader.Result read(String text) throws IOException {
        final Path file = folder.resolve("keepalived.conf");
        Files.writeString(file, text);
        return KeepalivedReader.read(file, "main", Checkers.kinds());
    }

    private static List<String> commands(KeepalivedReader.Result result) {
        return ServiceCommands.of(result.config()).stream()
                .map(ServiceCommands.Line::text)
                .toList();
    }

    private static List<String> notes(KeepalivedReader.Result result, Kind kind) {
        return result.report().remarks(kind).stream()
                .map(each -> each.line() + " " + each.text())
                .toList();
    }

    /** The pair of 2010, as it stands in the web page it was copied from: with no-break spaces for indentation. */
    @Test
    void shouldLoadThePairOf2010AsItIs() throws Exception {
        final KeepalivedReader.Result result = resource("dr-pair-2010.conf");

        assertEquals(List.of(), result.report().remarks(Kind.WRONG));
        assertEquals(List.of(), result.report().remarks(Kind.IGNORED));
        assertEquals(
                List.of(
                        "-A -t 61.164.122.8:80 -s wrr -p 60",
                        "-a -t 61.164.122.8:80 -r 61.164.122.9:80 -g -w 3",
                        "-a -t 61.164.122.8:80 -r 61.164.122.10:80 -g -w 3"),
                commands(result));
        final VrrpSettings instance = result.config().instances().get(0);
        assertEquals(
                "VI_1 eth0 51 100 1111",
                String.join(
                        " ",
                        instance.name(),
                        instance.interfaceName(),
                        instance.routerId() + "",
                        instance.priority() + "",
                        instance.password()));
        assertTrue(instance.startMaster() && instance.version() == 2 && instance.advertMs() == 1000);
        assertEquals(
                IpAddress.parse("61.164.122.8"), instance.advertised().get(0).address());
        final ServiceSettings.CheckSettings check =
                result.config().services().get(0).servers().get(0).checks().get(0);
        assertEquals("TCP_CHECK", check.kind().keyword());
        assertEquals(new CheckTimers(10_000, 3, 3_000, 6_000, -1, false, false), check.timers());
        assertEquals(List.of("cnseek@gmail.com"), result.config().global().mailTo());
        assertEquals(
                3,
                result.report().remarks(Kind.CHANGED).size(),
                () -> result.report().remarks() + "");
    }

    @Test
    void shouldLoadTheNotesOf2022AsTheyAre() throws Exception {
        final KeepalivedReader.Result result = resource("dr-notes-2022.conf");

        assertEquals(List.of(), result.report().remarks(Kind.WRONG));
        assertEquals(List.of("5 nat_mask 255.255.255.255"), notes(result, Kind.IGNORED));
        assertEquals(List.of("14 nb_get_retry 3", "25 nb_get_retry 3"), notes(result, Kind.CHANGED));
        assertEquals(
                List.of(
                        "-A -t 192.168.1.100:80 -s rr",
                        "-a -t 192.168.1.100:80 -r 192.168.1.13:80 -g -w 1",
                        "-a -t 192.168.1.100:80 -r 192.168.1.14:80 -g -w 1"),
                commands(result));
    }

    @Test
    void shouldTakeKeepalivedsDefaults() throws IOException {
        final ServiceSettings service = read("virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 {\n"
                        + " TCP_CHECK {\n}\n HTTP_GET {\n url {\n}\n}\n DNS_CHECK {\n}\n"
                        + " MISC_CHECK { misc_path /bin/true\n}\n}\n}\n")
                .config()
                .services()
                .get(0);

        assertEquals("-s wlc", service.options());
        assertEquals("10.0.0.1:80 -m", service.servers().get(0).words());
        assertEquals(1, service.quorum());
        final List<CheckTimers> timers = service.servers().get(0).checks().stream()
                .map(ServiceSettings.CheckSettings::timers)
                .toList();
        assertEquals(new CheckTimers(5_000, 1, 1_000, 60_000, -1, false, false), timers.get(0));
        assertEquals(new CheckTimers(5_000, 1, 3_000, 60_000, -1, false, false), timers.get(1));
        assertEquals(new CheckTimers(5_000, 3, 60_000, 60_000, -1, false, false), timers.get(2));
        assertEquals(0, timers.get(3).retries());
    }

    @Test
    void shouldLetTheInnerLevelDecide() throws IOException {
        final ServiceSettings service = read("virtual_server 192.0.2.1 80 {\n delay_loop 7\n retry 4\n"
                        + " real_server 10.0.0.1 81 {\n retry 5\n TCP_CHECK {\n connect_port 82\n delay_loop 1.5\n}\n}\n}\n")
                .config()
                .services()
                .get(0);

        final ServiceSettings.CheckSettings check =
                service.servers().get(0).checks().get(0);
        assertEquals(5, check.timers().retries());
        assertEquals(1_500, check.timers().delayLoopMs());
        assertEquals(82, check.endpoint().port());
    }

    @Test
    void shouldWriteEveryAddressOfAGroup() throws IOException {
        final KeepalivedReader.Result result = read("virtual_server_group G {\n 192.0.2.1-2 80\n 192.0.2.8/31 81\n"
                + " 2001:db8::a-b 82\n fwmark 3\n}\nvirtual_server group G {\n lvs_sched sh\n sh-port\n sh-fallback\n"
                + " lvs_method TUN type gue port 6080 csum\n protocol UDP\n ops\n real_server 10.0.0.1 0 {\n}\n}\n");

        assertEquals(List.of(), result.report().remarks(Kind.WRONG));
        final List<String> added =
                commands(result).stream().filter(each -> each.startsWith("-A")).toList();
        assertEquals(
                List.of(
                        "-u 192.0.2.1:80",
                        "-u 192.0.2.2:80",
                        "-u 192.0.2.8:81",
                        "-u 192.0.2.9:81",
                        "-u [2001:db8::a]:82",
                        "-u [2001:db8::b]:82",
                        "-f 3"),
                result.config().services().get(0).keys());
        assertEquals("-A -u 192.0.2.1:80 -s sh -b sh-port,sh-fallback -o", added.get(0));
        assertTrue(
                commands(result).contains("-a -f 3 -r 10.0.0.1:0 -i --tun-type gue --tun-port 6080 --tun-csum -w 1"),
                () -> commands(result) + "");
    }

    @Test
    void shouldPutIncludesParametersConditionsAndRepetitionsInPlace() throws IOException {
        Files.createDirectory(folder.resolve("conf.d"));
        Files.writeString(folder.resolve("conf.d/b.conf"), "$RS \n");
        Files.writeString(folder.resolve("conf.d/a.conf"), "lb_algo ${ALGO}\n");
        final KeepalivedReader.Result result = read("$BASE=10.0.${NET}\n$NET=7\n$ALGO=lc\n"
                + "$RS= \\\n real_server ${BASE}.1 80 { \\\n weight 2 \\\n }\n"
                + "virtual_server 192.0.2.1 80 {\n include conf.d/*.conf\n @main persistence_timeout 90\n"
                + " @^main persistence_timeout 91\n @other delay_loop 3\n}\n"
                + "~SEQ(N, 2, 3) virtual_server 192.0.2.$N 80 { lb_algo rr }\n"
                + "~LST({A, P}, {4, 81}, {5, 82}) virtual_server 192.0.2.${A} ${P} { lb_algo rr }\n");

        assertEquals(List.of(), result.report().remarks(Kind.WRONG));
        assertEquals(
                List.of(
                        "-A -t 192.0.2.1:80 -s lc -p 90",
                        "-a -t 192.0.2.1:80 -r 10.0.7.1:80 -m -w 2",
                        "-A -t 192.0.2.2:80 -s rr",
                        "-A -t 192.0.2.3:80 -s rr",
                        "-A -t 192.0.2.4:81 -s rr",
                        "-A -t 192.0.2.5:82 -s rr"),
                commands(result));
        assertEquals(2, notes(result, Kind.IGNORED).size(), () -> notes(result, Kind.IGNORED) + "");
    }

    @Test
    void shouldEndWhereIncludesAndParametersGoInCircles() throws IOException {
        final KeepalivedReader.Result result = read("$X=${Y}\n$Y=${X}\ninclude keepalived.conf\n"
                + "virtual_server 192.0.2.1 80 {\n lb_algo rr\n quorum_up \"/bin/echo ${X}\"\n}\n");

        assertTrue(result.report().remarks(Kind.WRONG).stream()
                .anyMatch(each -> each.why().contains("includes itself")));
    }

    @Test
    void shouldSayWhatIsWrongAndWhere() throws IOException {
        final KeepalivedReader.Result result = read("virtual_server 192.0.2.300 80 {\n}\n"
                + "virtual_server 192.0.2.1 80 {\n lb_algo best\n quorum none\n lb_kind BRIDGE\n"
                + " real_server 10.0.0.1 80 {\n HTTP_GET {\n}\n SSL_GET { url { regex [ \n}\n}\n weight -1\n}\n}\n"
                + "vrrp_sync_group G {\n group {\n NOBODY\n}\n}\n}\nnonsense\n");

        final List<String> wrong = notes(result, Kind.WRONG);
        assertEquals(9, wrong.size(), () -> result.report().remarks(Kind.WRONG) + "");
        assertEquals("1 virtual_server 192.0.2.300 80 {", wrong.get(0));
        assertTrue(result.report().remarks(Kind.WRONG).stream()
                .map(Remark::why)
                .anyMatch(why -> why.equals("must be a number from 1 to 2147483647, not 'none'")));
        assertEquals(List.of("22 nonsense"), notes(result, Kind.IGNORED));
    }

    @Test
    void shouldReadVrrpWithEverythingAroundIt() throws IOException {
        final KeepalivedReader.Result result = read("global_defs {\n lvs_sync_daemon eth1 VI id 7 port 8850\n"
                + " lvs_timeouts tcp 30 udp 5\n vrrp_version 3\n}\n"
                + "vrrp_script up {\n script \"/bin/test -f '/a b'\"\n interval 2\n weight -20\n fall 2\n user nobody\n}\n"
                + "vrrp_instance VI {\n state BACKUP\n interface eth0\n virtual_router_id 9\n priority 120\n"
                + " advert_int 0.25\n nopreempt\n preempt_delay 4.5\n unicast_src_ip 10.0.0.1\n"
                + " unicast_peer {\n 10.0.0.2\n 10.0.0.3 min_ttl 254\n}\n"
                + " virtual_ipaddress {\n 192.0.2.1/24 dev eth1\n 192.0.2.2\n}\n"
                + " virtual_ipaddress_excluded { 2001:db8::1 }\n track_script {\n up weight 10 reverse\n}\n"
                + " track_interface {\n eth1\n}\n garp_master_delay 1\n"
                + " notify_master \"/bin/m 1\" root\n notify /bin/any\n}\n"
                + "vrrp_sync_group G {\n group { VI }\n}\n");

        assertEquals(List.of(), result.report().remarks(Kind.WRONG));
        assertEquals(List.of(), result.report().remarks(Kind.IGNORED));
        final VrrpSettings vrrp = result.config().instances().get(0);
        // A delay for what never happens: keepalived drops it, too.
        assertTrue(!vrrp.preempt() && vrrp.preemptDelayMs() == 0 && vrrp.advertMs() == 250 && vrrp.version() == 3);
        assertEquals(2, vrrp.peers().size());
        assertEquals(254, vrrp.peers().get(1).minTtl());
        assertEquals(24, vrrp.advertised().get(0).length());
        assertEquals("eth1", vrrp.advertised().get(0).device());
        assertNull(vrrp.password());
        assertEquals(
                List.of("/bin/test", "-f", "/a b"),
                result.config().scripts().get(0).script().command());
        assertEquals(
                new KeepalivedConfig.Tracked("up", 10, true),
                vrrp.tracking().scripts().get(0));
        assertEquals(
                new GlobalSettings.SyncDaemonSettings("eth1", "VI", 7, 0, 8850, 0, null),
                result.config().global().syncDaemon());
        assertEquals(
                new GlobalSettings.Timeouts(30, 0, 5), result.config().global().timeouts());
    }

    /** What is written as YAML reads as the same commands and the same checks. */
    @Test
    void shouldSayTheSameInYaml() throws Exception {
        for (String name : List.of("dr-pair-2010.conf", "dr-notes-2022.conf")) {
            final Path path =
                    Path.of(Objects.requireNonNull(KeepalivedReaderTest.class.getResource("/keepalived/" + name))
                            .toURI());
            final LineReport report = new LineReport();
            final Statement whole = KeepalivedReader.statements(path, "main", report);
            final KeepalivedConfig direct =
                    KeepalivedReader.read(whole, report, Checkers.kinds()).config();

            final String yaml =
                    "interfaces: [{device: 'afpacket:eth0'}]\nkeepalived:\n" + StatementYaml.write(whole, report, 1);
            final KeepalivedConfig through =
                    io.weir.control.config.ConfigReader.parse("x", yaml).keepalived();

            assertEquals(
                    ServiceCommands.of(direct).stream()
                            .map(ServiceCommands.Line::text)
                            .toList(),
                    ServiceCommands.of(through).stream()
                            .map(ServiceCommands.Line::text)
                            .toList());
            assertEquals(direct.global(), through.global());
            assertEquals(direct.instances().size(), through.instances().size());
        }
    }

    @Test
    void shouldReadLdirectordsFile() throws IOException {
        final Path file = folder.resolve("ldirectord.cf");
        Files.writeString(
                file,
                "checktimeout=3\ncheckinterval=5\nquiescent=no\nautoreload=no\nvirtual=192.0.2.1:80\n"
                        + "\treal=10.0.0.1->10.0.0.2:8080 masq 2\n\treal=10.0.0.3:80 gate 1 \"health\", \"OK\"\n"
                        + "\tfallback=127.0.0.1:80 gate\n\tservice=http\n\tscheduler=lc\n\tpersistent=600\n"
                        + "virtual=5\n    real=10.0.0.4 ipip\n    checktype=connect\n    persistent=30\n");
        final LineReport report = new LineReport();
        final KeepalivedConfig config = KeepalivedReader.read(
                        LdirectordReader.read(file, report), report, Checkers.kinds())
                .config();

        assertEquals(List.of(), report.remarks(Kind.WRONG));
        assertEquals(
                List.of(
                        "-A -t 192.0.2.1:80 -s lc -p 600",
                        "-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 2",
                        "-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 2",
                        "-a -t 192.0.2.1:80 -r 10.0.0.3:80 -g -w 1",
                        "-A -f 5 -s wrr -p 30",
                        "-a -f 5 -r 10.0.0.4:0 -i -w 1"),
                ServiceCommands.of(config).stream()
                        .map(ServiceCommands.Line::text)
                        .toList());
        assertEquals(
                "127.0.0.1:80 -g",
                Objects.requireNonNull(config.services().get(0).sorry()).words());
        assertEquals(
                "HTTP_GET",
                config.services().get(0).servers().get(2).checks().get(0).kind().keyword());
    }
}
