package io.weir.dataplane.route;

import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Takes over what the kernel knows: interfaces, routes and complete neighbours, read from /proc/net without a process.
 *
 * <p>Only routes by one of the given interfaces are taken; unreachable, multicast and host-local ones are not. They come
 * lowest metric first, which is the order {@link RouteTable} wants. Addresses in these files are hexadecimal words in the
 * machine's byte order (IPv4) or 32 digits (IPv6).
 *
 * <p><b>Thread</b>: control; allocates. <b>Not here</b>: policy routing, multipath, IPv6 neighbours (no file has them).
 */
public final class KernelRoutes {
    private static final Path PROC = Path.of("/proc/net");
    private static final int FLAG_UP = 0x1;
    private static final int FLAG_GATEWAY = 0x2;
    private static final int FLAG_REJECT = 0x200;
    private static final int FLAG_ANYCAST = 0x0010_0000;
    private static final int FLAG_LOCAL = 0x8000_0000;
    private static final int ARP_COMPLETE = 0x2;
    private static final int ARP_PERMANENT = 0x4;

    /**
     * A neighbour of the kernel's.
     *
     * @param permanent configured, not learnt
     */
    public record Neighbour(int interfaceIndex, IpAddress address, long mac, boolean permanent) {}

    private record Ranked(long metric, Route route) {}

    private KernelRoutes() {}

    /** The kernel's routes by these interfaces, both families. */
    public static List<Route> routes(List<InterfaceInfo> interfaces) throws IOException {
        final List<Route> all = new ArrayList<>(parseV4(lines("route"), interfaces));
        all.addAll(parseV6(lines("ipv6_route"), interfaces));
        return all;
    }

    /** The kernel's complete IPv4 neighbours on these interfaces. */
    public static List<Neighbour> neighbours(List<InterfaceInfo> interfaces) throws IOException {
        return parseArp(lines("arp"), interfaces);
    }

    private static List<String> lines(String file) throws IOException {
        final Path path = PROC.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path, StandardCharsets.US_ASCII) : List.of();
    }

    /**
     * Reads an interface's MAC address, MTU and addresses.
     *
     * @throws IOException if there is no such interface
     */
    public static InterfaceInfo interfaceInfo(int index, String name) throws IOException {
        final NetworkInterface found = NetworkInterface.getByName(name);
        if (found == null) {
            throw new IOException("no such interface: name=" + name);
        }
        long mac = 0;
        final byte[] hardware = found.getHardwareAddress();
        if (hardware != null) {
            for (final byte b : hardware) {
                mac = mac << 8 | b & 0xFF;
            }
        }
        final List<InterfaceInfo.Prefix> addresses = new ArrayList<>();
        for (final InterfaceAddress a : found.getInterfaceAddresses()) {
            addresses.add(new InterfaceInfo.Prefix(address(a.getAddress().getAddress()), a.getNetworkPrefixLength()));
        }
        return new InterfaceInfo(index, name, hardware != null, mac, found.getMTU(), addresses);
    }

    private static IpAddress address(byte[] bytes) {
        long hi = 0;
        long lo = 0;
        for (final byte b : bytes) {
            hi = hi << 8 | lo >>> 56;
            lo = lo << 8 | b & 0xFF;
        }
        return bytes.length == 4 ? new IpAddress(0, IpAddress.v4((int) lo)) : new IpAddress(hi, lo);
    }

    /** Reads the lines of /proc/net/route: Iface Destination Gateway Flags RefCnt Use Metric Mask MTU ... */
    static List<Route> parseV4(List<String> lines, List<InterfaceInfo> interfaces) {
        final List<Ranked> found = new ArrayList<>();
        for (final String line : lines) {
            final String[] f = line.trim().split("\\s+", -1);
            final int index = f.length < 9 ? -1 : indexOf(f[0], interfaces);
            if (index < 0) {
                continue;
            }
            final int flags = Integer.parseUnsignedInt(f[3], 16);
            if ((flags & FLAG_UP) == 0 || (flags & FLAG_REJECT) != 0) {
                continue;
            }
            final IpAddress gateway = (flags & FLAG_GATEWAY) != 0 ? wordV4(f[2]) : null;
            final int bits = Integer.bitCount(Integer.parseUnsignedInt(f[7], 16));
            final InterfaceInfo.Prefix prefix = new InterfaceInfo.Prefix(wordV4(f[1]), bits);
            found.add(
                    new Ranked(Long.parseLong(f[6]), new Route(prefix, gateway, index, Integer.parseInt(f[8]), null)));
        }
        return sorted(found);
    }

    private static IpAddress wordV4(String hex) {
        final int word = Integer.parseUnsignedInt(hex, 16);
        final boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        return new IpAddress(0, IpAddress.v4(little ? Integer.reverseBytes(word) : word));
    }

    /** Reads the lines of /proc/net/ipv6_route: net plen source plen gateway metric refcnt use flags iface. */
    static List<Route> parseV6(List<String> lines, List<InterfaceInfo> interfaces) {
        final List<Ranked> found = new ArrayList<>();
        for (final String line : lines) {
            final String[] f = line.trim().split("\\s+", -1);
            final int index = f.length < 10 ? -1 : indexOf(f[9], interfaces);
            if (index < 0) {
                continue;
            }
            final int flags = Integer.parseUnsignedInt(f[8], 16);
            final IpAddress net = wordsV6(f[0]);
            if ((flags & FLAG_UP) == 0
                    || (flags & (FLAG_REJECT | FLAG_ANYCAST | FLAG_LOCAL)) != 0
                    || net.hi() >>> 56 == 0xFF) {
                continue;
            }
            final IpAddress gateway = (flags & FLAG_GATEWAY) != 0 ? wordsV6(f[4]) : null;
            final InterfaceInfo.Prefix prefix = new InterfaceInfo.Prefix(net, Integer.parseInt(f[1], 16));
            found.add(new Ranked(Long.parseLong(f[5], 16), new Route(prefix, gateway, index, 0, null)));
        }
        return sorted(found);
    }

    private static IpAddress wordsV6(String hex) {
        return new IpAddress(
                Long.parseUnsignedLong(hex.substring(0, 16), 16), Long.parseUnsignedLong(hex.substring(16, 32), 16));
    }

    /** Reads the lines of /proc/net/arp: address, hardware type, flags, MAC address, mask, device. */
    static List<Neighbour> parseArp(List<String> lines, List<InterfaceInfo> interfaces) {
        final List<Neighbour> found = new ArrayList<>();
        for (final String line : lines) {
            final String[] f = line.trim().split("\\s+", -1);
            final int index = f.length < 6 ? -1 : indexOf(f[5], interfaces);
            if (index < 0 || f[3].length() != 17 || !f[2].startsWith("0x")) {
                continue;
            }
            final int flags = Integer.parseUnsignedInt(f[2].substring(2), 16);
            if ((flags & ARP_COMPLETE) != 0) {
                final long mac = Long.parseUnsignedLong(f[3].replace(":", ""), 16);
                found.add(new Neighbour(index, IpAddress.parse(f[0]), mac, (flags & ARP_PERMANENT) != 0));
            }
        }
        return found;
    }

    private static int indexOf(String name, List<InterfaceInfo> interfaces) {
        for (final InterfaceInfo info : interfaces) {
            if (info.name().equals(name)) {
                return info.index();
            }
        }
        return -1;
    }

    private static List<Route> sorted(List<Ranked> found) {
        found.sort(Comparator.comparingLong(Ranked::metric));
        return found.stream().map(Ranked::route).toList();
    }
}
