package io.weir.bench;

import io.weir.conntrack.ClientHash;
import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.Ownership;
import io.weir.dataplane.PathOptions;
import io.weir.dataplane.Shard;
import io.weir.dataplane.Worker;
import io.weir.dataplane.WorkerDevices;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.util.ArrayList;
import java.util.List;

/**
 * Several workers as a director has them, each between two memory devices with the flows of its own clients, as the kernel's
 * fan-out would give them. <b>Thread</b>: each worker has one at a time.
 */
final class WorkersRig implements AutoCloseable {
    private static final int SEED = 42;

    private final List<ConnectionTable> tables = new ArrayList<>();
    private final List<Worker> workers;

    /**
     * @param flowsOfEach established before this returns
     * @param astray every frame comes to the worker before its own, as if a card divided them by a rule of its own
     */
    WorkersRig(RigScene scene, int count, int flowsOfEach, boolean astray) {
        final Ownership ownership = Ownership.of(new ClientHash(SEED), count);
        final List<DestinationLoad> loads = scene.load().split(count);
        final List<SlotCounters> services = scene.serviceCounters().split(count);
        final List<WorkerParts> parts = new ArrayList<>();
        final List<WorkerDevices> devices = new ArrayList<>();
        final List<FlowSource> sources = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final int owner = astray ? (i + 1) % count : i;
            tables.add(scene.table(flowsOfEach));
            parts.add(WorkerParts.create(
                    tables.get(i),
                    loads.get(i),
                    services.get(i),
                    scene.neighbours(),
                    PathOptions.LIVE,
                    new Shard(i, ownership)));
            sources.add(scene.source(
                    flowsOfEach, a -> ownership.owner(0, IpAddress.ofV4(a).lo()) == owner, PacketBatch.CAPACITY));
            devices.add(new WorkerDevices(List.of(sources.get(i), RigScene.sink())));
        }
        workers = Worker.several(parts, devices, scene.snapshot());
        sources.forEach(source -> source.inOrder(FlowSource.SYN));
        turnWhileLeft(sources);
        sources.forEach(source -> source.inOrder(FlowSource.ACK));
        turnWhileLeft(sources);
        sources.forEach(source -> source.atRandom(flowsOfEach));
    }

    private void turnWhileLeft(List<FlowSource> sources) {
        while (sources.stream().anyMatch(FlowSource::isLeft)) {
            workers.forEach(Worker::doWork);
        }
        // What was handed over last.
        workers.forEach(Worker::doWork);
    }

    /** One turn of a worker: a batch of 64 packets of its own. */
    int turn(int worker) {
        return workers.get(worker).doWork();
    }

    /** Connections of a worker. */
    int connections(int worker) {
        return tables.get(worker).size();
    }

    @Override
    public void close() {
        tables.forEach(ConnectionTable::close);
    }
}
