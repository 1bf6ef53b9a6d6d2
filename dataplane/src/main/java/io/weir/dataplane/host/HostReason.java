package io.weir.dataplane.host;

/** What {@link HostStack#answer} did with a packet, and why. */
public final class HostReason {
    /** Answered with an echo or timestamp reply. */
    public static final int REPLIED = 0;
    /** Answered with a TCP RST. */
    public static final int RESET = 1;
    /** Answered with an SCTP ABORT or SHUTDOWN COMPLETE. */
    public static final int ABORTED = 2;
    /** Answered with an ICMP error. */
    public static final int UNREACHABLE = 3;
    /** The stack answers no such packet: a RST, an ICMP error, a message to a group. */
    public static final int NOT_ANSWERED = 4;
    /** A checksum is wrong. */
    public static final int BAD_CHECKSUM = 5;
    /** A length is wrong. */
    public static final int BAD_LENGTH = 6;
    /** An ICMP error was due, and too many were sent already. */
    public static final int RATE_LIMITED = 7;
    /** A fragment; it has to be reassembled first. */
    public static final int FRAGMENT = 8;
    /** There is no route back, or no address to answer from. */
    public static final int NO_SOURCE = 9;

    /** Number of reasons. */
    public static final int COUNT = 10;

    private static final String[] NAMES = {
        "replied",
        "reset",
        "aborted",
        "unreachable",
        "not-answered",
        "bad-checksum",
        "bad-length",
        "rate-limited",
        "fragment",
        "no-source"
    };

    private HostReason() {}

    /** The reason's name, for counters. */
    public static String name(int reason) {
        return NAMES[reason];
    }
}
