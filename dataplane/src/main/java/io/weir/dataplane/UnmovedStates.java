package io.weir.dataplane;

import io.weir.conntrack.TcpState;
import io.weir.conntrack.TcpStateTable;
import io.weir.conntrack.Ticks;
import io.weir.conntrack.Timeouts;
import io.weir.packet.TcpFlags;

/**
 * How long a TCP connection lives on after a client's segment that leaves its state as it is: one look into a table for what
 * {@link Connections#transition} finds out step by step.
 *
 * <p><b>Layout</b>: an int of ticks by no output (1 bit), flags of the segment (5: ACK PSH RST SYN FIN), state (4); {@link #MOVED}
 * where the segment moves the state, or opens. <b>Owner</b>: one worker.
 */
final class UnmovedStates {
    static final int MOVED = -1;

    private static final int STATES = 16;
    private static final int FLAGS = 0x1F;
    private static final int FLAGS_SHIFT = 4;
    private static final int NO_OUTPUT = (FLAGS + 1) * STATES;

    private final int[] ticks = new int[2 * NO_OUTPUT];
    private Timeouts timeouts = Timeouts.DEFAULTS;
    private TcpStateTable states = TcpStateTable.NORMAL;
    /** Have some servers' connections timeouts of their own? */
    private boolean differBySlot;

    UnmovedStates() {
        fill();
    }

    /** Takes timeouts and the table of states in force; cheap if both are what they were. */
    @SuppressWarnings("ReferenceEquality") // the same objects are meant: others are others, even if they say the same
    void take(Timeouts newTimeouts, TcpStateTable newStates) {
        if (newTimeouts != timeouts || newStates != states) {
            timeouts = newTimeouts;
            states = newStates;
            differBySlot = newTimeouts.differBySlot();
            fill();
        }
    }

    private void fill() {
        for (int i = 0; i < ticks.length; i++) {
            final int state = i % STATES;
            final int flags = i >>> FLAGS_SHIFT & FLAGS;
            final int direction = i < NO_OUTPUT ? TcpStateTable.INPUT : TcpStateTable.INPUT_ONLY;
            final boolean opens = (flags & TcpFlags.SYN) != 0 || state >= TcpState.COUNT;
            ticks[i] = !opens && states.next(direction, state, TcpStateTable.event(flags)) == state
                    ? Math.min(timeouts.tcpTicks(state), Ticks.MAX_TIMEOUT)
                    : MOVED;
        }
    }

    /** Ticks, at most {@link Ticks#MAX_TIMEOUT}, or {@link #MOVED}; the slot is that of the destination. */
    int tcp(boolean noOutput, int tcpFlags, int state, int slot) {
        final int ofAll = ticks[(noOutput ? NO_OUTPUT : 0) | (tcpFlags & FLAGS) << FLAGS_SHIFT | state & STATES - 1];
        return differBySlot && ofAll != MOVED ? Math.min(timeouts.of(slot).tcpTicks(state), Ticks.MAX_TIMEOUT) : ofAll;
    }

    /** Of UDP, whose packets move nothing. */
    int udp(int slot) {
        return Math.min(timeouts.of(slot).udpTicks(), Ticks.MAX_TIMEOUT);
    }
}
