package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A veth pair for one test, and a batch with helpers to fill and send it. */
abstract class AfPacketFixture {
    static final String V2 = "afpacket:l0?slots=1024";
    static final String V3 = "afpacket:l0?v3&blocks=32";
    static final long PATIENCE_NS = 2_000_000_000L;
    static final int NEEDS_CSUM = 1;
    static final int MSS = 1448;

    final PacketBatch batch = new PacketBatch();

    @SuppressWarnings("NullAway.Init")
    VethPair pair;

    @BeforeEach
    void makePair() {
        pair = new VethPair();
    }

    @AfterEach
    void deletePair() {
        pair.close();
    }

    static byte[] tcp(int payload) {
        return TestFrames.partialTcp(1, "10.9.0.2", 40_000, "10.9.0.1", 80, payload);
    }

    static RawPort.Frame superFrame(int payload) {
        return new RawPort.Frame(NEEDS_CSUM, PacketBatch.SEGMENT_TCPV4, MSS, 34, 16, tcp(payload));
    }

    /** Receives into the batch until it holds so many frames; other devices' noise is not expected. */
    void receive(PacketDevice device, int expected) {
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (batch.size < expected && System.nanoTime() - deadline < 0) {
            device.receive(batch, 0);
        }
        assertEquals(expected, batch.size);
    }

    /** Receives and releases until a frame passes; leaves it in the batch at the index returned. */
    int receiveOneThat(PacketDevice device, Predicate<Integer> wanted) {
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (System.nanoTime() - deadline < 0) {
            device.release();
            batch.clear();
            device.receive(batch, 0);
            for (int i = 0; i < batch.size; i++) {
                if (wanted.test(i)) {
                    return i;
                }
            }
        }
        throw new AssertionError("no such frame came");
    }

    void sendAll(PacketDevice device) {
        for (int i = 0; i < batch.size; i++) {
            batch.verdict[i] = PacketBatch.TRANSMIT;
            batch.egress[i] = 0;
        }
        assertEquals(batch.size, device.transmit(batch, 0));
    }

    void describeSuperFrame(int i) {
        batch.checksumStart[i] = 34;
        batch.checksumOffset[i] = 16;
        batch.segmentType[i] = PacketBatch.SEGMENT_TCPV4;
        batch.segmentSize[i] = MSS;
    }
}
