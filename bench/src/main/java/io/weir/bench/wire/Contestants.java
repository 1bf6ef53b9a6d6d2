package io.weir.bench.wire;

import io.weir.bench.wire.WireFrames.Change;
import io.weir.control.lab.Background;
import io.weir.control.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Who may take part. Each has the forwarder's CPU for itself, if it uses it; the sender's CPU does the receiving. */
final class Contestants {
    /** The registry: <b>one line adds a contestant</b>. */
    static final List<Contestant> ALL = List.of(
            new Contestant("weir-dr", "Weir, DR, TPACKET_V3", Change.ROUTED, lab -> weir(lab, "dr", "afpacket", true)),
            new Contestant(
                    "weir-dr-v2", "Weir, DR, TPACKET_V2", Change.ROUTED, lab -> weir(lab, "dr", "afpacket", false)),
            new Contestant("weir-nat", "Weir, NAT, TPACKET_V3", Change.NAT, lab -> weir(lab, "nat", "afpacket", true)),
            new Contestant("weir-xdp", "Weir, DR, AF_XDP", Change.ROUTED, lab -> weir(lab, "dr", "xdp", false)),
            new Contestant("weir-nat-xdp", "Weir, NAT, AF_XDP", Change.NAT, lab -> weir(lab, "nat", "xdp", false)),
            new Contestant("c-v3", "bare C forwarder, TPACKET_V3", Change.MACS, Contestants::c),
            new Contestant("testpmd", "DPDK testpmd, net_af_packet", Change.MACS, lab -> testpmd(lab, "af_packet")),
            new Contestant("testpmd-xdp", "DPDK testpmd, net_af_xdp", Change.MACS, lab -> testpmd(lab, "af_xdp")),
            new Contestant("route", "kernel routing, inline", Change.ROUTED, lab -> route(lab, "0")),
            new Contestant("route-rps", "kernel routing, two cores", Change.ROUTED, lab -> route(lab, "2")),
            new Contestant("nft", "nftables DNAT, inline", Change.NAT, lab -> nft(lab, "0")),
            new Contestant("nft-rps", "nftables DNAT, two cores", Change.NAT, lab -> nft(lab, "2")));

    private static final int READY_SECONDS = 30;

    private Contestants() {}

    private static AutoCloseable weir(WireLab lab, String method, String device, boolean throughput)
            throws IOException {
        return weir(lab, method, device, throughput, "");
    }

    /** @param javaOptions more flags of the virtual machine; if there are any, it starts without a warm-up */
    static Background weir(WireLab lab, String method, String device, boolean throughput, String javaOptions)
            throws IOException {
        final String port = method.equals("nat") ? ":" + WireLab.SERVER_PORT : ":" + WireLab.VIP_PORT;
        final Path config = lab.folder().resolve("weir.yaml");
        final Path ready = lab.folder().resolve("ready");
        Files.deleteIfExists(ready);
        Files.writeString(
                config,
                String.join(
                        "\n",
                        "name: " + lab.name(),
                        "interfaces: [{device: '" + device + ":" + WireLab.IN + "'}, {device: '" + device + ":"
                                + WireLab.OUT + "'}]",
                        // The sink answers nothing.
                        "neighbours: [{address: " + WireLab.SERVER + ", mac: '" + WireLab.SERVER_MAC + "', interface: "
                                + WireLab.OUT + "}]",
                        "ring: {profile: " + (throughput ? "throughput" : "latency") + "}",
                        "worker: {cpu: " + WireLab.FORWARDER_CPU + ", idle: spin, warm_up: " + javaOptions.isEmpty()
                                + "}",
                        "state: {save: false}",
                        "services: [{virtual: 'udp " + WireLab.VIP + ":" + WireLab.VIP_PORT
                                + "', scheduler: mh, forward: " + method + ", servers: ['" + WireLab.SERVER + port
                                + "']}]",
                        ""));
        final String launcher = System.getProperty("weir.launcher", "weir");
        return started(
                lab,
                "weir",
                // Compilers and collectors stay with the sender; the worker goes to its own CPU by itself.
                List.of(
                        "taskset",
                        "-c",
                        WireLab.SENDER_CPU,
                        "env",
                        "WEIR_JAVA_OPTS=" + javaOptions,
                        launcher,
                        "run",
                        "-c",
                        config.toString(),
                        "--ready-file",
                        ready.toString()),
                () -> Files.exists(ready));
    }

    private static AutoCloseable c(WireLab lab) {
        lab.guard();
        return started(
                lab,
                "forwarder",
                List.of(
                        "taskset",
                        "-c",
                        WireLab.FORWARDER_CPU,
                        lab.tool("forwarder"),
                        WireLab.IN,
                        WireLab.OUT,
                        WireLab.VIP,
                        WireLab.OUT_MAC,
                        WireLab.SERVER_MAC),
                () -> lab.log("lb-forwarder.log").contains("ready"));
    }

    private static AutoCloseable testpmd(WireLab lab, String driver) {
        lab.guard();
        final String more = driver.equals("af_packet") ? ",qdisc_bypass=1" : "";
        final List<String> command = new ArrayList<>(List.of("dpdk-testpmd", "--lcores", "0@0,1@1"));
        command.addAll(List.of("--no-huge", "-m", "512", "--no-pci", "--no-telemetry", "--file-prefix", lab.name()));
        command.addAll(List.of("--vdev=net_" + driver + "0,iface=" + WireLab.IN + more));
        command.addAll(List.of("--vdev=net_" + driver + "1,iface=" + WireLab.OUT + more));
        command.addAll(List.of("--", "--forward-mode=mac", "--total-num-mbufs=32768", "--auto-start"));
        command.addAll(List.of("--stats-period", "60", "--eth-peer=1," + WireLab.SERVER_MAC));
        return started(lab, "testpmd", command, () -> lab.log("lb-testpmd.log").contains("Port statistics"));
    }

    private static AutoCloseable route(WireLab lab, String rpsMask) {
        lab.director().must("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
        lab.director().must("ip", "route", "replace", WireLab.VIP + "/32", "via", WireLab.SERVER);
        lab.receiveOn(rpsMask);
        return () -> {};
    }

    private static AutoCloseable nft(WireLab lab, String rpsMask) {
        lab.director().must("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
        lab.director()
                .must(
                        "nft",
                        "add table ip n; add chain ip n p { type nat hook prerouting priority -100; }; "
                                + "add rule ip n p ip daddr " + WireLab.VIP + " udp dport " + WireLab.VIP_PORT
                                + " dnat to "
                                + WireLab.SERVER + ":" + WireLab.SERVER_PORT);
        lab.receiveOn(rpsMask);
        return () -> {};
    }

    /** The last line that is not part of a stack trace. */
    private static String lastWords(String said) {
        return said.lines().filter(line -> !line.startsWith("\t")).reduce("", (before, line) -> line);
    }

    private static Background started(WireLab lab, String what, List<String> command, BooleanSupplier ready) {
        final Background running = lab.director().start(what, command);
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (!ready.getAsBoolean()) {
            if (!running.isAlive() || System.nanoTime() - deadline > 0) {
                final String said = running.output();
                running.close();
                throw new LabException(what + " does not start: " + lastWords(said));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return running;
    }
}
