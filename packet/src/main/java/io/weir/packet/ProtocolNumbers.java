package io.weir.packet;

/**
 * Holds the assigned numbers that a director meets: EtherTypes, IP protocols, TCP options, ICMP types and codes.
 *
 * <p><b>Source</b>: the IANA registries of the same names; RFC 9293 section 3.1, RFC 792, RFC 4443, RFC 4861,
 * RFC 9260 section 3.2.
 */
public final class ProtocolNumbers {
    public static final int ETHERTYPE_IPV4 = 0x0800;
    public static final int ETHERTYPE_ARP = 0x0806;
    public static final int ETHERTYPE_VLAN = 0x8100;
    public static final int ETHERTYPE_IPV6 = 0x86DD;

    /** IPv6 hop-by-hop options; in IPv4 the number is reserved. */
    public static final int HOP_BY_HOP = 0;

    public static final int ICMP = 1;
    /** IPv4 in IP. */
    public static final int IPIP = 4;

    public static final int TCP = 6;
    public static final int UDP = 17;
    /** IPv6 in IP. */
    public static final int IPV6 = 41;

    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int GRE = 47;
    public static final int ESP = 50;
    public static final int AH = 51;
    public static final int ICMPV6 = 58;
    public static final int NO_NEXT_HEADER = 59;
    public static final int DESTINATION_OPTIONS = 60;
    public static final int VRRP = 112;
    public static final int SCTP = 132;

    public static final int TCP_OPTION_END = 0;
    public static final int TCP_OPTION_NOP = 1;
    public static final int TCP_OPTION_MSS = 2;
    public static final int TCP_OPTION_WINDOW_SCALE = 3;
    public static final int TCP_OPTION_SACK_PERMITTED = 4;
    public static final int TCP_OPTION_TIMESTAMP = 8;

    public static final int ICMP_ECHO_REPLY = 0;
    public static final int ICMP_DESTINATION_UNREACHABLE = 3;
    public static final int ICMP_SOURCE_QUENCH = 4;
    public static final int ICMP_REDIRECT = 5;
    public static final int ICMP_ECHO = 8;
    public static final int ICMP_TIME_EXCEEDED = 11;
    public static final int ICMP_PARAMETER_PROBLEM = 12;

    /** Codes of ICMP type 3. */
    public static final int ICMP_NET_UNREACHABLE = 0;

    public static final int ICMP_HOST_UNREACHABLE = 1;
    public static final int ICMP_PROTOCOL_UNREACHABLE = 2;
    public static final int ICMP_PORT_UNREACHABLE = 3;
    public static final int ICMP_FRAGMENTATION_NEEDED = 4;

    public static final int ICMPV6_DESTINATION_UNREACHABLE = 1;
    public static final int ICMPV6_PACKET_TOO_BIG = 2;
    public static final int ICMPV6_TIME_EXCEEDED = 3;
    public static final int ICMPV6_PARAMETER_PROBLEM = 4;
    public static final int ICMPV6_ECHO_REQUEST = 128;
    public static final int ICMPV6_ECHO_REPLY = 129;
    public static final int ICMPV6_ROUTER_SOLICITATION = 133;
    public static final int ICMPV6_ROUTER_ADVERTISEMENT = 134;
    public static final int ICMPV6_NEIGHBOR_SOLICITATION = 135;
    public static final int ICMPV6_NEIGHBOR_ADVERTISEMENT = 136;

    /** Codes of ICMPv6 type 1. */
    public static final int ICMPV6_NO_ROUTE = 0;

    public static final int ICMPV6_ADDRESS_UNREACHABLE = 3;
    public static final int ICMPV6_PORT_UNREACHABLE = 4;

    public static final int ARP_REQUEST = 1;
    public static final int ARP_REPLY = 2;

    public static final int SCTP_DATA = 0;
    public static final int SCTP_INIT = 1;
    public static final int SCTP_INIT_ACK = 2;
    public static final int SCTP_SACK = 3;
    public static final int SCTP_HEARTBEAT = 4;
    public static final int SCTP_HEARTBEAT_ACK = 5;
    public static final int SCTP_ABORT = 6;
    public static final int SCTP_SHUTDOWN = 7;
    public static final int SCTP_SHUTDOWN_ACK = 8;
    public static final int SCTP_ERROR = 9;
    public static final int SCTP_COOKIE_ECHO = 10;
    public static final int SCTP_COOKIE_ACK = 11;
    public static final int SCTP_SHUTDOWN_COMPLETE = 14;

    private ProtocolNumbers() {}

    /** Does this IP protocol have ports in its first four bytes, as far as IPVS cares? */
    public static boolean hasPorts(int protocol) {
        return protocol == TCP || protocol == UDP || protocol == SCTP;
    }

    /** The IP protocol's name in capitals, or its number. */
    public static String protocolName(int protocol) {
        switch (protocol) {
            case ICMP:
                return "ICMP";
            case IPIP:
                return "IPIP";
            case TCP:
                return "TCP";
            case UDP:
                return "UDP";
            case IPV6:
                return "IPV6";
            case GRE:
                return "GRE";
            case ESP:
                return "ESP";
            case AH:
                return "AH";
            case ICMPV6:
                return "ICMPV6";
            case VRRP:
                return "VRRP";
            case SCTP:
                return "SCTP";
            default:
                return Integer.toString(protocol);
        }
    }

    /** The SCTP chunk type's name as RFC 9260 writes it, or its number. */
    public static String sctpChunkName(int type) {
        switch (type) {
            case SCTP_DATA:
                return "DATA";
            case SCTP_INIT:
                return "INIT";
            case SCTP_INIT_ACK:
                return "INIT ACK";
            case SCTP_SACK:
                return "SACK";
            case SCTP_HEARTBEAT:
                return "HEARTBEAT";
            case SCTP_HEARTBEAT_ACK:
                return "HEARTBEAT ACK";
            case SCTP_ABORT:
                return "ABORT";
            case SCTP_SHUTDOWN:
                return "SHUTDOWN";
            case SCTP_SHUTDOWN_ACK:
                return "SHUTDOWN ACK";
            case SCTP_ERROR:
                return "ERROR";
            case SCTP_COOKIE_ECHO:
                return "COOKIE ECHO";
            case SCTP_COOKIE_ACK:
                return "COOKIE ACK";
            case SCTP_SHUTDOWN_COMPLETE:
                return "SHUTDOWN COMPLETE";
            default:
                return Integer.toString(type);
        }
    }
}
