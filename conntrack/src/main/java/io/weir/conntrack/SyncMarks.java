package io.weir.conntrack;

import org.agrona.UnsafeApi;

/**
 * What was last told to other directors about each record, beside the table and only while connections are synchronised.
 *
 * <p><b>Layout</b>: eight bytes per record: +0 the deadline that was told, +4 the state that was told.
 *
 * <p>A deadline has its two lowest bits cleared; they count how often it was told again (sync_retries).
 *
 * <p><b>Thread</b>: the table's owner. <b>Source</b>: old_state and sync_endtime of ip_vs_conn in the Linux kernel.
 */
public final class SyncMarks implements AutoCloseable {
    /** The bits of a deadline that are not one. */
    public static final int RETRY_MASK = 3;

    private static final int BYTES = 8;
    private static final int STATE = 4;

    private final Region region;

    private SyncMarks(Region region) {
        this.region = region;
    }

    /** Marks for the records 0 to {@code capacity - 1}. */
    public static SyncMarks create(int capacity) {
        return new SyncMarks(Region.allocate(capacity, BYTES, MemoryAdvice.NONE));
    }

    /** A record begins: nothing of it was told but this state. */
    public void start(int id, int state, int nowTick) {
        told(id, state, nowTick & ~RETRY_MASK);
    }

    /** The record was told with this state and deadline. */
    public void told(int id, int state, int deadline) {
        final long at = region.address(id);
        UnsafeApi.putInt(at, deadline);
        UnsafeApi.putInt(at + STATE, state);
    }

    /** The deadline that was told last, with the retries in {@link #RETRY_MASK}. */
    public int deadline(int id) {
        return UnsafeApi.getInt(region.address(id));
    }

    /** The state that was told last. */
    public int state(int id) {
        return UnsafeApi.getInt(region.address(id) + STATE);
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        region.close();
    }
}
