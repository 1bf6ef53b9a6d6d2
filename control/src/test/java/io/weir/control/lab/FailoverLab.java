package io.weir.control.lab;

import io.weir.control.ControlClient;
import io.weir.control.health.Checkers;
import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.LineReport;
import io.weir.control.keepalived.Statement;
import io.weir.control.keepalived.StatementYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A client, a real server, and two directors that share four virtual addresses, one for each forwarding method.
 *
 * <pre>
 *   client 10.1.0.7 --- br1 ---  c0 10.1.0.N  director N  s0 10.2.0.N  --- br2 --- 10.2.0.11 server
 *                        |                                                             |
 *                        +--------------------- 10.1.0.11 (replies of DR and TUN) -----+
 *
 *   VIPs 10.1.0.101 NAT, .102 DR, .103 TUN, .104 FULLNAT from 10.2.0.200; the server's gateway is 10.2.0.254
 * </pre>
 *
 * <p><b>Owner</b>: {@link #close} takes everything down again.
 */
final class FailoverLab implements AutoCloseable {
    static final List<String> METHODS = List.of("NAT", "DR", "TUN", "FNAT");
    static final Duration LIMIT = Duration.ofSeconds(40);

    private static final String SERVER = "10.2.0.11";
    private static final String SERVER_PORT = "p0";

    private final Bridges bridges;
    private final Map<Integer, Namespace> directors = new HashMap<>();
    private final Namespace client;
    private final Namespace server;

    FailoverLab() throws IOException {
        bridges = new Bridges("wf", 2);
        client = bridges.namespace("client");
        server = bridges.namespace("server");
        try {
            bridges.wire(client, "c0", 1, "10.1.0.7/24");
            server();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    static String vip(String method) {
        return "10.1.0.10" + (METHODS.indexOf(method) + 1);
    }

    private void server() {
        server.sysctl("net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2");
        bridges.wire(server, SERVER_PORT, 2, SERVER + "/24");
        bridges.wire(server, "c1", 1, "10.1.0.11/24");
        server.ip("addr add " + vip("DR") + "/32 dev lo\naddr add " + vip("TUN") + "/32 dev lo\n");
        // What NAT's real server says must go back through the director; the others' replies have other sources.
        server.ip("rule add from " + SERVER + " table 100\nroute add 10.2.0.0/24 dev " + SERVER_PORT + " table 100\n"
                + "route add default via 10.2.0.254 table 100\n");
        TunnelEnd.start(true, server, SERVER_PORT, (what, command) -> bridges.start(server, what, command));
    }

    /** The namespace of director {@code number} with its two feet, {@code c0} and {@code s0}. */
    Namespace director(int number) {
        return directors.computeIfAbsent(number, n -> {
            final Namespace made = bridges.namespace("d" + n);
            bridges.wire(made, "c0", 1, "10.1.0." + n + "/24");
            bridges.wire(made, "s0", 2, "10.2.0." + n + "/24");
            return made;
        });
    }

    /** A keepalived.conf for one of the pair. */
    static String configuration(int priority, String advertInt) {
        final StringBuilder text = new StringBuilder("global_defs {\nlvs_sync_daemon s0 VI_1\n}\n");
        text.append("vrrp_instance VI_1 {\nstate BACKUP\ninterface c0\nvirtual_router_id 51\npriority " + priority
                + "\nadvert_int " + advertInt + "\nversion 3\nvirtual_ipaddress {\n");
        METHODS.forEach(each -> text.append(vip(each)).append("/24\n"));
        text.append("}\nvirtual_ipaddress_excluded {\n10.2.0.254/24 dev s0\n10.2.0.200/24 dev s0\n}\n}\n");
        text.append("local_address_group LIPS {\n10.2.0.200 s0\n}\n");
        METHODS.forEach(each -> text.append(service(each)));
        return text.toString();
    }

    private static String service(String method) {
        final String port = method.endsWith("NAT") ? "8080" : "80";
        return "virtual_server " + vip(method) + " 80 {\nlb_algo rr\nlb_kind " + method + "\nprotocol TCP\n"
                + (method.equals("FNAT") ? "laddr_group_name LIPS\n" : "")
                + "real_server " + SERVER + " " + port + " {\n}\n}\n";
    }

    /** Starts Weir on one; the words are options of {@code weir run}. */
    Background weir(int number, String file, String text, String... words) throws IOException {
        final Namespace director = director(number);
        final Path config = bridges.folder().resolve(director.role() + file);
        final Path ready = bridges.folder().resolve(director.role() + ".ready");
        Files.writeString(config, text);
        Files.deleteIfExists(ready);
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(List.of(words));
        command.addAll(List.of(config.toString(), "--ready-file", ready.toString()));
        final Background started = bridges.start(director, "weir", command);
        try {
            started.awaitUntil(LIMIT, () -> Files.exists(ready));
        } catch (LabException e) {
            throw new LabException(started.output(), e);
        }
        return started;
    }

    /** Starts a director that has no other, with its table in a file. */
    Background alone(int number) throws IOException {
        final StringBuilder yaml = new StringBuilder("name: " + director(number).name() + "\n"
                + "interfaces:\n  - device: afpacket:c0\n  - device: afpacket:s0\n"
                + "table: {size: 65536, file: " + bridges.folder().resolve("table") + "}\n"
                + "local_addresses: ['10.2.0.200']\nservices:\n");
        for (String method : METHODS) {
            yaml.append("  - virtual: tcp " + vip(method) + ":80\n    scheduler: rr\n    forward: "
                    + (method.equals("FNAT") ? "fullnat" : method.toLowerCase(Locale.ROOT)) + "\n    servers: ['"
                    + SERVER + ":" + (method.endsWith("NAT") ? "8080" : "80") + "']\n");
        }
        return weir(number, ".yaml", yaml.toString(), "-c");
    }

    /** Starts one of a pair that tells of a connection with its handshake, and at once. */
    Background eagerMember(int number, int priority) throws IOException {
        final String words = configuration(priority, "0.25").replace("global_defs {", "global_defs {\nsync_flush 0.02");
        final Path file = Files.writeString(bridges.folder().resolve("eager" + number), words);
        final LineReport report = new LineReport();
        final Statement whole = KeepalivedReader.statements(file, "", report);
        KeepalivedReader.read(whole, report, Checkers.kinds());
        final String yaml = "name: " + director(number).name()
                + "\ninterfaces:\n  - device: afpacket:c0\n  - device: afpacket:s0\n"
                + "sysctls: {sync_threshold: '2 50'}\nkeepalived:\n" + StatementYaml.write(whole, report, 1);
        return weir(number, ".yaml", yaml, "-c");
    }

    /** Starts one of the pair. */
    Background pairMember(int number, int priority, String advertInt) throws IOException {
        return weir(
                number,
                ".conf",
                configuration(priority, advertInt),
                "--name",
                director(number).name(),
                "--interface",
                "c0",
                "--interface",
                "s0",
                "--keepalived");
    }

    /** Asks a Weir. */
    String ask(int number, String line) {
        try {
            return ControlClient.ask(director(number).name(), line);
        } catch (IOException e) {
            return "no answer: " + e.getMessage();
        }
    }

    /** One of a Weir's counters. */
    long counter(int number, String counter) {
        return ask(number, "counters")
                .lines()
                .filter(line -> line.startsWith(counter + " "))
                .mapToLong(line ->
                        Long.parseLong(line.substring(counter.length() + 1).trim()))
                .findFirst()
                .orElse(0);
    }

    /** What everybody said, and the directors' counters. */
    String everything() {
        final StringBuilder text = new StringBuilder(bridges.everything());
        directors.keySet().forEach(number -> text.append(ask(number, "counters")));
        // What TCP itself thinks of the transfers.
        text.append(client.run("ss", "-tino").output())
                .append(server.run("ss", "-tino").output());
        return text.toString();
    }

    /** Waits until a director of the pair is that; how long it took, in milliseconds. */
    long await(Background weir, int number, String state) {
        final long beginNs = System.nanoTime();
        try {
            weir.awaitUntil(LIMIT, () -> ask(number, "health").startsWith("vrrp VI_1  " + state));
        } catch (LabException e) {
            throw new LabException(weir.output() + ask(number, "health"), e);
        }
        return (System.nanoTime() - beginNs) / 1_000_000;
    }

    private String finish() {
        return bridges.folder().resolve("finish").toString();
    }

    /** Starts the server's end of the transfers. */
    void serve() {
        final Background serving =
                bridges.java(server, "serve", Transfers.class, List.of("serve", finish(), "80", "8080"));
        serving.awaitUntil(LIMIT, () -> serving.output().contains("ready"));
    }

    /** Starts {@code count} downloads and as many uploads to each address, and waits until all of them run. */
    Background move(int count, List<String> addresses) {
        return move(count, addresses, "running");
    }

    /** The same, and waits only until all connections are open. */
    Background open(int count, List<String> addresses) {
        return move(count, addresses, "open");
    }

    private Background move(int count, List<String> addresses, String until) {
        final List<String> arguments = new ArrayList<>(List.of("move", finish(), Integer.toString(count)));
        arguments.addAll(addresses);
        final Background moving = bridges.java(client, "move", Transfers.class, arguments);
        try {
            moving.awaitUntil(LIMIT, () -> moving.output().contains(until));
        } catch (LabException e) {
            throw new LabException(everything(), e);
        }
        return moving;
    }

    /** Lets the transfers end; what they said. */
    String finish(Background moving) throws IOException {
        Files.writeString(Path.of(finish()), "");
        moving.awaitUntil(LIMIT.multipliedBy(2), () -> moving.output().contains("end\n"));
        return moving.output();
    }

    @Override
    public void close() {
        bridges.close();
    }
}
