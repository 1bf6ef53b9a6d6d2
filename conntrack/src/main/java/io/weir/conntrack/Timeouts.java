package io.weir.conntrack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How long a connection stays in a state without packets.
 *
 * <p><b>Units</b>: seconds to the outside, ticks ({@link Ticks}) for the packet path.
 *
 * <p><b>Thread</b>: immutable; a change by {@code ipvsadm --set} makes a new one, and counts from a connection's next
 * packet on. Where services or real servers have timeouts of their own, these lie in here by destination slot ({@link #of}).
 *
 * <p><b>Source</b>: the time-out tables of ip_vs_proto_tcp.c, ip_vs_proto_udp.c, ip_vs_proto_sctp.c.
 */
public final class Timeouts {
    private static final int TCP = 6;
    private static final int SCTP = 132;

    // By TcpState: NONE ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN SYNACK.
    private static final int[] TCP_SECONDS = {2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120};
    // By SctpState: NONE INIT1 INIT ... REJECTED CLOSED. 61 is RTO.Max (60 s, RFC 9260 section 16) and one.
    private static final int[] SCTP_SECONDS = {2, 4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61};
    private static final int UDP_SECONDS = 300;

    /** What IPVS starts with. */
    public static final Timeouts DEFAULTS = new Timeouts(TCP_SECONDS.clone(), SCTP_SECONDS.clone(), UDP_SECONDS);

    /** A connection that has no state yet: 3 s. */
    public static final int NEW_TICKS = 3 * Ticks.PER_SECOND;

    private final int[] tcp = new int[16];
    private final int[] sctp = new int[16];
    private final int udp;
    /** By destination slot; null where nothing but these hold. */
    private final @Nullable Timeouts @Nullable [] bySlot;

    private Timeouts(int[] tcpSeconds, int[] sctpSeconds, int udpSeconds) {
        this(tcpSeconds, sctpSeconds, udpSeconds, null);
    }

    private Timeouts(int[] tcpSeconds, int[] sctpSeconds, int udpSeconds, @Nullable Timeouts @Nullable [] bySlot) {
        this.bySlot = bySlot;
        fill(tcp, tcpSeconds);
        fill(sctp, sctpSeconds);
        udp = Ticks.ofSeconds(udpSeconds);
    }

    // The tail repeats NONE, so that four bits of state are always a valid index.
    private static void fill(int[] ticks, int[] seconds) {
        Arrays.fill(ticks, Ticks.ofSeconds(seconds[0]));
        for (int state = 0; state < seconds.length; state++) {
            ticks[state] = Ticks.ofSeconds(seconds[state]);
        }
    }

    /** With the three values of {@code ipvsadm --set}, in seconds; 0 leaves one as it is. */
    public Timeouts withSet(int tcpSeconds, int tcpFinSeconds, int udpSeconds) {
        final int[] seconds = seconds(tcp, TcpState.COUNT);
        if (tcpSeconds != 0) {
            seconds[TcpState.ESTABLISHED] = tcpSeconds;
        }
        if (tcpFinSeconds != 0) {
            seconds[TcpState.FIN_WAIT] = tcpFinSeconds;
        }
        return new Timeouts(seconds, seconds(sctp, SctpState.COUNT), udpSeconds != 0 ? udpSeconds : udpSeconds());
    }

    /** With one TCP state changed. */
    public Timeouts withTcp(int state, int valueSeconds) {
        final int[] seconds = seconds(tcp, TcpState.COUNT);
        seconds[state] = valueSeconds;
        return new Timeouts(seconds, seconds(sctp, SctpState.COUNT), udpSeconds());
    }

    /** With single states changed. */
    public Timeouts with(StateTimeouts changes) {
        if (changes.isEmpty()) {
            return this;
        }
        final int[] tcpSeconds = seconds(tcp, TcpState.COUNT);
        for (int state = 1; state < tcpSeconds.length; state++) {
            tcpSeconds[state] = changes.orElse(StateTimeouts.tcpName(state), tcpSeconds[state]);
        }
        final int[] sctpSeconds = seconds(sctp, SctpState.COUNT);
        for (int state = 1; state < sctpSeconds.length; state++) {
            sctpSeconds[state] = changes.orElse(StateTimeouts.sctpName(state), sctpSeconds[state]);
        }
        return new Timeouts(tcpSeconds, sctpSeconds, changes.orElse(StateTimeouts.UDP, udpSeconds()));
    }

    /** With other timeouts for the connections of some destination slots; null leaves one as all are. */
    public Timeouts withSlots(@Nullable Timeouts[] slots) {
        return new Timeouts(seconds(tcp, TcpState.COUNT), seconds(sctp, SctpState.COUNT), udpSeconds(), slots.clone());
    }

    /** Have some destination slots others than the rest? */
    public boolean differBySlot() {
        return bySlot != null;
    }

    /** What holds for the connections of a destination slot. */
    public Timeouts of(int slot) {
        return bySlot == null ? this : ofOwn(slot);
    }

    private Timeouts ofOwn(int slot) {
        if (bySlot == null || slot < 0 || slot >= bySlot.length) {
            return this;
        }
        final Timeouts own = bySlot[slot];
        return own == null ? this : own;
    }

    private static int[] seconds(int[] ticks, int count) {
        final int[] seconds = new int[count];
        for (int state = 0; state < count; state++) {
            seconds[state] = Ticks.toSeconds(ticks[state]);
        }
        return seconds;
    }

    public int tcpSeconds() {
        return Ticks.toSeconds(tcp[TcpState.ESTABLISHED]);
    }

    public int tcpFinSeconds() {
        return Ticks.toSeconds(tcp[TcpState.FIN_WAIT]);
    }

    public int udpSeconds() {
        return Ticks.toSeconds(udp);
    }

    public int tcpTicks(int state) {
        return tcp[state & ConnectionLayout.NIBBLE];
    }

    public int sctpTicks(int state) {
        return sctp[state & ConnectionLayout.NIBBLE];
    }

    public int udpTicks() {
        return udp;
    }

    /** By IP protocol and state; protocols other than TCP and SCTP have UDP's. */
    public int ticks(int protocol, int state) {
        switch (protocol) {
            case TCP:
                return tcpTicks(state);
            case SCTP:
                return sctpTicks(state);
            default:
                return udp;
        }
    }
}
