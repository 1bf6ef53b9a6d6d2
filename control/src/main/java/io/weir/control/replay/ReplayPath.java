package io.weir.control.replay;

import io.weir.control.state.ConnectionInfo;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.SteppedWorker.Sink;
import io.weir.dataplane.sync.SyncLink;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A data plane that is driven frame by frame. */
interface ReplayPath extends AutoCloseable {
    /** Takes a configuration before the next frame. */
    void publish(ConfigSnapshot snapshot);

    /** Decides a frame; what leaves goes to the sink. */
    void process(byte[] frame, int ingress, long nowNs, Sink sink);

    /** Lets time pass. */
    void advance(long nowNs, Sink sink);

    /** Do packets wait for a next hop, which is asked for again as time passes? */
    boolean isWaiting();

    /** The last frame's verdict: TRANSMIT, DROP, PASS, or CONSUMED (held). */
    String verdict();

    /** Why the last frame was dropped, or "". */
    String reason();

    /** The last frame's connection, or null. */
    @Nullable
    ConnectionInfo connection(long nowNs);

    /** All connections and templates. */
    List<ConnectionInfo> connections(long nowNs);

    /** Counts of the real servers. */
    DestinationLoad load();

    /** Counts of the services. */
    SlotCounters serviceCounters();

    /** What the worker shares with the sync daemons. */
    SyncLink sync();

    @Override
    void close();
}
