package io.weir.dataplane;

import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;

/** What kinds of IP protocols the packet path tells apart. <b>Thread</b>: any. */
final class Protocols {
    private Protocols() {}

    /** The control protocol of the packet's family? */
    static boolean isIcmp(ParsedPacket p) {
        return p.protocol == (p.isV4() ? ProtocolNumbers.ICMP : ProtocolNumbers.ICMPV6);
    }

    /** The port that the connections of AH and ESP have, at both ends. */
    static final int ISAKMP_PORT = 500;

    /** AH and ESP have no connections of their own: they follow the UDP one by which their keys were agreed. */
    static boolean isIpsec(int protocol) {
        return protocol == ProtocolNumbers.AH || protocol == ProtocolNumbers.ESP;
    }

    /** One that has connections? */
    static boolean isBalanced(int protocol) {
        return protocol == ProtocolNumbers.TCP
                || protocol == ProtocolNumbers.UDP
                || protocol == ProtocolNumbers.SCTP
                || isIpsec(protocol);
    }
}
