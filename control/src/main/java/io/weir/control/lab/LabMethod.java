package io.weir.control.lab;

import java.util.Locale;

/** The forwarding methods a lab can be laid out for. */
public enum LabMethod {
    DR("direct routing", "dr"),
    NAT("masquerading, port 80 mapped to 8080", "nat"),
    TUN("tunnelling, IP in IP", "tun"),
    TUN_GRE("tunnelling, GRE", "tun"),
    TUN_GUE("tunnelling, GUE over UDP", "tun"),
    FULLNAT("full NAT, port 80 mapped to 8080", "fullnat");

    private final String title;
    private final String keyword;

    LabMethod(String title, String keyword) {
        this.title = title;
        this.keyword = keyword;
    }

    /** For a heading. */
    public String title() {
        return title;
    }

    /** The word in {@code forward:} of the configuration. */
    public String keyword() {
        return keyword;
    }

    public boolean isTunnel() {
        return keyword.equals("tun");
    }

    /** Do servers take packets addressed to the VIP? */
    public boolean needsVipOnServers() {
        return this == DR || isTunnel();
    }

    /** Where the web servers take what clients send to port 80. */
    public int webPort() {
        return needsVipOnServers() ? 80 : LabPlan.MAPPED_PORT;
    }

    /** Which kind a word of the command line means. */
    public static LabMethod parse(String word) {
        try {
            return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "no such mode: " + word + " (dr, nat, tun, tun-gre, tun-gue, fullnat)", e);
        }
    }
}
