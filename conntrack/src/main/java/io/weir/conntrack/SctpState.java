package io.weir.conntrack;

/**
 * The states of an SCTP association as IPVS numbers and prints them.
 *
 * <p><b>Source</b>: include/net/ip_vs.h, ip_vs_proto_sctp.c.
 */
public final class SctpState {
    public static final int NONE = 0;
    public static final int INIT1 = 1;
    public static final int INIT = 2;
    public static final int COOKIE_SENT = 3;
    public static final int COOKIE_REPLIED = 4;
    public static final int COOKIE_WAIT = 5;
    public static final int COOKIE = 6;
    public static final int COOKIE_ECHOED = 7;
    public static final int ESTABLISHED = 8;
    public static final int SHUTDOWN_SENT = 9;
    public static final int SHUTDOWN_RECEIVED = 10;
    public static final int SHUTDOWN_ACK_SENT = 11;
    public static final int REJECTED = 12;
    public static final int CLOSED = 13;
    /** How many there are. */
    public static final int COUNT = 14;

    private static final String[] NAMES = {
        "NONE",
        "INIT1",
        "INIT",
        "C-SENT",
        "C-REPLIED",
        "C-WAIT",
        "COOKIE",
        "C-ECHOED",
        "ESTABLISHED",
        "S-SENT",
        "S-RECEIVED",
        "S-ACK-SENT",
        "REJECTED",
        "CLOSED"
    };

    private SctpState() {}

    /** The name as {@code ipvsadm -Lc} prints it. */
    public static String name(int state) {
        return state >= 0 && state < COUNT ? NAMES[state] : "?";
    }

    /** Does an association in this state count as active at its destination? */
    public static boolean isActive(int state) {
        return state == ESTABLISHED;
    }
}
