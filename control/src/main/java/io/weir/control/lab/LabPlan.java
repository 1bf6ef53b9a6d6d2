package io.weir.control.lab;

/**
 * Who lives where in a lab. Every role is a namespace of its own.
 *
 * <pre>
 *                          client network                      server network
 *   client c0 .7 ─────┐    198.51.100.0/24                     10.20.0.0/24    ┌───── s0 .11 rs1 (nginx)
 *                     │    2001:db8:51::/64                    fd00:20::/64    ├───── s0 .12 rs2 (nginx)
 *                  [ switch ] ── cli0 .1  director  srv0 .1 ── [ switch ] ─────┤        ...
 *                     │                                             │          └───── s0 .1N rsN (nginx)
 *                     └──────────── .254  router  .254 ─────────────┘
 * </pre>
 *
 * <p>The VIP lies in the client network, so clients ask for its MAC. With direct routing and tunnelling the servers
 * answer through the router, never through the director; with NAT their default gateway is the director; with FULLNAT
 * they have no route beyond their own network at all.
 *
 * <p>Addresses of both families end alike; MACs tell the network (byte 5) and the host (byte 6).
 */
public final class LabPlan {
    public static final String CLIENT4 = "198.51.100.7";
    public static final String CLIENT6 = "2001:db8:51::7";
    public static final String VIP4 = "198.51.100.10";
    public static final String VIP6 = "2001:db8:51::10";
    /** The director's interface to the clients. */
    public static final String CLIENT_SIDE = "cli0";
    /** The director's interface to the servers. */
    public static final String SERVER_SIDE = "srv0";
    /** Every server's interface. */
    public static final String SERVER_PORT = "s0";
    /** Where web servers listen when the director maps the port. */
    public static final int MAPPED_PORT = 8080;

    public static final int ECHO_PORT = 7;

    static final String CLIENT_NET4 = "198.51.100.";
    static final String CLIENT_NET6 = "2001:db8:51::";
    static final String SERVER_NET4 = "10.20.0.";
    static final String SERVER_NET6 = "fd00:20::";
    /** The director's last address part, in both networks. */
    static final String DIRECTOR_HOST = "1";
    /** The router's last address part. It is the same text in both families; fd00:20::254 is as good as any. */
    static final String ROUTER_HOST = "254";

    private static final int FIRST_LOCAL = 101;
    private static final int FIRST_SERVER = 11;

    private LabPlan() {}

    /** RIP of server {@code number}, from 1. */
    public static String server4(int number) {
        return SERVER_NET4 + (FIRST_SERVER - 1 + number);
    }

    public static String server6(int number) {
        return SERVER_NET6 + (FIRST_SERVER - 1 + number);
    }

    /** Local address (LIP) {@code number}, from 1, for FULLNAT. */
    public static String local4(int number) {
        return SERVER_NET4 + (FIRST_LOCAL - 1 + number);
    }

    public static String local6(int number) {
        return SERVER_NET6 + (FIRST_LOCAL - 1 + number);
    }

    /** The MAC of a host in the client network ({@code network} 1) or the server network (2). */
    static String mac(int network, int host) {
        return String.format("02:00:00:00:%02d:%02d", network, host);
    }
}
