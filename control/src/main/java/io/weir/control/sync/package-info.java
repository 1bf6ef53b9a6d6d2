/**
 * The sync daemons of a running director: sockets, one thread, and the request for the whole table.
 *
 * <p>What messages say and when they leave is decided in {@link io.weir.dataplane.sync}; here are the sockets. One thread,
 * {@code weir-sync}, owns all of them; commands reach it as tasks.
 *
 * <p>Read in this order: SyncThread, MasterDaemon, BackupDaemon, SyncSockets.
 */
@NullMarked
package io.weir.control.sync;

import org.jspecify.annotations.NullMarked;
