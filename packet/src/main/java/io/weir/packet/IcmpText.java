package io.weir.packet;

/** Names ICMP and ICMPv6 messages for {@link PacketPrinter}. */
final class IcmpText {
    private IcmpText() {}

    static boolean isEcho(boolean v4, int type) {
        return v4
                ? type == ProtocolNumbers.ICMP_ECHO || type == ProtocolNumbers.ICMP_ECHO_REPLY
                : type == ProtocolNumbers.ICMPV6_ECHO_REQUEST || type == ProtocolNumbers.ICMPV6_ECHO_REPLY;
    }

    static boolean hasMtu(boolean v4, int type, int code) {
        return v4
                ? type == ProtocolNumbers.ICMP_DESTINATION_UNREACHABLE
                        && code == ProtocolNumbers.ICMP_FRAGMENTATION_NEEDED
                : type == ProtocolNumbers.ICMPV6_PACKET_TOO_BIG;
    }

    static String name(int type, int code) {
        return switch (type) {
            case ProtocolNumbers.ICMP_ECHO -> "echo request";
            case ProtocolNumbers.ICMP_ECHO_REPLY -> "echo reply";
            case ProtocolNumbers.ICMP_DESTINATION_UNREACHABLE -> switch (code) {
                case ProtocolNumbers.ICMP_NET_UNREACHABLE -> "net unreachable";
                case ProtocolNumbers.ICMP_HOST_UNREACHABLE -> "host unreachable";
                case ProtocolNumbers.ICMP_PROTOCOL_UNREACHABLE -> "protocol unreachable";
                case ProtocolNumbers.ICMP_PORT_UNREACHABLE -> "port unreachable";
                case ProtocolNumbers.ICMP_FRAGMENTATION_NEEDED -> "need to frag";
                default -> "unreachable, code " + code;
            };
            case ProtocolNumbers.ICMP_SOURCE_QUENCH -> "source quench";
            case ProtocolNumbers.ICMP_REDIRECT -> "redirect";
            case ProtocolNumbers.ICMP_TIME_EXCEEDED -> "time exceeded";
            case ProtocolNumbers.ICMP_PARAMETER_PROBLEM -> "parameter problem";
            default -> "type " + type + ", code " + code;
        };
    }

    static String nameV6(int type, int code) {
        return switch (type) {
            case ProtocolNumbers.ICMPV6_ECHO_REQUEST -> "echo request";
            case ProtocolNumbers.ICMPV6_ECHO_REPLY -> "echo reply";
            case ProtocolNumbers.ICMPV6_DESTINATION_UNREACHABLE -> switch (code) {
                case ProtocolNumbers.ICMPV6_NO_ROUTE -> "no route";
                case ProtocolNumbers.ICMPV6_ADDRESS_UNREACHABLE -> "address unreachable";
                case ProtocolNumbers.ICMPV6_PORT_UNREACHABLE -> "port unreachable";
                default -> "unreachable, code " + code;
            };
            case ProtocolNumbers.ICMPV6_PACKET_TOO_BIG -> "packet too big";
            case ProtocolNumbers.ICMPV6_TIME_EXCEEDED -> "time exceeded";
            case ProtocolNumbers.ICMPV6_PARAMETER_PROBLEM -> "parameter problem";
            case ProtocolNumbers.ICMPV6_ROUTER_SOLICITATION -> "router solicitation";
            case ProtocolNumbers.ICMPV6_ROUTER_ADVERTISEMENT -> "router advertisement";
            case ProtocolNumbers.ICMPV6_NEIGHBOR_SOLICITATION -> "neighbor solicitation";
            case ProtocolNumbers.ICMPV6_NEIGHBOR_ADVERTISEMENT -> "neighbor advertisement";
            default -> "type " + type + ", code " + code;
        };
    }
}
