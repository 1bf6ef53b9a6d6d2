package io.weir.packet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One frame of each kind: the seed corpus of the fuzz tests.
 *
 * <p>{@link #main} writes them as files, one each; run it when a kind is added.
 */
final class SeedPackets {
    private static final String A4 = "10.0.0.1";
    private static final String B4 = "10.0.0.100";
    private static final String A6 = "fd00::1";
    private static final String B6 = "fd00::100";

    private SeedPackets() {}

    static Map<String, byte[]> all() {
        final Map<String, byte[]> seeds = new LinkedHashMap<>();
        addV4(seeds);
        addV6(seeds);
        addErrorsAndTunnels(seeds);
        return seeds;
    }

    private static void addV4(Map<String, byte[]> seeds) {
        final PacketBuilder arp = PacketBuilder.ethernet().arp(1, 0x0200_0000_0001L, A4, 0, B4);
        seeds.put("arp", arp.padding(18).build());
        seeds.put(
                "tcp4-syn",
                v4().tcp(40000, 80, TcpFlags.SYN).mss(1460).timestamps(7, 0).build());
        seeds.put(
                "tcp4-options",
                v4().ipv4Options(1, 1, 1, 1)
                        .tcp(40000, 80, TcpFlags.ACK)
                        .payload(5)
                        .build());
        seeds.put("udp4-vlan", v4().vlan(100).udp(5353, 53).payload("query").build());
        seeds.put("icmp4-echo", v4().icmp(8, 0, 0x0001_0002).payload(8).build());
        seeds.put(
                "sctp4-init",
                v4().sctp(5000, 5001, 0)
                        .chunk(ProtocolNumbers.SCTP_INIT, 0, 0, 0, 0, 1)
                        .build());
        seeds.put(
                "fragment4-first",
                v4().fragment(0, true, 7).udp(1, 2).payload(8).build());
        seeds.put(
                "fragment4-later",
                v4().fragment(16, false, 7)
                        .protocol(ProtocolNumbers.UDP)
                        .payload(9)
                        .build());
    }

    private static void addV6(Map<String, byte[]> seeds) {
        seeds.put("tcp6-syn", v6().tcp(40000, 443, TcpFlags.SYN).mss(1440).build());
        seeds.put(
                "udp6-extensions",
                v6().extension(ProtocolNumbers.HOP_BY_HOP, 8)
                        .extension(ProtocolNumbers.ROUTING, 24)
                        .extension(ProtocolNumbers.DESTINATION_OPTIONS, 8)
                        .extension(ProtocolNumbers.AH, 24)
                        .udp(5353, 53)
                        .build());
        seeds.put(
                "fragment6-first",
                v6().fragment(0, true, 9).udp(1, 2).payload(8).build());
        seeds.put(
                "fragment6-later",
                v6().fragment(1232, false, 9)
                        .protocol(ProtocolNumbers.UDP)
                        .payload(9)
                        .build());
        seeds.put("icmp6-neighbor", v6().icmp(135, 0, 0).payload(24).build());
    }

    private static void addErrorsAndTunnels(Map<String, byte[]> seeds) {
        final byte[] tcp4 =
                PacketBuilder.bare().ip(A4, B4).tcp(1, 2, TcpFlags.ACK).build();
        final byte[] udp6 = PacketBuilder.bare().ip(A6, B6).udp(1, 2).payload(4).build();
        seeds.put("icmp4-frag-needed", v4().icmp(3, 4, 1400).payload(tcp4).build());
        seeds.put("icmp6-too-big", v6().icmp(2, 0, 1400).payload(udp6).build());
        seeds.put("ipip", v4().protocol(ProtocolNumbers.IPIP).payload(tcp4).build());
        seeds.put(
                "ip6-in-ip4", v4().protocol(ProtocolNumbers.IPV6).payload(udp6).build());
        seeds.put("gre", v4().protocol(ProtocolNumbers.GRE).payload(gre(tcp4)).build());
        seeds.put(
                "gue", v4().udp(3333, PacketPrinter.GUE_PORT).payload(gue(tcp4)).build());
    }

    static byte[] gre(byte[] inner) {
        return PacketBuilder.join(java.util.List.of(PacketBuilder.bytes(0, 0, 8, 0), inner));
    }

    static byte[] gue(byte[] inner) {
        return PacketBuilder.join(java.util.List.of(PacketBuilder.bytes(0, 4, 0, 0), inner));
    }

    private static PacketBuilder v4() {
        return PacketBuilder.ethernet().ip(A4, B4);
    }

    private static PacketBuilder v6() {
        return PacketBuilder.ethernet().ip(A6, B6);
    }

    /** Writes the corpus into the directory given. */
    public static void main(String[] args) throws IOException {
        final Path directory = Path.of(args[0]);
        Files.createDirectories(directory);
        for (final Map.Entry<String, byte[]> seed : all().entrySet()) {
            Files.write(directory.resolve(seed.getKey()), seed.getValue());
        }
    }
}
