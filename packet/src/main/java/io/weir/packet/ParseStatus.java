package io.weir.packet;

/**
 * Says why bytes were not accepted as a packet.
 *
 * <p>Returned by {@link PacketParser} and by {@link HeaderView#check()}; an int and not an enum, so that a counter
 * array is indexed without a load. {@link #OK} is 0 and the others are small and dense.
 */
public final class ParseStatus {
    public static final int OK = 0;
    /** The frame carries something else, such as ARP; only the link layer fields are set. */
    public static final int NOT_IP = 1;
    /** The bytes end before the header, or before the length the header declares. */
    public static final int TRUNCATED = 2;
    /** The version nibble is not what the EtherType says; for ARP: not IPv4 over Ethernet. */
    public static final int BAD_VERSION = 3;
    /** IHL or TCP data offset below 5, or beyond the packet; for ARP: address lengths other than 6 and 4. */
    public static final int BAD_HEADER_LENGTH = 4;
    /** A length field that cannot be: smaller than its own header, or larger than what holds it. */
    public static final int BAD_LENGTH = 5;
    /** The IPv4 header checksum is wrong. */
    public static final int BAD_IP_CHECKSUM = 6;
    /**
     * A packet that is no fragment is too short for its TCP, UDP, SCTP or ICMP header. All network layer fields are
     * set, and so are the ports if their four bytes are there.
     */
    public static final int BAD_TRANSPORT = 7;
    /** The chain of IPv6 extension headers runs out of the packet. */
    public static final int BAD_EXTENSION = 8;

    /** How many statuses there are: the length of a counter array. */
    public static final int COUNT = 9;

    private static final String[] NAMES = {
        "ok",
        "not-ip",
        "truncated",
        "bad-version",
        "bad-header-length",
        "bad-length",
        "bad-ip-checksum",
        "bad-transport",
        "bad-extension"
    };

    private ParseStatus() {}

    /** The status in words, for counters and log lines. */
    public static String name(int status) {
        return status >= 0 && status < COUNT ? NAMES[status] : "status=" + status;
    }
}
