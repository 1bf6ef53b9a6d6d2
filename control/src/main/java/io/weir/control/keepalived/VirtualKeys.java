package io.weir.control.keepalived;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code virtual_server} is called: its address and port, its firewall mark, or all of its group.
 *
 * @param name as keepalived writes it in its log
 * @param keys in ipvsadm's words
 * @param port of the first one, for servers that name none
 */
record VirtualKeys(String name, List<String> keys, int port) {
    private static final int MAX_PORT = 65_535;
    private static final int MOST_OF_A_RANGE = 65_536;

    /** Reads the words after {@code virtual_server}. */
    static VirtualKeys read(Block block, String protocol, boolean ipv6Mark, Map<String, Block> groups) {
        final Statement head = block.statement();
        final List<String> words = head.arguments();
        if (words.size() > 1 && words.get(0).equals("fwmark")) {
            final int mark = block.integer(head, 2, 1, Integer.MAX_VALUE, 0);
            return new VirtualKeys("FWM " + mark, List.of("-f " + mark + (ipv6Mark ? " -6" : "")), 0);
        }
        if (words.size() > 1 && words.get(0).equals("group")) {
            final Block group = groups.get(words.get(1));
            if (group == null) {
                block.report().wrong(head, "there is no virtual_server_group " + words.get(1));
                return new VirtualKeys("", List.of(), 0);
            }
            return ofGroup(group, protocol, words.get(1));
        }
        final IpAddress address = block.address(head, 1);
        final int port = words.size() > 1 ? block.integer(head, 2, 0, MAX_PORT, 0) : 0;
        if (address == null) {
            return new VirtualKeys("", List.of(), port);
        }
        return new VirtualKeys(
                "[" + address + "]:" + protocol.toLowerCase(Locale.ROOT) + ":" + port,
                List.of(key(protocol, address, port)),
                port);
    }

    private static VirtualKeys ofGroup(Block group, String protocol, String name) {
        final List<String> keys = new ArrayList<>();
        int firstPort = 0;
        for (Statement each : group.statement().block()) {
            if (each.keyword().equals("fwmark")) {
                final boolean ipv6 = each.words().contains("inet6");
                keys.add("-f " + group.integer(each, 1, 1, Integer.MAX_VALUE, 0) + (ipv6 ? " -6" : ""));
                continue;
            }
            final int port = each.words().size() > 1 ? group.integer(each, 1, 0, MAX_PORT, 0) : 0;
            firstPort = firstPort == 0 ? port : firstPort;
            final List<IpAddress> range = range(each.keyword());
            if (range == null) {
                group.report().wrong(each, "must be an address, a range (A-B, A/LENGTH) or fwmark N");
                continue;
            }
            if (keys.size() + range.size() > MOST_OF_A_RANGE) {
                group.report().wrong(each, "more than " + MOST_OF_A_RANGE + " addresses in the group");
                break;
            }
            range.forEach(address -> keys.add(key(protocol, address, port)));
        }
        return new VirtualKeys("group " + name, keys, firstPort);
    }

    /** The addresses of {@code 10.0.0.1}, {@code 10.0.0.1-9}, {@code 10.0.0.1-10.0.0.9} or {@code 10.0.0.0/29}. */
    static @Nullable List<IpAddress> range(String text) {
        try {
            final int dash = text.indexOf('-');
            final int slash = text.indexOf('/');
            if (slash > 0) {
                final IpAddress first = IpAddress.parse(text.substring(0, slash));
                final int free = (first.isV4() ? 32 : 128) - Integer.parseInt(text.substring(slash + 1));
                return free < 0 || free > 16 ? null : count(first, (1L << free) - (first.lo() & (1L << free) - 1));
            }
            final IpAddress first = IpAddress.parse(dash < 0 ? text : text.substring(0, dash));
            return dash < 0 ? List.of(first) : to(first, text.substring(dash + 1));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable List<IpAddress> to(IpAddress first, String last) {
        final long end;
        if (last.matches("[0-9]{1,3}") && first.isV4()) {
            end = first.lo() & ~0xFFL | Integer.parseInt(last);
        } else if (last.matches("[0-9a-fA-F]{1,4}")) {
            end = first.lo() & ~0xFFFFL | Integer.parseInt(last, 16);
        } else {
            end = IpAddress.parse(last).lo();
        }
        final long size = end - first.lo() + 1;
        return size < 1 || size > MOST_OF_A_RANGE ? null : count(first, size);
    }

    private static List<IpAddress> count(IpAddress first, long size) {
        final List<IpAddress> all = new ArrayList<>();
        for (long i = 0; i < size; i++) {
            all.add(new IpAddress(first.hi(), first.lo() + i));
        }
        return all;
    }

    private static String key(String protocol, IpAddress address, int port) {
        final String flag =
                switch (protocol) {
                    case "UDP" -> "-u ";
                    case "SCTP" -> "--sctp-service ";
                    default -> "-t ";
                };
        return flag + endpoint(address, port);
    }

    /** ipvsadm's form of an address with a port. */
    static String endpoint(IpAddress address, int port) {
        return (address.isV4() ? address.toString() : "[" + address + "]") + ":" + port;
    }
}
