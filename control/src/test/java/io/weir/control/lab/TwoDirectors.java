package io.weir.control.lab;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A client, a real server, and room for two directors between them, which each have a foot in both networks.
 *
 * <pre>
 *   client 10.1.0.7 --- br1 --- 10.1.0.N  director N  10.2.0.N --- br2 --- 10.2.0.11 server
 * </pre>
 *
 * <p>Which of them works is what the routes of client and server say ({@link #through}).
 *
 * <p><b>Owner</b>: {@link #close} takes everything down again.
 */
final class TwoDirectors implements AutoCloseable {
    static final String VIP = "203.0.113.10";
    static final int VIP_PORT = 80;
    static final int SERVER_PORT = 8080;
    static final String SERVER = "10.2.0.11";
    static final int SYNCID = 7;

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Bridges bridges;
    private final Namespace client;
    private final Namespace server;

    TwoDirectors() throws IOException {
        bridges = new Bridges("ws", 2);
        client = bridges.namespace("client");
        server = bridges.namespace("server");
        try {
            bridges.wire(client, "c0", 1, "10.1.0.7/24");
            bridges.wire(server, "s0", 2, SERVER + "/24");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    Path folder() {
        return bridges.folder();
    }

    /** The namespace of the switches, where a guest's taps are. */
    Namespace network() {
        return bridges.network();
    }

    /** A namespace for director {@code number} with its two feet, {@code c0} and {@code s0}. */
    Namespace director(int number) {
        final Namespace made = bridges.namespace("d" + number);
        bridges.wire(made, "c0", 1, "10.1.0." + number + "/24");
        bridges.wire(made, "s0", 2, "10.2.0." + number + "/24");
        return made;
    }

    /** Taps of a director that is a guest, one in each network. */
    List<String> taps() {
        final List<String> taps = new ArrayList<>();
        for (int bridge = 1; bridge <= 2; bridge++) {
            final String tap = "t" + bridge;
            network().ip("tuntap add " + tap + " mode tap\nlink set " + tap + " master br" + bridge + " up\n");
            taps.add(tap);
        }
        return taps;
    }

    /** The name of a Weir in a namespace, for its control socket. */
    static String name(Namespace director) {
        return director.name();
    }

    /** Starts a Weir there; {@code role} is master or backup. */
    Background weir(Namespace director, String role, String more) throws IOException {
        final String yaml = "name: " + name(director) + "\n"
                + "interfaces:\n  - device: afpacket:c0\n  - device: afpacket:s0\n"
                + "table: {size: 65536}\n"
                + "services:\n  - virtual: tcp " + VIP + ":" + VIP_PORT + "\n    scheduler: rr\n    forward: nat\n"
                + "    servers: ['" + SERVER + ":" + SERVER_PORT + "']\n"
                + "sync:\n  - {role: " + role + ", interface: s0, syncid: " + SYNCID + "}\n" + more;
        final Path config = folder().resolve(director.role() + ".yaml");
        final Path ready = folder().resolve(director.role() + ".ready");
        Files.writeString(config, yaml);
        Files.deleteIfExists(ready);
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.addAll(List.of("-c", config.toString(), "--ready-file", ready.toString()));
        final Background started = bridges.start(director, "weir", command);
        started.awaitUntil(LIMIT, () -> Files.exists(ready));
        return started;
    }

    /** Asks a Weir. */
    static String ask(Namespace director, String line) {
        try {
            return ControlClient.ask(name(director), line);
        } catch (IOException e) {
            return "no answer: " + e.getMessage();
        }
    }

    /** One of a Weir's counters. */
    static long counter(Namespace director, String counter) {
        return ask(director, "counters")
                .lines()
                .filter(line -> line.startsWith(counter + " "))
                .mapToLong(line ->
                        Long.parseLong(line.substring(counter.length() + 1).trim()))
                .findFirst()
                .orElse(0);
    }

    /** From now on client and server go through this director. */
    void through(int number) {
        client.ip("route replace " + VIP + "/32 via 10.1.0." + number + "\n");
        server.ip("route replace default via 10.2.0." + number + "\n");
    }

    private Background peer(Namespace where, String what, String... arguments) {
        return bridges.java(where, what, TcpPeer.class, List.of(arguments));
    }

    /** Starts the server's end. */
    void serve() {
        peer(server, "echo", "echo", Integer.toString(SERVER_PORT))
                .awaitUntil(
                        LIMIT,
                        () -> Files.exists(folder().resolve("server-echo.log"))
                                && said(folder().resolve("server-echo.log")) > 0);
    }

    private static long said(Path log) {
        try {
            return Files.readString(log).lines().count();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Starts a connection of the client. */
    Background talk(int sourcePort) {
        return talk(sourcePort, VIP_PORT);
    }

    /** The same to another port of the VIP. */
    Background talk(int sourcePort, int port) {
        return peer(client, "talk" + sourcePort, "talk", Integer.toString(sourcePort), VIP, Integer.toString(port));
    }

    /** Waits until a connection has had so many more answers. */
    static void awaitAnswers(Background talk, int more) {
        final long before = talk.output().lines().count();
        talk.awaitUntil(LIMIT, () -> talk.output().lines().count() >= before + more);
    }

    @Override
    public void close() {
        bridges.close();
    }
}
