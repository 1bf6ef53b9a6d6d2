package io.weir.conntrack;

/**
 * Walks all live records of a table in slices, for listings, flushes and the defence against floods.
 *
 * <p>Between slices the table may change: a record that stays alive during the walk is met exactly once, one that comes
 * or goes may be met or not. Records may be removed while walking, the one just met too.
 *
 * <p><b>Thread</b>: the table's owner, between batches.
 */
public final class ConnectionCursor {
    private final ConnectionTable table;
    private int next;

    public ConnectionCursor(ConnectionTable table) {
        this.table = table;
    }

    /** Begins anew. */
    public void reset() {
        next = 0;
    }

    /**
     * The next live record within {@code limit} ids, or {@link ConnectionTable#NONE}: then either the slice is used up or
     * the walk is at its end ({@link #isDone}).
     */
    public int next(int limit) {
        final int end = (int) Math.min(table.highWater(), (long) next + limit);
        while (next < end) {
            final int id = next++;
            if (table.inUse(id)) {
                return id;
            }
        }
        return ConnectionTable.NONE;
    }

    /** Where the walk is: all ids below were looked at. */
    public int position() {
        return next;
    }

    /** Has every record been looked at? */
    public boolean isDone() {
        return next >= table.highWater();
    }
}
