package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
        return method.isTunnel() ? "TUN" : method.name();
    }

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
                    .append(lab.method() == LabMethod.NAT ? " 8080 {\n" : " 80 {\n")
                    .append(check)
                    .append("\n}\n");
        }
        return text.append("}\n").toString();
    }

    private Background director(String conf) throws IOException {
        final Path config = lab.folder().resolve("keepalived.conf");
        final Path ready = lab.folder().resolve("keepalived.ready");
        Files.writeString(config, conf);
        Files.deleteIfExists(ready);
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(List.of("--keepalived", config.toString(), "--name", lab.name()));
        command.addAll(List.of("--interface", LabPlan.CLIENT_SIDE, "--interface", LabPlan.SERVER_SIDE));
        command.addAll(List.of("--ready-file", ready.toString()));
        final Background director = lab.start(lab.director(), "weir", command);
        try {
            director.awaitUntil(LIMIT, () -> Files.exists(ready));
        } catch (LabException e) {
            throw new LabException(director.output(), e);
        }
        return director;
    }

    private String ask(String line) {
        try {
            return ControlClient.ask(lab.name(), line);
        } catch (IOException e) {
            throw new LabException("no answer: " + e.getMessage(), e);
        }
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
            default -> lab.server(1)
                    .must(
                            "sh",
                            "-c",
                            "nft add table ip deaf && nft add chain ip deaf in "
                                    + "'{ type filter hook prerouting priority -300; }' && "
                                    + "nft add rule ip deaf in iifname { ipip0, t0 } drop");
        }
    }

    private void mend1() {
        switch (lab.method()) {
            case DR -> lab.server(1).ip("addr add " + LabPlan.VIP4 + "/32 dev lo\n");
            case NAT -> lab.server(1).ip("route add default via " + LabPlan.SERVER_NET4 + LabPlan.DIRECTOR_HOST + "\n");
            default -> lab.server(1).must("nft", "delete", "table", "ip", "deaf");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LabMethod.class,
            names = {"DR", "NAT", "TUN"})
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
        // Every conversation was ended: the servers wait for nobody.
        Background.pause(3_000);
        assertFalse(lab.server(2).must("ss", "-tnH", "state", "established").contains(":80 "), () -> lab.server(2)
                .must("ss", "-tn"));
    }

    /** Connections of others than the clients. */
    private long connections() {
        return ask("-Lnc")
                .lines()
                .filter(line -> line.contains(":80 ") && !line.contains(LabPlan.CLIENT4))
                .count();
    }

    @ParameterizedTest
    @EnumSource(
            value = LabMethod.class,
            names = {"DR", "NAT", "TUN"})
    void shouldAskOverIpv6Too(LabMethod method) throws IOException {
        lab = Lab.create(LabOptions.of(method));
        final Background director = director(service(true, "service", "alpha\n" + HTTP));
        awaitWeight(director, true, 1, 1);
        awaitWeight(director, true, 2, 1);
        assertTrue(ask("health --history").contains("HTTP status 200 through the service's path"), () -> ask("health"));
    }

    /** It takes connections at the VIP and has a page at its own address. */
    @Test
    void shouldFindTheServerThatServesAnErrorAtTheVipOnly() throws IOException {
        lab = Lab.create(LabOptions.of(LabMethod.DR));
        final Path home = lab.folder().resolve(lab.server(1).role());
        final Path conf = home.resolve("nginx.conf");
        final String sane = Files.readString(conf);
        final String other = "    server { listen " + LabPlan.VIP4 + ":80; location / { return 500; } }\n";
        Files.writeString(conf, sane.replaceFirst("    server \\{", other + "    server {"));
        reload(home, conf);
        final Background director = director(service(false, "service", HTTP));

        awaitWeight(director, false, 1, 0);
        awaitWeight(director, false, 2, 1);
        assertTrue(ask("health").contains("HTTP status 500 through the service's path"), () -> ask("health"));

        Files.writeString(conf, sane);
        reload(home, conf);
        awaitWeight(director, false, 1, 1);
    }

    private void reload(Path home, Path conf) {
        lab.server(1)
                .must("nginx", "-p", home.toString(), "-c", conf.toString(), "-e", home + "/error.log", "-s", "reload");
    }

    /** Echoes go that way, too, and so does the refusal of a port where nobody listens. */
    @ParameterizedTest
    @EnumSource(
            value = LabMethod.class,
            names = {"DR", "NAT", "TUN"})
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
