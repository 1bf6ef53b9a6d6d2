package io.weir.dataplane.sync;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.SyncMarks;
import io.weir.dataplane.CallIds;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.Shard;
import io.weir.service.DestinationLoad;
import org.jspecify.annotations.Nullable;

/**
 * A worker's part in synchronisation: tells what its packets changed, and enters what others told.
 *
 * <p><b>Owner</b>: one worker; {@link #link} is what it shares with the daemons' thread.
 */
public final class WorkerSync {
    /** Messages entered in one turn; each has up to some 40 connections. */
    private static final int MESSAGES_PER_TURN = 4;

    private final ConnectionTable table;
    private final SyncLink link = new SyncLink();
    private final SyncMaster master;
    private final SyncEntries entries;
    private final SyncBackup backup;
    private @Nullable SyncMarks marks;
    private final TableTelling telling;
    private boolean backsUp;

    public WorkerSync(ConnectionTable table, DestinationLoad load, CallIds callIds) {
        this(table, load, callIds, Shard.all());
    }

    /** The same for one of several workers: it enters its own clients' entries. */
    public WorkerSync(ConnectionTable table, DestinationLoad load, CallIds callIds, Shard shard) {
        this.table = table;
        this.master = new SyncMaster(table, link, callIds);
        this.telling = new TableTelling(table, master, link);
        this.entries = new SyncEntries(table, load, callIds, link.counters());
        this.backup = new SyncBackup(entries, link.counters(), shard);
    }

    /** What this worker shares with the daemons' thread. */
    public SyncLink link() {
        return link;
    }

    /** To be asked after each forwarded packet of a client. */
    public SyncMaster master() {
        return master;
    }

    /** Takes a new configuration; between batches. */
    public void snapshot(ConfigSnapshot snapshot) {
        final SyncRoles roles = snapshot.sync();
        if (marks == null && (roles.master() || roles.backup())) {
            marks = SyncMarks.create(table.capacity());
        }
        backsUp = roles.backup();
        master.snapshot(snapshot, marks);
        entries.snapshot(snapshot, marks);
    }

    /**
     * Enters what has come in, and tells more of the table if somebody asked for all of it; between batches.
     *
     * @return messages entered
     */
    public int work(int nowTick) {
        telling.work(nowTick);
        if (!backsUp) {
            return 0;
        }
        backup.now(nowTick);
        return link.inbox().read(backup, MESSAGES_PER_TURN);
    }
}
