package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A worker without devices that decides frames which nobody sees, so that the virtual machine compiles the way they go.
 *
 * <p><b>Thread</b>: one. <b>Owner</b>: of the parts it was given, which are no living director's.
 */
public final class Rehearsal {
    private static final int CELL_BYTES = 256;
    private static final int HEADROOM = 130;
    /** Longest frame it takes. */
    public static final int LONGEST = CELL_BYTES - HEADROOM;

    private final Worker worker;
    private final PacketBatch batch = new PacketBatch();
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(PacketBatch.CAPACITY * CELL_BYTES));
    private long forwarded;
    private long lost;

    public Rehearsal(WorkerParts parts, ConfigSnapshot snapshot) {
        worker = new Worker(parts, List.of(), snapshot);
        parts.egress().carriesOffloads(new boolean[snapshot.interfaces().size()]);
    }

    /**
     * Decides a batch.
     *
     * @param frames at most 64, each of {@link #LONGEST} bytes or less
     * @param ingress index of the interface they come by
     * @param nowNs monotonic
     */
    public void pass(List<byte[]> frames, int ingress, long nowNs) {
        batch.clear();
        for (final byte[] frame : frames) {
            final int at = batch.size * CELL_BYTES + HEADROOM;
            memory.putBytes(at, frame);
            batch.add(memory, at, frame.length, HEADROOM, ingress);
        }
        worker.path().process(batch, nowNs);
        for (int i = 0; i < batch.size; i++) {
            if (batch.verdict[i] == PacketBatch.TRANSMIT) {
                forwarded++;
            } else {
                lost++;
            }
        }
    }

    /** A turn without frames: connections expire. */
    public void rest() {
        worker.doWork();
    }

    /** Frames that were forwarded. */
    public long forwarded() {
        return forwarded;
    }

    /** Frames that were not. */
    public long lost() {
        return lost;
    }
}
