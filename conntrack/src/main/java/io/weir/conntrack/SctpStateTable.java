package io.weir.conntrack;

/**
 * What a packet does to the state of an SCTP association.
 *
 * <p>The event is the type of the first chunk; if that is COOKIE ECHO or COOKIE ACK and an ABORT follows, the ABORT
 * counts. States are seen from the real server (RFC 9260 section 4), with more of them before ESTABLISHED. Directions are
 * those of {@link TcpStateTable}.
 *
 * <p><b>Layout of the rules</b>: what is not said stays as it is. {@code "I1,IN>CS"}: from INIT1 and INIT to COOKIE_SENT;
 * {@code "*>CL"}: from all.
 *
 * <p><b>Source</b>: ip_vs_proto_sctp.c, checked against recordings of the kernel (SctpStateTableTest).
 */
public final class SctpStateTable {
    public static final int EVENT_DATA = 0;
    public static final int EVENT_INIT = 1;
    public static final int EVENT_INIT_ACK = 2;
    public static final int EVENT_COOKIE_ECHO = 3;
    public static final int EVENT_COOKIE_ACK = 4;
    public static final int EVENT_SHUTDOWN = 5;
    public static final int EVENT_SHUTDOWN_ACK = 6;
    public static final int EVENT_SHUTDOWN_COMPLETE = 7;
    public static final int EVENT_ERROR = 8;
    public static final int EVENT_ABORT = 9;

    /** SCTP chunk types (RFC 9260 section 3.2). */
    private static final int CHUNK_COOKIE_ECHO = 10;

    private static final int CHUNK_COOKIE_ACK = 11;
    private static final int CHUNK_ABORT = 6;
    private static final int EVENTS = 10;
    private static final int ROW = 16;
    private static final int DIRECTIONS = 3;

    // The states' short names, two letters each, in the order of their numbers.
    private static final String STATES = "NOI1INCSCRCWCOCEESSSSRSARJCL";

    // One row per event, in the order of the event numbers.
    private static final String[][] RULES = {
        { // INPUT
            "NO>ES",
            "NO>I1 I1,RJ,CL>IN",
            "NO,I1,IN>CW CW>CO",
            "NO,CS>CR I1>IN",
            "NO,CE>ES",
            "NO,ES>SR",
            "NO,SS,SA>CL I1>IN",
            "NO,I1,IN,SA>CL",
            "NO,CE>CL",
            "*>CL CW>RJ",
        },
        { // OUTPUT
            "NO>ES",
            "*>CW ES>ES",
            "NO,I1,IN>CS",
            "NO,I1,IN,CS,CR,CW,CO>CE",
            "NO,I1,IN,CS,CR,CW,CO,CE>ES",
            "NO,I1,IN,CS,CR,CW,CO,CE,ES>SS",
            "NO,I1,IN,CS,CR,SS,SR>SA",
            "NO>CL",
            "NO,I1,IN,CS,CR>CL",
            "*>CL I1>RJ",
        },
        { // INPUT_ONLY
            "NO,CW>ES",
            "NO>I1 I1,CS,CR,CW,RJ,CL>IN",
            "NO,I1,IN,CS,CR,CW>CE",
            "NO,I1,IN,CS,CR,CW>ES",
            "NO,CS,CR,CO,CE>ES",
            "NO,ES>SR",
            "NO,ES,SS,SA>CL I1>IN",
            "NO,I1,IN,CS,CR,SR,SA>CL",
            "NO>CL",
            "*>CL CW>RJ",
        },
    };

    private static final byte[] NEXT = build();

    private SctpStateTable() {}

    private static byte[] build() {
        final byte[] table = new byte[DIRECTIONS * EVENTS * ROW];
        for (int direction = 0; direction < DIRECTIONS; direction++) {
            for (int event = 0; event < EVENTS; event++) {
                for (int state = 0; state < ROW; state++) {
                    table[at(direction, event, state)] = (byte) state;
                }
                for (final String rule : RULES[direction][event].split(" ", -1)) {
                    apply(rule, table, at(direction, event, 0));
                }
            }
        }
        return table;
    }

    private static void apply(String rule, byte[] table, int row) {
        final int arrow = rule.indexOf('>');
        final byte to = (byte) stateOf(rule.substring(arrow + 1));
        final String from = rule.substring(0, arrow);
        if ("*".equals(from)) {
            java.util.Arrays.fill(table, row, row + SctpState.COUNT, to);
            return;
        }
        for (final String state : from.split(",", -1)) {
            table[row + stateOf(state)] = to;
        }
    }

    private static int stateOf(String name) {
        for (int state = 0; state < SctpState.COUNT; state++) {
            if (STATES.startsWith(name, 2 * state)) {
                return state;
            }
        }
        throw new IllegalArgumentException("no such state: name=" + name);
    }

    private static int at(int direction, int event, int state) {
        return (direction * EVENTS + event) * ROW + state;
    }

    /** The event of a chunk type; SACK, HEARTBEAT, ECNE, CWR and all that is unknown count as DATA. */
    public static int event(int chunkType) {
        switch (chunkType) {
            case 1:
                return EVENT_INIT;
            case 2:
                return EVENT_INIT_ACK;
            case CHUNK_ABORT:
                return EVENT_ABORT;
            case 7:
                return EVENT_SHUTDOWN;
            case 8:
                return EVENT_SHUTDOWN_ACK;
            case 9:
                return EVENT_ERROR;
            case CHUNK_COOKIE_ECHO:
                return EVENT_COOKIE_ECHO;
            case CHUNK_COOKIE_ACK:
                return EVENT_COOKIE_ACK;
            case 14:
                return EVENT_SHUTDOWN_COMPLETE;
            default:
                return EVENT_DATA;
        }
    }

    /** The event of a packet by its first two chunks; -1 for a second one that is not there. */
    public static int event(int firstChunk, int secondChunk) {
        final boolean cookie = firstChunk == CHUNK_COOKIE_ECHO || firstChunk == CHUNK_COOKIE_ACK;
        return cookie && secondChunk == CHUNK_ABORT ? EVENT_ABORT : event(firstChunk);
    }

    /** The state after {@code event} in {@code state}. */
    public static int next(int direction, int state, int event) {
        return NEXT[at(direction, event, state & ConnectionLayout.NIBBLE)];
    }
}
