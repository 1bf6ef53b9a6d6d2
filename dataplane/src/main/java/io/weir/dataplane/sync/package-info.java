/**
 * Connection synchronisation: what one director tells others about its connections, and what it makes of what it is told.
 *
 * <p>The worker decides when a connection is told and encodes it (SyncMaster), and enters what others told (SyncBackup).
 * Messages are put together by whoever owns the sockets (SyncMessages), on another thread; {@link
 * io.weir.dataplane.sync.SyncLink} is all that the two share: two ring buffers and counters.
 *
 * <p>Read in this order: SyncWire, SyncMaster, SyncMessages, SyncBackup.
 */
@NullMarked
package io.weir.dataplane.sync;

import org.jspecify.annotations.NullMarked;
