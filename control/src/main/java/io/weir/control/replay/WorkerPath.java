package io.weir.control.replay;

import io.weir.conntrack.ConnectionCursor;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Ticks;
import io.weir.control.replay.Topology.Neighbour;
import io.weir.control.state.ConnectionInfo;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.PathOptions;
import io.weir.dataplane.SteppedWorker;
import io.weir.dataplane.SteppedWorker.Sink;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.sync.SyncLink;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The real packet path, with a table and counters of its own. */
final class WorkerPath implements ReplayPath {
    private static final int MOST_SERVERS = 4096;
    private static final int MOST_SERVICES = 1024;
    private static final int NEIGHBOURS = 4096;
    private static final long SEED = 1;
    /** As the recorded kernel was set up: it routes, on devices that vouch for nothing. */
    private static final PathOptions REPLAY = new PathOptions(true, false);

    private final ConnectionTable table;
    private final DestinationLoad load =
            new DestinationLoad(new SlotCounters(memory(MOST_SERVERS * SlotCounters.ROW_BYTES)), memory(MOST_SERVERS));
    private final SlotCounters serviceCounters = new SlotCounters(memory(MOST_SERVICES * SlotCounters.ROW_BYTES));
    private final NeighbourTable neighbours = new NeighbourTable(NEIGHBOURS);
    private final WorkerParts parts;
    private @Nullable SteppedWorker worker;

    WorkerPath(int connections, Topology topology) {
        table = ConnectionTable.create(connections, SEED, connections);
        for (Neighbour each : topology.neighbours()) {
            neighbours.addPermanent(
                    each.interfaceIndex(), each.address().hi(), each.address().lo(), each.mac());
        }
        parts = WorkerParts.create(table, load, serviceCounters, neighbours, REPLAY);
    }

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes + SlotCounters.ROW_BYTES)
                .alignedSlice(SlotCounters.ROW_BYTES)
                .slice(0, bytes));
    }

    @Override
    public void publish(ConfigSnapshot snapshot) {
        if (worker == null) {
            worker = new SteppedWorker(parts, snapshot);
            worker.unlimitErrorsPerTarget();
        } else {
            worker.snapshot(snapshot);
        }
    }

    private SteppedWorker worker() {
        if (worker == null) {
            throw new IllegalStateException("nothing published yet");
        }
        return worker;
    }

    @Override
    public void process(byte[] frame, int ingress, long nowNs, Sink sink) {
        worker().process(frame, ingress, nowNs, sink);
    }

    @Override
    public void advance(long nowNs, Sink sink) {
        worker().advance(nowNs, sink);
    }

    @Override
    public boolean isWaiting() {
        return neighbours.parked().size() > 0;
    }

    @Override
    public String verdict() {
        return switch (worker().verdict()) {
            case PacketBatch.PASS -> "PASS";
            case PacketBatch.DROP -> "DROP";
            default -> worker().hasSent() ? "TRANSMIT" : "CONSUMED";
        };
    }

    @Override
    public String reason() {
        return worker().verdict() == PacketBatch.DROP
                ? DropReason.of(worker().reason()).name()
                : "";
    }

    @Override
    public @Nullable ConnectionInfo connection(long nowNs) {
        final int id = worker().connection();
        return id == ConnectionTable.NONE || !table.inUse(id)
                ? null
                : ConnectionInfo.of(parts, id, Ticks.ofNanos(nowNs));
    }

    @Override
    public List<ConnectionInfo> connections(long nowNs) {
        final List<ConnectionInfo> found = new ArrayList<>(table.size());
        final ConnectionCursor cursor = new ConnectionCursor(table);
        final int now = Ticks.ofNanos(nowNs);
        for (int id = cursor.next(table.capacity()); id != ConnectionTable.NONE; id = cursor.next(table.capacity())) {
            found.add(ConnectionInfo.of(parts, id, now));
        }
        return found;
    }

    @Override
    public DestinationLoad load() {
        return load;
    }

    @Override
    public SlotCounters serviceCounters() {
        return serviceCounters;
    }

    @Override
    public SyncLink sync() {
        return parts.sync().link();
    }

    @Override
    public void close() {
        table.close();
    }
}
