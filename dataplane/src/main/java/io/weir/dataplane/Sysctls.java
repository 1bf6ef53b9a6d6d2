package io.weir.dataplane;

import java.util.Arrays;
import java.util.List;

/**
 * The settings that IPVS keeps under {@code net.ipv4.vs}, by the kernel's names and with its defaults.
 *
 * <p>Immutable; {@link #with} makes a changed copy. What the packet path asks is answered from plain fields.
 *
 * <p><b>Units</b>: as in the kernel: seconds, counts, and 0 or 1. <b>Source</b>:
 * Documentation/networking/ipvs-sysctl.rst of Linux.
 */
public final class Sysctls {
    /** All names, sorted; {@code sync_threshold} has two values, every other one. */
    private static final List<String> NAMES = List.of(
            "am_droprate",
            "amemthresh",
            "backup_only",
            "cache_bypass",
            "conn_reuse_mode",
            "conntrack",
            "drop_entry",
            "drop_packet",
            "expire_nodest_conn",
            "expire_quiescent_template",
            "ignore_tunneled",
            "lblc_expiration",
            "lblcr_expiration",
            "nat_icmp_send",
            "pmtu_disc",
            "run_estimation",
            "schedule_icmp",
            "secure_tcp",
            "sloppy_sctp",
            "sloppy_tcp",
            "snat_reroute",
            "sync_persist_mode",
            "sync_ports",
            "sync_qlen_max",
            "sync_refresh_period",
            "sync_retries",
            "sync_sock_size",
            "sync_threshold",
            "sync_version");

    private static final int DAY_SECONDS = 86_400;
    private static final int SYNC_THRESHOLD = 3;
    private static final int SYNC_PERIOD = 50;
    /** The kernel takes a 32nd of the memory in pages; we take this many messages. */
    private static final int SYNC_QLEN_MAX = 8192;

    private static final int MAX_RETRIES = 8;
    private static final int MAX_PORTS = 64;
    private static final int HIGHEST_MODE = 3;

    /** The kernel's defaults. */
    public static final Sysctls DEFAULTS = new Sysctls(defaultValues(), SYNC_PERIOD);

    private final int[] values;
    private final int syncPeriod;

    private final boolean backupOnly;
    private final boolean cacheBypass;
    private final int connReuseMode;
    private final boolean expireNodestConn;
    private final boolean expireQuiescentTemplate;
    private final boolean ignoreTunneled;
    private final boolean natIcmpSend;
    private final boolean pmtuDisc;
    private final boolean scheduleIcmp;
    private final boolean sloppySctp;
    private final boolean sloppyTcp;

    private Sysctls(int[] values, int syncPeriod) {
        this.values = values;
        this.syncPeriod = syncPeriod;
        backupOnly = value("backup_only") != 0;
        cacheBypass = value("cache_bypass") != 0;
        connReuseMode = value("conn_reuse_mode");
        expireNodestConn = value("expire_nodest_conn") != 0;
        expireQuiescentTemplate = value("expire_quiescent_template") != 0;
        ignoreTunneled = value("ignore_tunneled") != 0;
        natIcmpSend = value("nat_icmp_send") != 0;
        pmtuDisc = value("pmtu_disc") != 0;
        scheduleIcmp = value("schedule_icmp") != 0;
        sloppySctp = value("sloppy_sctp") != 0;
        sloppyTcp = value("sloppy_tcp") != 0;
    }

    private static int[] defaultValues() {
        final int[] values = new int[NAMES.size()];
        set(values, "am_droprate", 10);
        set(values, "amemthresh", 1024);
        set(values, "conn_reuse_mode", 1);
        set(values, "lblc_expiration", DAY_SECONDS);
        set(values, "lblcr_expiration", DAY_SECONDS);
        set(values, "pmtu_disc", 1);
        set(values, "run_estimation", 1);
        set(values, "snat_reroute", 1);
        set(values, "sync_ports", 1);
        set(values, "sync_qlen_max", SYNC_QLEN_MAX);
        set(values, "sync_threshold", SYNC_THRESHOLD);
        set(values, "sync_version", 1);
        return values;
    }

    private static void set(int[] values, String name, int value) {
        values[NAMES.indexOf(name)] = value;
    }

    /** All names, sorted. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * A copy with one value changed.
     *
     * @param name bare, or with {@code net.ipv4.vs.} or {@code net/ipv4/vs/} in front
     * @param text a decimal number; for {@code sync_threshold} two
     * @throws IllegalArgumentException with a line for the user if there is no such setting or the value is not allowed
     */
    public Sysctls with(String name, String text) {
        final String bare = bareName(name);
        final int index = NAMES.indexOf(bare);
        if (index < 0) {
            throw new IllegalArgumentException("unknown sysctl " + name + "; known are " + String.join(", ", NAMES));
        }
        final String[] words = text.trim().split("\\s+", -1);
        final boolean pair = "sync_threshold".equals(bare);
        if (words.length > (pair ? 2 : 1)) {
            throw invalid(bare, text);
        }
        final int[] changed = values.clone();
        changed[index] = number(bare, words[0]);
        final int period = pair && words.length == 2 ? number(bare, words[1]) : syncPeriod;
        if (!isAllowed(bare, changed[index], period)) {
            throw invalid(bare, text);
        }
        return new Sysctls(changed, period);
    }

    /** A copy with one value changed; see {@link #with(String, String)}. */
    public Sysctls with(String name, int value) {
        return with(name, Integer.toString(value));
    }

    private static String bareName(String name) {
        final String slashed = name.replace('.', '/');
        return slashed.startsWith("net/ipv4/vs/") ? slashed.substring("net/ipv4/vs/".length()) : name;
    }

    private static int number(String name, String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw invalid(name, word);
        }
    }

    /** What the kernel refuses with EINVAL. */
    private static boolean isAllowed(String name, int value, int period) {
        return switch (name) {
            case "drop_entry", "drop_packet", "secure_tcp" -> value >= 0 && value <= HIGHEST_MODE;
            case "sync_threshold" -> value >= 0 && period >= 0 && (period == 0 || value < period);
            case "sync_version" -> value == 0 || value == 1;
            case "sync_ports" -> value >= 1 && value <= MAX_PORTS && Integer.bitCount(value) == 1;
            case "sync_retries" -> value >= 0 && value <= MAX_RETRIES;
            case "am_droprate", "amemthresh", "sync_refresh_period", "sync_sock_size" -> value >= 0;
            default -> true;
        };
    }

    private static IllegalArgumentException invalid(String name, String text) {
        return new IllegalArgumentException("invalid value for sysctl " + name + ": " + text);
    }

    /** A value by its bare name; the first one of {@code sync_threshold}. */
    public int value(String name) {
        final int index = NAMES.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("unknown sysctl " + name);
        }
        return values[index];
    }

    /** A value as the file under /proc/sys/net/ipv4/vs shows it. */
    public String text(String name) {
        return "sync_threshold".equals(name) ? value(name) + "\t" + syncPeriod : Integer.toString(value(name));
    }

    /** Do not work while this director is a sync backup? */
    public boolean backupOnly() {
        return backupOnly;
    }

    /** Forward to the packet's own destination when no server is available? */
    public boolean cacheBypass() {
        return cacheBypass;
    }

    /** Bits: 1 reuse in TIME_WAIT and CLOSE, 2 also in FIN_WAIT without output. */
    public int connReuseMode() {
        return connReuseMode;
    }

    /** End a connection whose destination is gone? */
    public boolean expireNodestConn() {
        return expireNodestConn;
    }

    /** Does a template to a server of weight 0 no longer count? */
    public boolean expireQuiescentTemplate() {
        return expireQuiescentTemplate;
    }

    /** Leave packets alone that came out of a tunnel device? */
    public boolean ignoreTunneled() {
        return ignoreTunneled;
    }

    /** Answer strays of a real server with port unreachable? */
    public boolean natIcmpSend() {
        return natIcmpSend;
    }

    /** Copy DF to outer headers and tell senders of a smaller MTU? */
    public boolean pmtuDisc() {
        return pmtuDisc;
    }

    /** Schedule ICMP errors of unknown flows? */
    public boolean scheduleIcmp() {
        return scheduleIcmp;
    }

    /** May any SCTP packet but ABORT open a connection? */
    public boolean sloppySctp() {
        return sloppySctp;
    }

    /** May any TCP packet but RST open a connection? */
    public boolean sloppyTcp() {
        return sloppyTcp;
    }

    /** The second value of {@code sync_threshold}. */
    public int syncPeriod() {
        return syncPeriod;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sysctls that && Arrays.equals(values, that.values) && syncPeriod == that.syncPeriod;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(values) + syncPeriod;
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        for (String name : NAMES) {
            text.append(name).append('=').append(text(name)).append('\n');
        }
        return text.toString();
    }
}
