package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.packet.TcpFlags;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sequence numbers of a connection whose text was made longer or shorter on the way: the real server's under NAT and FULLNAT,
 * under FULLNAT the client's too.
 *
 * <p>What an end sends after such a place is shifted; what the other end acknowledges is shifted back, selective
 * acknowledgments too. Text sent before the last place has the shift of the one before it.
 *
 * <p><b>Layout</b>: a <i>place</i>, the sequence number of the last change, and a <i>word</i> for each direction. The word:
 * bits 0-1 what the helper waits for (the real server's direction only), 2-9 the last change of length (signed), 10-31 the
 * whole shift behind the last place (signed). Under NAT the record's extra and helper word are those of the real server's
 * direction, under FULLNAT all four are in the connection's note.
 *
 * <p><b>Thread</b>: the table's worker. <b>Source</b>: nf_conntrack_seqadj.c of the Linux kernel; the same three numbers are
 * ip_vs_seq in a sync message.
 */
public final class SequenceShift {
    /** Text of the real server. */
    public static final int SERVER = 0;
    /** Text of the client. */
    public static final int CLIENT = 1;

    private static final int MODE_MASK = 3;
    private static final int CHANGE_SHIFT = 2;
    private static final int TOTAL_SHIFT = 10;
    private static final int MOST_TOTAL = 1 << 20;
    private static final int MARK_MASK = 0xFF_FFFF;
    private static final int MARK_OF_CLIENT = 12;

    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGMENT = 8;
    private static final int FIXED_HEADER = 20;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int SACK = 5;
    private static final int SACK_BLOCK = 8;

    private SequenceShift() {}

    private static boolean isNoted(ConnectionTable table, int id) {
        return table.methodCode(id) == Connections.FULLNAT;
    }

    private static int word(ConnectionTable table, int id, int of) {
        return isNoted(table, id) ? table.noted(id, 2 * of) : of == SERVER ? table.helperWord(id) : 0;
    }

    private static void word(ConnectionTable table, int id, int of, int value) {
        if (isNoted(table, id)) {
            table.note(id, 2 * of, value);
        } else {
            table.helperWord(id, value);
        }
    }

    private static void place(ConnectionTable table, int id, int of, int sequence) {
        if (isNoted(table, id)) {
            table.note(id, 2 * of + 1, sequence);
        } else {
            table.extra(id, sequence);
        }
    }

    /** Is there room to remember anything of this connection? Makes it if need be. */
    static boolean isReady(ConnectionTable table, int id) {
        return !isNoted(table, id) || table.openNote(id);
    }

    /** What the helper waits for. */
    static int mode(ConnectionTable table, int id) {
        return word(table, id, SERVER) & MODE_MASK;
    }

    /** Only where it {@link #isReady}. */
    static void mode(ConnectionTable table, int id, int mode) {
        word(table, id, SERVER, word(table, id, SERVER) & ~MODE_MASK | mode);
    }

    /** Is there a shift of this direction? */
    public static boolean isShifted(ConnectionTable table, int id, int of) {
        return table.hasFlags(id, ConnectionFlags.FTP) && word(table, id, of) >>> CHANGE_SHIFT != 0;
    }

    /** Is there a shift to be told to other directors? */
    public static boolean isShifted(ConnectionTable table, int id) {
        return isShifted(table, id, SERVER) || isShifted(table, id, CLIENT);
    }

    /** A number of 24 bits that is another after each change; 0 without a shift. */
    public static int mark(ConnectionTable table, int id) {
        if (!table.hasFlags(id, ConnectionFlags.FTP)) {
            return 0;
        }
        final int client = word(table, id, CLIENT) >>> CHANGE_SHIFT;
        final int server = word(table, id, SERVER) >>> CHANGE_SHIFT;
        return (server ^ Integer.rotateLeft(client, MARK_OF_CLIENT)) & MARK_MASK;
    }

    /** The sequence number of the last place. */
    public static int place(ConnectionTable table, int id, int of) {
        return isNoted(table, id) ? table.noted(id, 2 * of + 1) : table.extra(id);
    }

    /**
     * Takes over what another director told.
     *
     * @return false if this connection has no place for it
     */
    public static boolean take(ConnectionTable table, int id, int of, int place, int after, int before) {
        final int change = after - before;
        if (!table.hasFlags(id, ConnectionFlags.FTP)
                || of == CLIENT && !isNoted(table, id)
                || change != (byte) change
                || Math.abs(after) >= MOST_TOTAL
                || !isReady(table, id)) {
            return false;
        }
        place(table, id, of, place);
        final int mode = word(table, id, of) & MODE_MASK;
        word(table, id, of, mode | (change & 0xFF) << CHANGE_SHIFT | after << TOTAL_SHIFT);
        return true;
    }

    /** Behind the last place. */
    public static int after(ConnectionTable table, int id, int of) {
        return word(table, id, of) >> TOTAL_SHIFT;
    }

    /** Before the last place. */
    public static int before(ConnectionTable table, int id, int of) {
        return after(table, id, of) - (byte) (word(table, id, of) >> CHANGE_SHIFT);
    }

    /** Can a change of this length be kept? */
    static boolean hasRoomFor(ConnectionTable table, int id, int of, int change) {
        return change == (byte) change && Math.abs(after(table, id, of) + change) < MOST_TOTAL;
    }

    /** The text of the segment that begins with this sequence number became longer by {@code change}. */
    static void changed(ConnectionTable table, int id, int of, int sequence, int change) {
        if (change == 0) {
            return;
        }
        final int after = after(table, id, of);
        if (after == before(table, id, of) || place(table, id, of) - sequence < 0) {
            place(table, id, of, sequence);
            final int mode = word(table, id, of) & MODE_MASK;
            word(table, id, of, mode | (change & 0xFF) << CHANGE_SHIFT | (after + change) << TOTAL_SHIFT);
        }
    }

    /** Shifts a packet of the real server. */
    static void reply(ConnectionTable table, PacketContext c) {
        shift(table, c, SERVER, CLIENT);
    }

    /** Shifts a packet of the client. */
    static void request(ConnectionTable table, PacketContext c) {
        shift(table, c, CLIENT, SERVER);
    }

    private static void shift(ConnectionTable table, PacketContext c, int of, int acknowledged) {
        final int id = c.connection;
        boolean changed = false;
        if (word(table, id, of) >>> CHANGE_SHIFT != 0) {
            final int at = c.packet.l4Offset + SEQUENCE;
            final int sequence = c.buffer.getInt(at, ByteOrder.BIG_ENDIAN);
            final boolean behind = sequence - place(table, id, of) > 0;
            final int by = behind ? after(table, id, of) : before(table, id, of);
            c.buffer.putInt(at, sequence + by, ByteOrder.BIG_ENDIAN);
            changed = by != 0;
        }
        if (word(table, id, acknowledged) >>> CHANGE_SHIFT != 0 && (c.packet.tcpFlags & TcpFlags.ACK) != 0) {
            acknowledgments(table, c, acknowledged);
            changed = true;
        }
        if (changed && c.batch.checksumStart[c.index] < 0) {
            TextEdit.checksum(c);
        }
    }

    private static void acknowledgments(ConnectionTable table, PacketContext c, int of) {
        back(table, c, of, c.packet.l4Offset + ACKNOWLEDGMENT);
        final UnsafeBuffer b = c.buffer;
        final int end = c.packet.l4Offset + c.packet.tcpHeaderLength;
        int at = c.packet.l4Offset + FIXED_HEADER;
        while (at + 1 < end && b.getByte(at) != END_OF_OPTIONS) {
            if (b.getByte(at) == NO_OPERATION) {
                at++;
                continue;
            }
            final int length = b.getByte(at + 1) & 0xFF;
            if (length < 2 || at + length > end) {
                break;
            }
            if (b.getByte(at) == SACK && length > 2 && (length - 2) % SACK_BLOCK == 0) {
                for (int edge = at + 2; edge < at + length; edge += Integer.BYTES) {
                    back(table, c, of, edge);
                }
            }
            at += length;
        }
    }

    private static void back(ConnectionTable table, PacketContext c, int of, int at) {
        final int id = c.connection;
        final int number = c.buffer.getInt(at, ByteOrder.BIG_ENDIAN);
        final int before = before(table, id, of);
        final int shift = number - before - place(table, id, of) > 0 ? after(table, id, of) : before;
        c.buffer.putInt(at, number - shift, ByteOrder.BIG_ENDIAN);
    }
}
