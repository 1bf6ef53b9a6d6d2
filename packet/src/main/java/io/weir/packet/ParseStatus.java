package io.weir.packet;

/** What {@link PacketParser} says of a frame. */
public final class ParseStatus {
    public static final int OK = 0;
    /** Neither IPv4 nor IPv6: ARP and the rest. */
    public static final int NOT_IP = 1;
    public static final int TRUNCATED = 2;
    public static final int BAD_VERSION = 3;
    public static final int BAD_HEADER_LENGTH = 4;
    public static final int BAD_LENGTH = 5;
    public static final int BAD_IP_CHECKSUM = 6;
    public static final int BAD_TRANSPORT = 7;

    private ParseStatus() {}
}
