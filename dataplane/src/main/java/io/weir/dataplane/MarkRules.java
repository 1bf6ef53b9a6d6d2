package io.weir.dataplane;

import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import java.util.List;

/**
 * Gives packets a firewall mark, as rules of the MARK target in {@code mangle PREROUTING} do.
 *
 * <p>Immutable. Rules are tried in order and all of them: a later MARK sees what an earlier one set; ACCEPT ends the walk.
 *
 * <p><b>Thread</b>: any. {@link #mark} does not allocate. <b>Source</b>: iptables-extensions(8), MARK and multiport.
 */
public final class MarkRules {
    /** No rules: every packet has mark 0. */
    public static final MarkRules NONE = new MarkRules(List.of());

    /** Any protocol. */
    public static final int ANY_PROTOCOL = -1;
    /** Every interface. */
    public static final long ANY_INTERFACE = -1L;

    private static final int PORT_BITS = 16;
    private static final int PORT_MASK = 0xFFFF;

    private final Rule[] rules;

    public MarkRules(List<Rule> rules) {
        this.rules = rules.toArray(new Rule[0]);
    }

    /**
     * A network to compare an address with.
     *
     * @param maskHi bits that count; {@code hi} and {@code lo} have no others
     * @param negated matches what is outside
     */
    public record Network(long hi, long lo, long maskHi, long maskLo, boolean negated) {
        /** Everything. */
        public static final Network ANY = new Network(0, 0, 0, 0, false);

        boolean matches(long addressHi, long addressLo) {
            return ((addressHi & maskHi) == hi && (addressLo & maskLo) == lo) != negated;
        }
    }

    /**
     * Ports to compare with.
     *
     * @param ranges each {@code first << 16 | last}; empty takes every packet, also one without ports
     * @param negated matches what is in none of them
     */
    // An array, since the packet path walks it; rules are never compared.
    @SuppressWarnings("ArrayRecordComponent")
    public record Ports(int[] ranges, boolean negated) {
        /** Everything. */
        public static final Ports ANY = new Ports(new int[0], false);

        boolean matches(int port) {
            return ranges.length == 0 || contains(port) != negated;
        }

        private boolean contains(int port) {
            for (int range : ranges) {
                if (port >= range >>> PORT_BITS && port <= (range & PORT_MASK)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** What a matching rule does. */
    public enum Action {
        /** Clear the bits of the mask, then XOR the value. */
        MARK,
        /** No further rule. */
        ACCEPT
    }

    /**
     * One rule.
     *
     * @param ipv6 which of the two tables it stands in
     * @param protocol IP protocol, or {@link #ANY_PROTOCOL}
     * @param eitherPorts ports of which the source's or the destination's must match
     * @param interfaces bit {@code 1 << index} for each interface it may have come in by
     * @param markMask bits of the present mark that are compared with {@code markValue}
     */
    public record Rule(
            boolean ipv6,
            Network source,
            Network destination,
            int protocol,
            boolean protocolNegated,
            Ports sourcePorts,
            Ports destinationPorts,
            Ports eitherPorts,
            long interfaces,
            int markValue,
            int markMask,
            boolean markNegated,
            Action action,
            int value,
            int mask) {

        boolean matches(ParsedPacket p, int ingressInterface, int mark) {
            return ipv6 != p.isV4()
                    && (interfaces & 1L << ingressInterface) != 0
                    && (protocol == ANY_PROTOCOL || (protocol == p.protocol) != protocolNegated)
                    && source.matches(p.srcHi, p.srcLo)
                    && destination.matches(p.dstHi, p.dstLo)
                    && sourcePorts.matches(p.srcPort)
                    && destinationPorts.matches(p.dstPort)
                    && (eitherPorts.matches(p.srcPort) || eitherPorts.matches(p.dstPort))
                    && ((mark & markMask) == markValue) != markNegated;
        }
    }

    /**
     * The mark of a packet.
     *
     * @param ingressInterface index of the interface it came in by, below 64
     * @return 0 if no rule marks it
     */
    public int mark(ParsedPacket p, int ingressInterface) {
        int mark = 0;
        for (Rule rule : rules) {
            if (rule.matches(p, ingressInterface, mark)) {
                if (rule.action == Action.ACCEPT) {
                    return mark;
                }
                mark = (mark & ~rule.mask) ^ rule.value;
            }
        }
        return mark;
    }

    /** The mark of a packet from any sender to this address and port. */
    public int mark(int protocol, IpAddress to, int port, int ingressInterface) {
        final ParsedPacket packet = new ParsedPacket();
        packet.ipVersion = to.isV4() ? 4 : 6;
        packet.protocol = protocol;
        packet.srcLo = to.isV4() ? IpAddress.ANY4.lo() : IpAddress.ANY6.lo();
        packet.dstHi = to.hi();
        packet.dstLo = to.lo();
        packet.dstPort = port;
        return mark(packet, ingressInterface);
    }

    /** All of them, in order. */
    public List<Rule> rules() {
        return List.of(rules);
    }

    /** How many rules there are. */
    public int size() {
        return rules.length;
    }
}
