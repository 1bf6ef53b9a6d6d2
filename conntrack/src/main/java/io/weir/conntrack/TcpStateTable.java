package io.weir.conntrack;

/**
 * What a segment does to the state of a TCP connection.
 *
 * <p>A director sees one direction or both and never the whole truth, so this is not RFC 9293's machine: the event is the
 * strongest of RST, SYN, FIN, ACK in the segment, whatever else it carries, and no numbers are checked. While no reply
 * was seen ({@link ConnectionFlags#NOOUTPUT}) the direction is {@link #INPUT_ONLY} instead of {@link #INPUT}.
 *
 * <p>The secure table is used while the defence {@code secure_tcp} is on: a client alone establishes nothing there.
 *
 * <p><b>Source</b>: the tables of ip_vs_proto_tcp.c, checked against recordings of the kernel (TcpStateTableTest).
 */
public final class TcpStateTable {
    /** Client to real server. */
    public static final int INPUT = 0;
    /** Real server to client. */
    public static final int OUTPUT = 1;
    /** Client to real server, of a connection whose replies do not come by. */
    public static final int INPUT_ONLY = 2;

    public static final int EVENT_SYN = 0;
    public static final int EVENT_FIN = 1;
    public static final int EVENT_ACK = 2;
    public static final int EVENT_RST = 3;
    /** None of the four. */
    public static final int EVENT_NONE = 4;

    private static final int FIN = 0x01;
    private static final int SYN = 0x02;
    private static final int RST = 0x04;
    private static final int ACK = 0x10;
    private static final int EVENTS = 5;
    private static final int ROW = 16;

    // The states' short names, two letters each, in the order of their numbers.
    private static final String STATES = "NOESSSSRFWTWCLCWLALISA";

    // Columns: NONE ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN SYNACK.
    // @formatter:off
    private static final String[] NORMAL_ROWS = {
        // INPUT: syn, fin, ack, rst
        "SR ES ES SR SR SR SR SR SR SR SR",
        "CL CW SS TW TW TW CL CW LA LI TW",
        "ES ES SS ES FW TW CL CW CL LI ES",
        "CL CL CL SR CL CL CL CL LA LI SR",
        // OUTPUT
        "SS ES SS SR SS SS SS SS SS LI SR",
        "TW FW SS TW FW TW CL TW LA LI TW",
        "ES ES SS ES FW TW CL CW LA ES ES",
        "CL CL SS CL CL TW CL CL CL CL CL",
        // INPUT_ONLY
        "SR ES ES SR SR SR SR SR SR SR SR",
        "CL FW SS TW FW TW CL CW LA LI TW",
        "ES ES SS ES FW TW CL CW CL LI ES",
        "CL CL CL SR CL CL CL CL LA LI CL",
    };
    private static final String[] SECURE_ROWS = {
        // INPUT: syn, fin, ack, rst
        "SR ES ES SR SR SR SR SR SR SR SA",
        "CL CW SS TW TW TW CL CW LA LI SA",
        "ES ES SS SR FW TW CL CW CL LI SA",
        "CL CL CL SR CL CL CL CL LA LI CL",
        // OUTPUT
        "SS ES SS SA SS SS SS SS SS LI SA",
        "TW FW SS TW FW TW CL TW LA LI TW",
        "ES ES SS ES FW TW CL CW LA ES ES",
        "CL CL SS CL CL TW CL CL CL CL CL",
        // INPUT_ONLY
        "SA ES ES SR SA SA SA SA SA SA SA",
        "CL FW SS TW FW TW CL CW LA LI TW",
        "ES ES SS ES FW TW CL CW CL LI ES",
        "CL CL CL SR CL CL CL CL LA LI CL",
    };
    // @formatter:on

    /** The table of every day. */
    public static final TcpStateTable NORMAL = new TcpStateTable(NORMAL_ROWS);
    /** The table under {@code secure_tcp}. */
    public static final TcpStateTable SECURE = new TcpStateTable(SECURE_ROWS);

    private final byte[] next = new byte[3 * EVENTS * ROW];

    private TcpStateTable(String[] rows) {
        for (int direction = INPUT; direction <= INPUT_ONLY; direction++) {
            for (int event = EVENT_SYN; event <= EVENT_RST; event++) {
                final String[] cells = rows[direction * 4 + event].split(" ", -1);
                for (int state = 0; state < TcpState.COUNT; state++) {
                    next[at(direction, event, state)] = (byte) stateOf(cells[state]);
                }
            }
            for (int state = 0; state < TcpState.COUNT; state++) {
                next[at(direction, EVENT_NONE, state)] = TcpState.CLOSE;
            }
        }
    }

    private static int stateOf(String cell) {
        for (int state = 0; state < TcpState.COUNT; state++) {
            if (STATES.startsWith(cell, 2 * state)) {
                return state;
            }
        }
        throw new IllegalArgumentException("no such state: cell=" + cell);
    }

    private static int at(int direction, int event, int state) {
        return (direction * EVENTS + event) * ROW + state;
    }

    /** The event of a segment by its flags byte. */
    public static int event(int tcpFlags) {
        if ((tcpFlags & RST) != 0) {
            return EVENT_RST;
        }
        if ((tcpFlags & SYN) != 0) {
            return EVENT_SYN;
        }
        if ((tcpFlags & FIN) != 0) {
            return EVENT_FIN;
        }
        return (tcpFlags & ACK) != 0 ? EVENT_ACK : EVENT_NONE;
    }

    /** The state after {@code event} in {@code state}. */
    public int next(int direction, int state, int event) {
        return next[at(direction, event, state & ConnectionLayout.NIBBLE)];
    }
}
