package io.weir.bench;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.PathCounters;
import io.weir.dataplane.Worker;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;
import java.util.List;

/**
 * A whole worker between two memory devices, with one virtual service and a table full of established flows.
 *
 * <p>What is measured is what ships: {@link Worker#doWork} with its receive, path, transmit and expiry.
 */
public final class PathRig implements AutoCloseable {
    private final ConnectionTable table;
    private final Worker worker;
    private final WorkerParts parts;
    private final FlowSource source;
    private final CountingSink sink = RigScene.sink();
    private final PacketBatch made = new PacketBatch();

    /**
     * Opens {@code flows} connections through the path and brings them to ESTABLISHED.
     *
     * @param methodCode see {@link ForwardingMethod#code}
     */
    public PathRig(int methodCode, int flows, String scheduler) {
        this(RigScene.tcp(methodCode, scheduler), flows, PacketBatch.CAPACITY);
        source.open(worker);
    }

    /** The same, with so many packets a turn. */
    static PathRig established(RigScene scene, int flows, int batch) {
        final PathRig rig = new PathRig(scene, flows, batch);
        rig.source.open(rig.worker);
        return rig;
    }

    /** UDP with one-packet scheduling, DR: every packet opens a connection, which ends when the packet has left. */
    static PathRig onePacket(RigScene scene, int flows) {
        final PathRig rig = new PathRig(scene, flows, PacketBatch.CAPACITY);
        rig.source.atRandom(flows);
        return rig;
    }

    /** With an empty table, and no packets yet. */
    PathRig(RigScene scene, int flows, int batch) {
        table = scene.table(flows);
        source = scene.source(flows, address -> true, batch);
        parts = WorkerParts.create(table, scene.load(), scene.serviceCounters(), scene.neighbours());
        final List<PacketDevice> devices = List.of(source, sink);
        worker = new Worker(parts, devices, scene.snapshot());
    }

    /** Where its packets come from. */
    FlowSource source() {
        return source;
    }

    /** The table of its connections. */
    ConnectionTable table() {
        return table;
    }

    /** One turn: a batch of 64 packets of flows in random order. Returns the packets. */
    public int turn() {
        return worker.doWork();
    }

    /** What the rig itself costs: a batch made and thrown away, without a worker. Returns the packets. */
    public int generate() {
        made.clear();
        final int packets = source.receive(made, 0);
        for (int i = 0; i < packets; i++) {
            made.verdict[i] = PacketBatch.TRANSMIT;
            made.egress[i] = 1;
        }
        sink.transmit(made, 1);
        return packets;
    }

    /** Connections in the table. */
    public int connections() {
        return table.size();
    }

    /** Frames that did not leave, for whatever reason. */
    public long lost() {
        return source.given() - parts.counters().get(PathCounters.TRANSMITTED);
    }

    @Override
    public void close() {
        table.close();
    }
}
