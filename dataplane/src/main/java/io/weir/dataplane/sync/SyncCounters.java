package io.weir.dataplane.sync;

import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What became of entries and messages.
 *
 * <p><b>Thread</b>: each counter has one writer, the worker or the daemons' thread; any thread reads.
 */
public final class SyncCounters {
    /** Entries handed over to be sent (worker). */
    public static final int TOLD = 0;
    /** Entries lost because the outbox was full (worker). */
    public static final int OUTBOX_FULL = 1;
    /** Messages sent (daemons). */
    public static final int SENT = 2;
    /** Messages lost because sync_qlen_max were waiting, or could not be sent (daemons). */
    public static final int SEND_LOST = 3;
    /** Messages received, good or bad (daemons). */
    public static final int RECEIVED = 4;
    /** Messages with an impossible header (daemons). */
    public static final int BAD_HEADER = 5;
    /** Messages of another syncid (daemons). */
    public static final int OTHER_SYNCID = 6;
    /** Messages lost because the inbox was full (daemons). */
    public static final int INBOX_FULL = 7;
    /** Messages whose rest was given up because of an impossible entry (worker). */
    public static final int BAD_ENTRY = 8;
    /** Entries of an unknown protocol, state, option, engine or forwarding method (worker). */
    public static final int UNKNOWN = 9;
    /** Connections and templates made (worker). */
    public static final int MADE = 10;
    /** Connections and templates brought up to date (worker). */
    public static final int UPDATED = 11;
    /** Late news of connections that were replaced since (worker). */
    public static final int LATE = 12;
    /** Connections that found no room in the table (worker). */
    public static final int TABLE_FULL = 13;
    /** Whole tables told (worker). */
    public static final int TABLES_TOLD = 14;
    /** Requests for the whole table sent (daemons). */
    public static final int TABLES_ASKED = 15;

    /** FULLNAT connections whose local address is none here, or whose local port is another's (worker). */
    public static final int NO_LOCAL = 16;
    /** Shifts of sequence numbers that a connection has no place for (worker). */
    public static final int NO_SEQUENCE = 17;

    /** Whole tables that arrived, as many entries as were told (daemons). */
    public static final int TABLES_GOT = 18;

    private static final List<String> NAMES = List.of(
            "told",
            "outbox_full",
            "sent",
            "send_lost",
            "received",
            "bad_header",
            "other_syncid",
            "inbox_full",
            "bad_entry",
            "unknown",
            "made",
            "updated",
            "late",
            "table_full",
            "tables_told",
            "tables_asked",
            "no_local",
            "no_sequence",
            "tables_got");

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(NAMES.size() * Long.BYTES));

    private final List<SyncCounters> more;

    public SyncCounters() {
        this(List.of());
    }

    private SyncCounters(List<SyncCounters> more) {
        this.more = more;
    }

    /** Counters of their own that read as the sum of theirs and others'. */
    static SyncCounters withThoseOf(List<SyncCounters> others) {
        return new SyncCounters(List.copyOf(others));
    }

    /** Names for listings, by number. */
    public static List<String> names() {
        return NAMES;
    }

    /** Adds one; the counter's writer only. */
    public void increment(int counter) {
        final int at = counter * Long.BYTES;
        buffer.putLongRelease(at, buffer.getLong(at) + 1);
    }

    /** Any thread. */
    public long get(int counter) {
        long sum = buffer.getLongVolatile(counter * Long.BYTES);
        for (final SyncCounters each : more) {
            sum += each.get(counter);
        }
        return sum;
    }
}
