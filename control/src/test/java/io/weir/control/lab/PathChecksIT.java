package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.LineReport;
import io.weir.control.keepalived.Statement;
import io.weir.control.keepalived.StatementYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole checks in the way of the service's traffic: each finds a server that answers its own address as if all were well. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // made by each test
class PathChecksIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String HTTP = "HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\nconnect_timeout 2\nretry 0\n}";

    private Lab lab;

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private static String kind(LabMethod method) {
        return switch (method) {
            case TUN_GRE -> "TUN type gre";
            case TUN_GUE -> "TUN type gue port " + Decapsulator.GUE_PORT;
            case FULLNAT -> "FNAT\nladdr_group_name LIPS";
            default -> method.name();
        };
    }

    private static final String LOCALS =
            "local_address_group LIPS {\n" + LabPlan.local4(1) + " srv0\n" + LabPlan.local6(1) + " srv0\n}\n";

    private String service(boolean v6, String path, String check) {
        final StringBuilder text = new StringBuilder("virtual_server ")
                .append(v6 ? LabPlan.VIP6 : LabPlan.VIP4)
                .append(" 80 {\ndelay_loop 1\nwarmup 0\nlb_algo rr\nlb_kind ")
                .append(kind(lab.method()))
                .append("\nprotocol TCP\ncheck_path ")
                .append(path)
                .append('\n');
        for (int i = 1; i <= 2; i++) {
            text.append("real_server ")
                    .append(v6 ? LabPlan.server6(i) : LabPlan.server4(i))
                    .append(" " + lab.method().webPort() + " {\n")
                    .append(check)
                    .append("\n}\n");
        }
        return text.append("}\n").toString() + (lab.method() == LabMethod.FULLNAT ? LOCALS : "");
    }

    private Background director(String conf) throws IOException {
        return RunningWeir.on(lab, conf);
    }

    private String ask(String line) {
        return RunningWeir.ask(lab, line);
    }

    private void awaitWeight(Background director, boolean v6, int server, int weight) {
        final String address = v6 ? "[" + LabPlan.server6(server) + "]" : LabPlan.server4(server);
        try {
            director.awaitUntil(LIMIT, () -> ask("-Ln")
                    .lines()
                    .anyMatch(line -> line.contains("-> " + address + ":")
                            && line.strip().split("\\s+", -1)[3].equals(Integer.toString(weight))));
        } catch (LabException e) {
            throw new LabException(ask("-Ln") + ask("health --history") + director.output(), e);
        }
    }

    private void awaitChecked(Background director, int server) {
        final String line = "server [" + LabPlan.server4(server) + "]";
        director.awaitUntil(
                LIMIT,
                () -> ask("health --history").contains("good  HTTP status 200")
                        && ask("health").contains(line));
    }

    /** What the server lacks, and how it gets it back. */
    private void break1() {
        switch (lab.method()) {
            case DR -> lab.server(1).ip("addr del " + LabPlan.VIP4 + "/32 dev lo\n");
            case NAT -> lab.server(1).ip("route del default\n");
                // A firewall that knows the director and not the local addresses.
            case FULLNAT -> deaf("ip saddr " + LabPlan.local4(1));
            default -> deaf("iifname { ipip0, t0 }");
        }
    }

    private void deaf(String to) {
        lab.server(1)
                .must(
                        "sh",
                        "-c",
                        "nft add table ip deaf && nft add chain ip deaf in "
                                + "'{ type filter hook prerouting priority -300; }' && "
                                + "nft add rule ip deaf in " + to + " drop");
    }

    private void mend1() {
        switch (lab.method()) {
            case DR -> lab.server(1).ip("addr add " + LabPlan.VIP4 + "/32 dev lo\n");
            case NAT -> lab.server(1).ip("route add default via " + LabPlan.SERVER_NET4 + LabPlan.DIRECTOR_HOST + "\n");
            default -> lab.server(1).must("nft", "delete", "table", "ip", "deaf");
        }
    }

    @ParameterizedTest
    @EnumSource(LabMethod.class)
    void shouldFindTheServerThatOnlyTheTrafficDoesNotReach(LabMethod method) throws IOException {
        lab = Lab.create(LabOptions.of(method));
        break1();
        final Background direct = director(service(false, "direct", HTTP));
        awaitChecked(direct, 1);
        assertFalse(ask("health").contains("down"), () -> ask("health"));
        direct.close();

        final Background director = director(service(false, "service", HTTP));
        awaitWeight(director, false, 1, 0);
        awaitWeight(director, false, 2, 1);
        assertTrue(ask("health").contains("connection timed out through the service's path"), () -> ask("health"));
        assertTrue(ask("health --history").contains("HTTP status 200 through the service's path"), () -> ask("health"));
        assertEquals(Map.of("rs1", 0, "rs2", 2), new Traffic(lab).fetch(false, 2));

        mend1();
        awaitWeight(director, false, 1, 1);
        assertEquals(Map.of("rs1", 1, "rs2", 1), new Traffic(lab).fetch(false, 2));
        assertEquals(0, connections(), "checks leave nothing in the table but the clients'");
        assertFalse(director.output().contains("event=bug"), director::output);
        // Every conversation was ended: the servers wait for nobody, but at times for the one of this moment.
        Background.pause(3_000);
        director.awaitUntil(
                LIMIT,
                () -> !lab.server(2).must("ss", "-tnH", "state", "established").contains(":80 "));
    }

    /** Connections of others than the clients. */
    private long connections() {
        return ask("-Lnc")
                .lines()
                .filter(line -> line.contains(LabPlan.VIP4 + ":80 ") && !line.contains(LabPlan.CLIENT4))
                .count();
    }

    @ParameterizedTest
    @EnumSource(
            value = LabMethod.class,
            names = {"DR", "NAT", "TUN", "FULLNAT"})
    void shouldAskOverIpv6Too(LabMethod method) throws IOException {
        lab = Lab.create(LabOptions.of(method));
        final Background director = director(service(true, "service", "alpha\n" + HTTP));
        awaitWeight(director, true, 1, 1);
        awaitWeight(director, true, 2, 1);
        assertTrue(ask("health --history").contains("HTTP status 200 through the service's path"), () -> ask("health"));
    }

    /** Only the rules that give a mark say which addresses the service has. */
    @Test
    void shouldFindTheWayOfAServiceByFirewallMark() throws IOException {
        lab = Lab.create(LabOptions.of(LabMethod.DR));
        break1();
        final String conf = service(false, "service", HTTP).replace(LabPlan.VIP4 + " 80", "fwmark 7");
        final Background unmarked = director(conf);
        awaitChecked(unmarked, 1);
        assertTrue(unmarked.output().contains("gets the service's mark"), unmarked::output);
        unmarked.close();

        final LineReport report = new LineReport();
        final Path file = Files.writeString(lab.folder().resolve("marked.conf"), conf);
        final Statement whole = KeepalivedReader.statements(file, "", report);
        final Background director = RunningWeir.onYaml(
                lab,
                "name: " + lab.name() + "\ninterfaces:\n  - device: afpacket:cli0\n  - device: afpacket:srv0\n"
                        + "vips: ['" + LabPlan.VIP4 + "']\nmarks:\n  - iptables -t mangle -A PREROUTING -d "
                        + LabPlan.VIP4
                        + " -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7\nkeepalived:\n"
                        + StatementYaml.write(whole, report, 1));
        awaitWeight(director, false, 1, 0);
        awaitWeight(director, false, 2, 1);
        assertTrue(ask("health --history").contains("HTTP status 200 through the service's path"), () -> ask("health"));
        assertEquals(Map.of("rs1", 0, "rs2", 2), new Traffic(lab).fetch(false, 2));
        mend1();
        awaitWeight(director, false, 1, 1);
    }

    /** It takes connections at the VIP and has a page at its own address. */
    @ParameterizedTest
    @ValueSource(ints = {80, 443})
    void shouldFindTheServerThatServesAnErrorAtTheVipOnly(int port) throws IOException {
        lab = Lab.create(LabOptions.of(LabMethod.DR));
        final Path home = lab.folder().resolve(lab.server(1).role());
        final Path conf = home.resolve("nginx.conf");
        if (port == 443) {
            addTls(1);
            addTls(2);
        }
        final String sane = Files.readString(conf);
        final String ssl = port == 443 ? " ssl" : "";
        final String other =
                "    server { listen " + LabPlan.VIP4 + ":" + port + ssl + "; location / { return 500; } }\n";
        Files.writeString(conf, sane.replaceFirst("    server \\{", other + "    server {"));
        reload(1);
        final String text = service(false, "service", port == 443 ? HTTP.replace("HTTP_GET", "SSL_GET") : HTTP);
        final Background director = director(text.replace(" 80 {", " " + port + " {"));

        awaitWeight(director, false, 1, 0);
        awaitWeight(director, false, 2, 1);
        assertTrue(ask("health").contains("HTTP status 500 through the service's path"), () -> ask("health"));

        Files.writeString(conf, sane);
        reload(1);
        awaitWeight(director, false, 1, 1);
    }

    private void addTls(int server) throws IOException {
        final Path home = lab.folder().resolve(lab.server(server).role());
        final TestCertificate made = TestCertificate.make(home, "shop.example.test");
        final Path conf = home.resolve("nginx.conf");
        final String tls =
                "http {\n    ssl_certificate " + made.file() + ";\n    ssl_certificate_key " + made.key() + ";\n";
        Files.writeString(
                conf,
                Files.readString(conf).replace("http {\n", tls).replace("listen 80;", "listen 80; listen 443 ssl;"));
        reload(server);
    }

    private void reload(int server) {
        final String home = lab.folder().resolve(lab.server(server).role()).toString();
        lab.server(server)
                .must("nginx", "-p", home, "-c", home + "/nginx.conf", "-e", home + "/error.log", "-s", "reload");
    }

    /** Echoes go that way, too, and so does the refusal of a port where nobody listens. */
    @ParameterizedTest
    @EnumSource(
            value = LabMethod.class,
            names = {"DR", "NAT", "TUN", "FULLNAT"})
    void shouldPingAndBeRefused(LabMethod method) throws IOException {
        lab = Lab.create(LabOptions.of(method));
        final String limits = "connect_timeout 2\nretry 0\n";
        final Background director = director(service(false, "service", "alpha\nPING_CHECK {\n" + limits + "}")
                + service(false, "service", "UDP_CHECK {\n" + limits + "}")
                        .replace("protocol TCP", "protocol UDP")
                        .replace(" 80 {", " 81 {")
                        .replace(" 8080 {", " 8081 {"));

        awaitWeight(director, false, 1, 1);
        director.awaitUntil(LIMIT, () -> ask("health").contains("port unreachable through the service's path"));
        assertTrue(ask("health --history").contains("echo through the service's path"), () -> ask("health"));
    }
}
