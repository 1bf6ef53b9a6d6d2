package io.weir.control.mark;

import io.weir.dataplane.MarkRules;
import io.weir.dataplane.MarkRules.Action;
import io.weir.dataplane.MarkRules.Network;
import io.weir.dataplane.MarkRules.Ports;
import io.weir.dataplane.MarkRules.Rule;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/**
 * Reads rules that set firewall marks, as {@code iptables} and {@code ip6tables} write them: {@code -t mangle -A PREROUTING
 * -s -d -p --sport --dport -m multiport --sports --dports --ports -m mark --mark -i ! -j MARK --set-mark N[/MASK]}; also
 * {@code --set-xmark --or-mark --and-mark --xor-mark} and {@code -j ACCEPT|RETURN}.
 *
 * <p><b>Fails</b>: IllegalArgumentException with a line for the user; anything that is not understood is refused.
 *
 * <p><b>Source</b>: iptables(8), iptables-extensions(8).
 */
public final class MarkRuleParser {
    private static final int PORTS = 0xFFFF;
    private static final long IPV4_HIGH = 0xFFFF_FFFF_0000_0000L;
    private static final long ALL = -1L;

    private final List<String> interfaces;

    /** Knows these interfaces, by index. */
    public MarkRuleParser(List<String> interfaces) {
        this.interfaces = List.copyOf(interfaces);
    }

    /** Parses a whole command line, {@code iptables ...}. */
    public Rule parse(String line) {
        final List<String> words = new ArrayList<>();
        final StringTokenizer tokens = new StringTokenizer(line);
        while (tokens.hasMoreTokens()) {
            words.add(tokens.nextToken());
        }
        return parse(words);
    }

    /** Parses the words of a command line; the first is the command. */
    public Rule parse(List<String> words) {
        final boolean ipv6 = !words.isEmpty() && words.get(0).startsWith("ip6tables");
        if (!ipv6 && (words.isEmpty() || !words.get(0).startsWith("iptables"))) {
            throw new IllegalArgumentException("not an iptables command: " + String.join(" ", words));
        }
        return new Reader(words, ipv6).read();
    }

    /** One rule while it is read. */
    private final class Reader {
        private final List<String> words;
        private final boolean ipv6;
        private int next = 1;
        private boolean negated;

        private Network source = Network.ANY;
        private Network destination = Network.ANY;
        private int protocol = MarkRules.ANY_PROTOCOL;
        private boolean protocolNegated;
        private Ports sourcePorts = Ports.ANY;
        private Ports destinationPorts = Ports.ANY;
        private Ports eitherPorts = Ports.ANY;
        private long ingress = MarkRules.ANY_INTERFACE;
        private int matchValue;
        private int matchMask;
        private boolean matchNegated;
        private String target = "";
        private int value;
        private int mask;

        Reader(List<String> words, boolean ipv6) {
            this.words = words;
            this.ipv6 = ipv6;
        }

        Rule read() {
            while (next < words.size()) {
                final String option = words.get(next++);
                if ("!".equals(option)) {
                    negated = true;
                } else {
                    option(option);
                    negated = false;
                }
            }
            final Action action =
                    switch (target) {
                        case "MARK" -> Action.MARK;
                        case "ACCEPT", "RETURN" -> Action.ACCEPT;
                        default -> throw new IllegalArgumentException("no target that we know: -j " + target);
                    };
            return new Rule(
                    ipv6,
                    source,
                    destination,
                    protocol,
                    protocolNegated,
                    sourcePorts,
                    destinationPorts,
                    eitherPorts,
                    ingress,
                    matchValue,
                    matchMask,
                    matchNegated,
                    action,
                    value,
                    mask);
        }

        private void option(String option) {
            switch (option) {
                case "-t", "--table" -> expect("mangle");
                case "-A", "--append", "-I", "--insert" -> expect("PREROUTING");
                case "-s", "--source", "--src" -> source = network(argument());
                case "-d", "--destination", "--dst" -> destination = network(argument());
                case "-p", "--protocol" -> protocol(argument());
                case "--sport", "--source-port" -> sourcePorts = ports(argument());
                case "--dport", "--destination-port" -> destinationPorts = ports(argument());
                case "--sports", "--source-ports" -> sourcePorts = ports(argument());
                case "--dports", "--destination-ports" -> destinationPorts = ports(argument());
                case "--ports" -> eitherPorts = ports(argument());
                case "-i", "--in-interface" -> ingress = interfaces(argument());
                case "-m", "--match" -> module(argument());
                case "--comment" -> argument();
                case "--mark" -> match(argument());
                case "-j", "--jump" -> target = argument();
                case "-w", "--wait" -> negated = false;
                default -> mark(option);
            }
        }

        private String argument() {
            if (next == words.size()) {
                throw new IllegalArgumentException("nothing behind " + words.get(next - 1));
            }
            return words.get(next++);
        }

        private void expect(String word) {
            final String found = argument();
            if (!word.equals(found)) {
                throw new IllegalArgumentException("only " + word + " is supported here, not " + found);
            }
        }

        private void module(String name) {
            if (!List.of("tcp", "udp", "sctp", "multiport", "mark", "comment").contains(name)) {
                throw new IllegalArgumentException("no such match module here: -m " + name);
            }
        }

        private Network network(String text) {
            final int slash = text.indexOf('/');
            final IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
            if (address.isV4() == ipv6) {
                throw new IllegalArgumentException("address of the other family: " + text);
            }
            final String length = slash < 0 ? "" : text.substring(slash + 1);
            final long maskHi;
            final long maskLo;
            if (ipv6) {
                final int bits = length.isEmpty() ? 128 : number(length, 128);
                maskHi = bits >= 64 ? ALL : ones(bits);
                maskLo = bits <= 64 ? 0 : ones(bits - 64);
            } else {
                maskHi = ALL;
                maskLo = IPV4_HIGH | ipv4Mask(length);
            }
            return new Network(address.hi() & maskHi, address.lo() & maskLo, maskHi, maskLo, negated);
        }

        private static long ipv4Mask(String text) {
            if (text.indexOf('.') >= 0) {
                return IpAddress.parse(text).lo() & 0xFFFF_FFFFL;
            }
            final int bits = text.isEmpty() ? 32 : number(text, 32);
            return bits == 0 ? 0 : 0xFFFF_FFFFL << 32 - bits & 0xFFFF_FFFFL;
        }

        private static long ones(int bits) {
            return bits == 0 ? 0 : ALL << 64 - bits;
        }

        private void protocol(String text) {
            protocolNegated = negated;
            protocol = switch (text) {
                case "all" -> MarkRules.ANY_PROTOCOL;
                case "tcp" -> ProtocolNumbers.TCP;
                case "udp" -> ProtocolNumbers.UDP;
                case "sctp" -> ProtocolNumbers.SCTP;
                case "icmp" -> ProtocolNumbers.ICMP;
                case "icmpv6", "ipv6-icmp" -> ProtocolNumbers.ICMPV6;
                default -> number(text, 255);
            };
            if (protocol == 0) {
                protocol = MarkRules.ANY_PROTOCOL;
            }
        }

        private Ports ports(String text) {
            final String[] parts = text.split(",", -1);
            final int[] ranges = new int[parts.length];
            for (int i = 0; i < parts.length; i++) {
                final int colon = parts[i].indexOf(':');
                final String first = colon < 0 ? parts[i] : parts[i].substring(0, colon);
                final String last = colon < 0 ? parts[i] : parts[i].substring(colon + 1);
                final int from = first.isEmpty() ? 0 : number(first, PORTS);
                final int to = last.isEmpty() ? PORTS : number(last, PORTS);
                ranges[i] = from << 16 | to;
            }
            return new Ports(ranges, negated);
        }

        private long interfaces(String name) {
            long bits = 0;
            final boolean prefix = name.endsWith("+");
            for (int i = 0; i < interfaces.size(); i++) {
                final String known = interfaces.get(i);
                final boolean same =
                        prefix ? known.startsWith(name.substring(0, name.length() - 1)) : known.equals(name);
                bits |= same ? 1L << i : 0;
            }
            return negated ? ~bits : bits;
        }

        private void match(String text) {
            final int slash = text.indexOf('/');
            matchMask = slash < 0 ? -1 : bits(text.substring(slash + 1));
            matchValue = bits(slash < 0 ? text : text.substring(0, slash)) & matchMask;
            matchNegated = negated;
        }

        private void mark(String option) {
            final int equals = option.indexOf('=');
            final String name = equals < 0 ? option : option.substring(0, equals);
            if (!List.of("--set-mark", "--set-xmark", "--or-mark", "--and-mark", "--xor-mark")
                    .contains(name)) {
                throw new IllegalArgumentException("not supported in a mark rule: " + option);
            }
            final String text = equals < 0 ? argument() : option.substring(equals + 1);
            final int slash = text.indexOf('/');
            final int bits = bits(slash < 0 ? text : text.substring(0, slash));
            final int given = slash < 0 ? -1 : bits(text.substring(slash + 1));
            value = "--and-mark".equals(name) ? 0 : bits;
            mask = switch (name) {
                case "--set-mark" -> given | bits;
                case "--set-xmark" -> given;
                case "--or-mark" -> bits;
                case "--and-mark" -> ~bits;
                default -> 0;
            };
        }

        private static int bits(String text) {
            try {
                final long bits = Long.decode(text);
                if (bits >>> 32 == 0) {
                    return (int) bits;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("not a mark: " + text, e);
            }
            throw new IllegalArgumentException("not a mark: " + text);
        }

        private static int number(String text, int max) {
            try {
                final int value = Integer.parseInt(text);
                if (value >= 0 && value <= max) {
                    return value;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("not a number of 0 to " + max + ": " + text, e);
            }
            throw new IllegalArgumentException("not a number of 0 to " + max + ": " + text);
        }
    }
}
