package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.packet.TcpFlags;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sequence numbers of a connection whose real server's text was made longer or shorter on the way.
 *
 * <p>What a real server sends after such a place is shifted; what the client acknowledges is shifted back, selective
 * acknowledgments too. Text sent before the last place has the shift of the one before it.
 *
 * <p><b>Layout</b>: the record's extra is the sequence number of the last place. Its helper word: bits 0-1 what the helper
 * waits for, 2-9 the last change of length (signed), 10-31 the whole shift behind the last place (signed).
 *
 * <p><b>Thread</b>: the table's worker. <b>Source</b>: nf_conntrack_seqadj.c of the Linux kernel; the same three numbers are
 * ip_vs_seq in a sync message.
 */
public final class SequenceShift {
    private static final int MODE_MASK = 3;
    private static final int CHANGE_SHIFT = 2;
    private static final int TOTAL_SHIFT = 10;
    private static final int MOST_TOTAL = 1 << 20;
    private static final int MARK_MASK = 0xFF_FFFF;

    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGMENT = 8;
    private static final int FIXED_HEADER = 20;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    private static final int SACK = 5;
    private static final int SACK_BLOCK = 8;

    private SequenceShift() {}

    /** What the helper waits for. */
    static int mode(ConnectionTable table, int id) {
        return table.helperWord(id) & MODE_MASK;
    }

    static void mode(ConnectionTable table, int id, int mode) {
        table.helperWord(id, table.helperWord(id) & ~MODE_MASK | mode);
    }

    /** Is there a shift to be told to other directors? */
    public static boolean isShifted(ConnectionTable table, int id) {
        return mark(table, id) != 0;
    }

    /** A number of 24 bits that is another after each change; 0 without a shift. */
    public static int mark(ConnectionTable table, int id) {
        return table.hasFlags(id, ConnectionFlags.FTP) ? table.helperWord(id) >>> CHANGE_SHIFT & MARK_MASK : 0;
    }

    /** The sequence number of the last place. */
    public static int place(ConnectionTable table, int id) {
        return table.extra(id);
    }

    /**
     * Takes over what another director told.
     *
     * @return false if this connection has no place for it
     */
    public static boolean take(ConnectionTable table, int id, int place, int after, int before) {
        final int change = after - before;
        if (!table.hasFlags(id, ConnectionFlags.FTP) || change != (byte) change || Math.abs(after) >= MOST_TOTAL) {
            return false;
        }
        table.extra(id, place);
        table.helperWord(id, mode(table, id) | (change & 0xFF) << CHANGE_SHIFT | after << TOTAL_SHIFT);
        return true;
    }

    /** Behind the last place. */
    public static int after(ConnectionTable table, int id) {
        return table.helperWord(id) >> TOTAL_SHIFT;
    }

    /** Before the last place. */
    public static int before(ConnectionTable table, int id) {
        return after(table, id) - (byte) (table.helperWord(id) >> CHANGE_SHIFT);
    }

    /** Can a change of this length be kept? */
    static boolean hasRoomFor(ConnectionTable table, int id, int change) {
        return change == (byte) change && Math.abs(after(table, id) + change) < MOST_TOTAL;
    }

    /** The text of the segment that begins with this sequence number became longer by {@code change}. */
    static void changed(ConnectionTable table, int id, int sequence, int change) {
        if (change == 0) {
            return;
        }
        final int after = after(table, id);
        if (after == before(table, id) || table.extra(id) - sequence < 0) {
            table.extra(id, sequence);
            table.helperWord(id, mode(table, id) | (change & 0xFF) << CHANGE_SHIFT | (after + change) << TOTAL_SHIFT);
        }
    }

    /** Shifts a packet of the real server. */
    static void reply(ConnectionTable table, PacketContext c) {
        final int id = c.connection;
        if (table.helperWord(id) >>> CHANGE_SHIFT == 0) {
            return;
        }
        final int at = c.packet.l4Offset + SEQUENCE;
        final int sequence = c.buffer.getInt(at, ByteOrder.BIG_ENDIAN);
        final int shift = sequence - table.extra(id) > 0 ? after(table, id) : before(table, id);
        if (shift != 0) {
            c.buffer.putInt(at, sequence + shift, ByteOrder.BIG_ENDIAN);
            fixChecksum(c);
        }
    }

    /** Shifts what a packet of the client acknowledges. */
    static void request(ConnectionTable table, PacketContext c) {
        if (table.helperWord(c.connection) >>> CHANGE_SHIFT == 0 || (c.packet.tcpFlags & TcpFlags.ACK) == 0) {
            return;
        }
        back(table, c, c.packet.l4Offset + ACKNOWLEDGMENT);
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
                    back(table, c, edge);
                }
            }
            at += length;
        }
        fixChecksum(c);
    }

    private static void back(ConnectionTable table, PacketContext c, int at) {
        final int number = c.buffer.getInt(at, ByteOrder.BIG_ENDIAN);
        final int before = before(table, c.connection);
        final int shift = number - before - table.extra(c.connection) > 0 ? after(table, c.connection) : before;
        c.buffer.putInt(at, number - shift, ByteOrder.BIG_ENDIAN);
    }

    private static void fixChecksum(PacketContext c) {
        if (c.batch.checksumStart[c.index] < 0) {
            TextEdit.checksum(c);
        }
    }
}
