package io.weir.conntrack;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * Timeouts of single states that a user sets for all, for one virtual service or for one real server; the rest stays as it
 * is ({@link Timeouts#with}).
 *
 * <p>A state has IPVS's name in small letters: {@code fin_wait} of TCP, {@code udp}, {@code sctp_c_wait} of SCTP.
 *
 * <p><b>Units</b>: seconds. <b>Thread</b>: immutable. <b>Not here</b>: IPVS itself has three values for all, those of
 * {@code ipvsadm --set}.
 *
 * @param seconds by name
 */
public record StateTimeouts(Map<String, Integer> seconds) {
    /** None set. */
    public static final StateTimeouts NONE = new StateTimeouts(Map.of());

    /** {@code ipvsadm --set} takes no more either. */
    public static final int MOST_SECONDS = 31 * 24 * 3600;

    static final String UDP = "udp";
    private static final String SCTP_PREFIX = "sctp_";
    private static final List<String> NAMES = allNames();

    public StateTimeouts {
        seconds.forEach(StateTimeouts::check);
        seconds = Collections.unmodifiableMap(new TreeMap<>(seconds));
    }

    private static void check(String name, int value) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("no timeout '" + name + "'; there are: " + String.join(", ", NAMES));
        }
        if (value < 1 || value > MOST_SECONDS) {
            throw new IllegalArgumentException(
                    "the timeout " + name + " must be from 1 to " + MOST_SECONDS + " seconds, not " + value);
        }
    }

    private static List<String> allNames() {
        final List<String> names = new ArrayList<>();
        for (int state = 1; state < TcpState.COUNT; state++) {
            names.add(tcpName(state));
        }
        names.add(UDP);
        for (int state = 1; state < SctpState.COUNT; state++) {
            names.add(sctpName(state));
        }
        return List.copyOf(names);
    }

    static String tcpName(int state) {
        return TcpState.name(state).toLowerCase(Locale.ROOT);
    }

    static String sctpName(int state) {
        return SCTP_PREFIX + SctpState.name(state).toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** All states that can be named, TCP's first. */
    public static List<String> names() {
        return NAMES;
    }

    /** Reads {@code NAME=SECONDS[,NAME=SECONDS]...}; IllegalArgumentException has a line for the user. */
    public static StateTimeouts parse(String text) {
        final Map<String, Integer> seconds = new TreeMap<>();
        for (String each : text.split(",", -1)) {
            final int equals = each.indexOf('=');
            if (equals < 0 || !each.substring(equals + 1).matches("\\d{1,9}")) {
                throw new IllegalArgumentException(
                        "a timeout is NAME=SECONDS, for example fin_wait=30, not '" + each + "'");
            }
            if (seconds.put(each.substring(0, equals), Integer.parseInt(each.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("a timeout can be set once: '" + each + "'");
            }
        }
        return new StateTimeouts(seconds);
    }

    public boolean isEmpty() {
        return seconds.isEmpty();
    }

    int orElse(String name, int otherwise) {
        return seconds.getOrDefault(name, otherwise);
    }

    /** As {@link #parse} reads it. */
    public String text() {
        final StringJoiner text = new StringJoiner(",");
        for (String name : NAMES) {
            if (seconds.containsKey(name)) {
                text.add(name + "=" + seconds.get(name));
            }
        }
        return text.toString();
    }
}
