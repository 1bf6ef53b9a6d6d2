package io.weir.dataplane.sync;

import io.weir.conntrack.ConnectionCursor;
import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;

/**
 * Tells the whole table to a backup that asked for it, a slice in each tick.
 *
 * <p>Rate: {@value #ENTRIES_PER_TICK} entries in 10 ms, which is 50,000 in a second and 15 Mbit/s; several requests at a
 * time are one. Afterwards the number of entries is told.
 *
 * <p><b>Owner</b>: one worker.
 */
final class TableTelling {
    private static final int ENTRIES_PER_TICK = 500;
    private static final int RECORDS_PER_TICK = 8192;

    private final ConnectionTable table;
    private final SyncMaster master;
    private final SyncLink link;
    private final ConnectionCursor cursor;
    private boolean telling;
    private boolean ending;
    private int told;
    private int lastTick;

    TableTelling(ConnectionTable table, SyncMaster master, SyncLink link) {
        this.table = table;
        this.master = master;
        this.link = link;
        this.cursor = new ConnectionCursor(table);
    }

    void work(int nowTick) {
        if (!telling && !ending && link.takeTableAsked()) {
            cursor.reset();
            told = 0;
            telling = master.isOn();
        }
        if (telling && nowTick != lastTick) {
            lastTick = nowTick;
            tell(nowTick);
        }
        if (ending) {
            end();
        }
    }

    private void tell(int nowTick) {
        if (link.outbox().size() > link.outbox().capacity() / 2) {
            return;
        }
        final int until = cursor.position() + RECORDS_PER_TICK;
        int now = 0;
        while (now < ENTRIES_PER_TICK && cursor.position() < until && !cursor.isDone()) {
            final int id = cursor.next(until - cursor.position());
            if (id != ConnectionTable.NONE
                    && !table.hasFlags(id, ConnectionFlags.ONE_PACKET)
                    && master.tellAsItIs(id, nowTick)) {
                now++;
            }
        }
        told += now;
        ending = cursor.isDone();
        telling = !ending && master.isOn();
    }

    private void end() {
        final int at = link.outbox().tryClaim(SyncLink.TABLE_END, Integer.BYTES);
        if (at < 0) {
            return;
        }
        link.outbox().buffer().putInt(at, told);
        link.outbox().commit(at);
        link.counters().increment(SyncCounters.TABLES_TOLD);
        ending = false;
    }
}
