package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.conntrack.ClientHash;
import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.io.MemoryDevice;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.IpAddress;
import io.weir.packet.TcpFlags;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A frame on its way to its owner while connections move: who owns it then decides it. */
class MovedOwnersTest {
    private static final int WORKERS = 2;
    private static final long SEED = 7;

    private final Ownership before = Ownership.of(new ClientHash(SEED), WORKERS);
    private final List<WorkerParts> parts = new ArrayList<>();
    private final List<MemoryDevice> cards = new ArrayList<>();
    private final List<Worker> workers;

    MovedOwnersTest() {
        final List<WorkerDevices> devices = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            final MemoryDevice card = MemoryDevice.open("mem:cli" + i);
            cards.add(card);
            devices.add(new WorkerDevices(List.of(card, MemoryDevice.open("mem:rs" + i))));
            parts.add(WorkerParts.create(
                    ConnectionTable.create(1024, SEED, 1024),
                    DestinationLoad.allocate(16),
                    new SlotCounters(new UnsafeBuffer(ByteBuffer.allocateDirect(16 * SlotCounters.ROW_BYTES))),
                    new NeighbourTable(),
                    PathOptions.LIVE,
                    new Shard(i, before)));
        }
        workers = Worker.several(parts, devices, PathFixture.nat().build().snapshot);
    }

    /** One whose owner is worker 1 now, and worker 0 afterwards. */
    private String client(Ownership after) {
        for (int i = 1; i < 255; i++) {
            final IpAddress address = IpAddress.parse("198.51.100." + i);
            if (before.owner(address.hi(), address.lo()) == 1 && after.owner(address.hi(), address.lo()) == 0) {
                return address.toString();
            }
        }
        throw new AssertionError("no such client");
    }

    private long received(int worker) {
        return parts.get(worker).counters().get(PathCounters.RECEIVED);
    }

    @Test
    void shouldGoOnToTheNewOwner() {
        Ownership after = before;
        for (int mask = 31; after.owner(0, IpAddress.parse("198.51.100.1").lo()) != 0; mask--) {
            after = new Ownership(new ClientHash(SEED), WORKERS, mask, 128);
        }
        final byte[] frame = PathFixture.fromClient()
                .ip(client(after), PathFixture.VIP)
                .tcp(40000, 80, TcpFlags.SYN)
                .build();
        final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(frame.length));
        memory.putBytes(0, frame);
        cards.get(0).inject(memory, 0, frame.length);
        workers.get(0).doWork();
        assertEquals(1, parts.get(0).counters().get(PathCounters.HANDED_OVER));

        for (final WorkerParts each : parts) {
            each.shard().ownership(after);
        }
        workers.get(1).doWork();
        workers.get(0).doWork();

        assertEquals(0, received(1));
        assertEquals(1, received(0));
        // The ring was empty since: from now on nothing is asked again.
        workers.get(1).doWork();
        cards.get(1).inject(memory, 0, frame.length);
        workers.get(1).doWork();
        workers.get(0).doWork();
        assertEquals(2, received(0));
    }
}
