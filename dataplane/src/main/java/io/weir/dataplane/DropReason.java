package io.weir.dataplane;

/**
 * Why a frame was dropped; the ordinal indexes {@link PathCounters}. The text is what an operator reads beside the
 * number; docs/operations.md explains each.
 */
public enum DropReason {
    NONE("not dropped"),
    TRUNCATED("frame shorter than its headers say"),
    BAD_VERSION("IP version is neither 4 nor 6"),
    BAD_HEADER("IP header length or total length is impossible"),
    BAD_IP_CHECKSUM("IPv4 header checksum is wrong"),
    BAD_TRANSPORT("TCP, UDP or SCTP header is shorter than it must be"),
    BAD_ICMP_CHECKSUM("ICMP error about a connection has a wrong checksum"),
    MARTIAN("source address is the director's own, loopback or broadcast"),
    NO_DESTINATION("no usable real server: all quiesced, overloaded or none defined"),
    DESTINATION_GONE("the connection's real server was deleted"),
    TABLE_FULL("connection table is full, new connection refused"),
    NO_LOCAL_PORT("FULLNAT: no free local address and port towards that real server"),
    TTL_EXCEEDED("TTL or hop limit used up"),
    TOO_BIG("packet larger than the path's MTU and must not be fragmented"),
    NO_ROUTE("no route to the next hop"),
    NEIGHBOUR_UNRESOLVED("the next hop has not answered ARP or neighbour solicitation"),
    FRAGMENT_REFUSED("fragment store is full, or the fragment overlaps or is malformed"),
    VLAN_CROSSING("tagged frame would leave by another interface"),
    HOST_SILENT("addressed to a VIP, and the host's side of a VIP does not answer it"),
    ENCAPSULATION_FAILED("outer header does not fit in front of the packet"),
    SUPER_FRAME("UDP super-frame of a local sender that would have to be cut"),
    FTP_REFUSED("packet of an FTP control connection with a wrong checksum, or no room for what it announces"),
    NO_CALL_ID("no Call-ID to find the server by, in a packet for a service with the SIP persistence engine"),
    DEFENCE("refused by drop_packet, as a share of the new connections is while memory is short"),
    HAND_OVER_FULL("received by another worker than its owner, whose ring was full");

    private final String text;

    DropReason(String text) {
        this.text = text;
    }

    /** Index of its counter; stable within one version only. */
    @SuppressWarnings("EnumOrdinal")
    public int code() {
        return ordinal();
    }

    /** The reason with this {@link #code}. */
    @SuppressWarnings("EnumOrdinal")
    public static DropReason of(int code) {
        return values()[code];
    }

    /** One line for listings. */
    public String text() {
        return text;
    }
}
