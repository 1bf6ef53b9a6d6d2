package io.weir.control.lab;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Namespaces wired to bridges {@code br1}, {@code br2} ... in a namespace of their own, and the processes that run there.
 *
 * <p><b>Owner</b>: {@link #close} takes everything down again.
 */
final class Bridges implements AutoCloseable {
    private final String id;
    private final Path folder;
    private final List<Namespace> namespaces = new ArrayList<>();
    private final List<Background> running = new ArrayList<>();
    private final Namespace network;
    private int wires;

    /** So many bridges; {@code prefix}, two letters, begins the names of everything. */
    Bridges(String prefix, int count) throws IOException {
        id = prefix + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x10000, 0xFFFFF));
        folder = Files.createTempDirectory("weir-" + prefix + "-");
        network = namespace("net");
        try {
            for (int i = 1; i <= count; i++) {
                network.ip(
                        "link add br" + i + " type bridge forward_delay 0 mcast_snooping 0\nlink set br" + i + " up\n");
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    Path folder() {
        return folder;
    }

    /** The namespace of the bridges. */
    Namespace network() {
        return network;
    }

    /** Makes one. */
    Namespace namespace(String role) {
        final Namespace made = new Namespace(id + role, role, folder);
        Shell.must("ip", "netns", "add", made.name());
        namespaces.add(made);
        made.ip("link set lo up\n");
        made.sysctl("net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0");
        made.sysctl("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0");
        return made;
    }

    /** Gives a namespace an interface on a bridge; returns the bridge's end of the wire. */
    String wire(Namespace end, String name, int bridge, String... addresses) {
        final String port = "p" + wires++;
        network.ip("link add " + port + " type veth peer name " + name + " netns " + end.name() + "\nlink set " + port
                + " master br" + bridge + " up\n");
        final StringBuilder lines = new StringBuilder("link set " + name + " up\n");
        for (String each : addresses) {
            lines.append("addr add " + each + " dev " + name + (each.contains(":") ? " nodad" : "") + "\n");
        }
        end.ip(lines.toString());
        return port;
    }

    /** Starts a command that is ended with everything else. */
    Background start(Namespace where, String what, List<String> command) {
        final Background started = where.start(what, command);
        running.add(started);
        return started;
    }

    /** Starts a class of the tests. */
    Background java(Namespace where, String what, Class<?> main, List<String> arguments) {
        final List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-X") && !flag.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", ManagementFactory.getRuntimeMXBean().getClassPath(), main.getName()));
        command.addAll(arguments);
        return start(where, what, command);
    }

    /** What everybody said. */
    String everything() {
        final StringBuilder text = new StringBuilder();
        running.forEach(each -> text.append(each.output()).append("--\n"));
        return text.toString();
    }

    @Override
    public void close() {
        for (int i = running.size() - 1; i >= 0; i--) {
            running.get(i).close();
        }
        for (Namespace each : namespaces) {
            Shell.run(List.of("ip", "netns", "delete", each.name()));
        }
        Shell.run(List.of("rm", "-r", folder.toString()));
    }
}
