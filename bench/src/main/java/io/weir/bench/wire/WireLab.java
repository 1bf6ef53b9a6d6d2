package io.weir.bench.wire;

import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespace;
import io.weir.control.lab.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Three namespaces in a row: a sender, the director, a sink that drops and counts.
 *
 * <pre>
 *   gen: g0 10.77.1.2 ─── lA 10.77.1.1 :lb: lB 10.77.2.1 ─── s0 10.77.2.2 :sink
 * </pre>
 *
 * <p>The sender and the kernel's receive work are on {@link #SENDER_CPU}, the forwarder on {@link #FORWARDER_CPU}. All MACs
 * and neighbours are fixed, IPv6 is off, so that no other frame is on the wires. {@link #close} takes everything away.
 */
final class WireLab implements AutoCloseable {
    static final String SENDER = "10.77.1.2";
    static final String DIRECTOR = "10.77.1.1";
    static final String VIP = "10.77.9.9";
    static final String SERVER = "10.77.2.2";
    static final int VIP_PORT = 80;
    static final int SERVER_PORT = 8080;
    static final String SENDER_MAC = "02:77:00:00:01:02";
    static final String IN_MAC = "02:77:00:00:01:01";
    static final String OUT_MAC = "02:77:00:00:02:01";
    static final String SERVER_MAC = "02:77:00:00:02:02";
    static final String IN = "lA";
    static final String OUT = "lB";
    static final String SENDER_CPU = "0";
    static final String FORWARDER_CPU = "1";

    private final String name;
    private final Path folder;
    private final Namespace gen;
    private final Namespace director;
    private final Namespace sink;
    private final Map<String, Path> tools = new TreeMap<>();

    private WireLab(String name, Path folder) {
        this.name = name;
        this.folder = folder;
        gen = new Namespace(name + "g", "gen", folder);
        director = new Namespace(name + "l", "lb", folder);
        sink = new Namespace(name + "s", "sink", folder);
    }

    /** Builds it; needs root. */
    static WireLab create() throws IOException {
        final String name = "ww" + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
        final WireLab lab = new WireLab(name, Files.createTempDirectory("weir-wire-"));
        try {
            lab.build();
            return lab;
        } catch (LabException | IOException e) {
            lab.close();
            throw e;
        }
    }

    private void build() throws IOException {
        for (Namespace each : List.of(gen, director, sink)) {
            Shell.must("ip", "netns", "add", each.name());
            each.must("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
        }
        pair(gen, "g0", SENDER_MAC, SENDER, IN, IN_MAC, DIRECTOR);
        pair(sink, "s0", SERVER_MAC, SERVER, OUT, OUT_MAC, "10.77.2.1");
        up();
        gen.must("ip", "neigh", "replace", DIRECTOR, "lladdr", IN_MAC, "dev", "g0", "nud", "permanent");
        gen.must("ip", "route", "replace", VIP + "/32", "via", DIRECTOR);
        sink.must(
                "nft",
                "add table netdev w; add chain netdev w c { type filter hook ingress device s0 priority 0; policy drop; }");
        for (String tool : List.of("sender", "forwarder", "probe")) {
            tools.put(tool, compile(tool));
        }
    }

    /** testpmd leaves its interfaces down, and with that goes what the kernel knows of their neighbours. */
    private void up() {
        director.must("ip", "link", "set", IN, "up");
        director.must("ip", "link", "set", OUT, "up");
        director.must("ip", "neigh", "replace", SERVER, "lladdr", SERVER_MAC, "dev", OUT, "nud", "permanent");
        director.must("ip", "neigh", "replace", SENDER, "lladdr", SENDER_MAC, "dev", IN, "nud", "permanent");
    }

    private void pair(
            Namespace end, String device, String mac, String address, String ours, String ourMac, String our) {
        Shell.must(
                "ip",
                "link",
                "add",
                device,
                "address",
                mac,
                "netns",
                end.name(),
                "type",
                "veth",
                "peer",
                "name",
                ours,
                "address",
                ourMac,
                "netns",
                director.name());
        end.must("ip", "addr", "add", address + "/24", "dev", device);
        director.must("ip", "addr", "add", our + "/24", "dev", ours);
        end.must("ip", "link", "set", device, "up");
        end.must("ethtool", "-K", device, "tx", "off");
        director.must("ethtool", "-K", ours, "gro", "off");
    }

    private Path compile(String tool) throws IOException {
        final Path source = folder.resolve(tool + ".c");
        final Path program = folder.resolve(tool);
        try (InputStream in = Objects.requireNonNull(WireLab.class.getResourceAsStream(tool + ".c"))) {
            Files.copy(in, source);
        }
        Shell.must("gcc", "-O3", "-march=native", "-o", program.toString(), source.toString());
        return program;
    }

    /** The lab's own compiled program of that name. */
    String tool(String tool) {
        return Objects.requireNonNull(tools.get(tool)).toString();
    }

    String name() {
        return name;
    }

    Path folder() {
        return folder;
    }

    Namespace director() {
        return director;
    }

    /** Sends for some seconds, {@code pps} frames a second or as many as go; {@code [0]} frames sent, {@code [1]} seconds. */
    double[] send(int bytes, int flows, double pps, double seconds) {
        final String said = gen.must(
                "taskset",
                "-c",
                SENDER_CPU,
                tool("sender"),
                VIP,
                Integer.toString(VIP_PORT),
                Integer.toString(flows),
                Integer.toString(bytes),
                Double.toString(pps),
                Double.toString(seconds));
        final String[] words = said.strip().split(" ", -1);
        return new double[] {Double.parseDouble(words[0]), Double.parseDouble(words[1])};
    }

    /** One frame at a time; what the probe printed: nanoseconds, or -1 for a lost frame. */
    List<Long> probe(Path frames, double pps, int count, Path record) {
        return probe("s0", sink, frames, pps, count, record);
    }

    /** The same, but only as far as the director's interface: one wire of the two, and nobody who forwards. */
    List<Long> probeOneWire(Path frames, double pps, int count, Path record) {
        return probe(IN, director, frames, pps, count, record);
    }

    private List<Long> probe(String to, Namespace in, Path frames, double pps, int count, Path record) {
        return gen.must(
                        "taskset",
                        "-c",
                        SENDER_CPU,
                        tool("probe"),
                        "g0",
                        to,
                        "/run/netns/" + in.name(),
                        frames.toString(),
                        Double.toString(pps),
                        Integer.toString(count),
                        record.toString())
                .lines()
                .map(Long::valueOf)
                .toList();
    }

    /** Frames that have arrived at the sink, ever. */
    long arrived() {
        return Long.parseLong(
                sink.must("cat", "/sys/class/net/s0/statistics/rx_packets").strip());
    }

    /** The director's kernel sees nothing of the VIP: for forwarders that take frames before it. */
    void guard() {
        director.must(
                "nft",
                "add table netdev g; add chain netdev g c { type filter hook ingress device " + IN
                        + " priority 0; }; add rule netdev g c ip daddr " + VIP + " drop");
    }

    /** Takes back what a contestant set up in the director's kernel. */
    void reset() {
        director.must("nft", "flush ruleset");
        director.must("sysctl", "-q", "-w", "net.ipv4.ip_forward=0");
        director.run("ip", "route", "del", VIP + "/32");
        // testpmd leaves its XDP program behind.
        director.run("ip", "link", "set", "dev", IN, "xdp", "off");
        director.run("ip", "link", "set", "dev", OUT, "xdp", "off");
        up();
        receiveOn("0");
    }

    /** The CPUs, as a mask, that the kernel moves received frames to; 0: they stay where they came in. */
    void receiveOn(String mask) {
        director.must("sh", "-c", "echo " + mask + " > /sys/class/net/" + IN + "/queues/rx-0/rps_cpus");
    }

    @Override
    public void close() {
        for (Namespace each : List.of(gen, director, sink)) {
            final Shell.Result pids = Shell.run("ip", "netns", "pids", each.name());
            pids.output().lines().filter(pid -> pid.matches("\\d+")).forEach(pid -> Shell.run("kill", "-9", pid));
            Shell.run("ip", "netns", "del", each.name());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a forwarder said, for a message. */
    String log(String file) {
        try {
            return Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
