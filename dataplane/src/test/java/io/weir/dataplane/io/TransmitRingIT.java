package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.PacketSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring by itself, with frames that the device would not let through. */
@Tag("netns")
class TransmitRingIT {
    private static final int SLOT_BYTES = 2_048;

    private static PacketSocket socket(int lossOption) {
        final PacketSocket socket = new PacketSocket("l0");
        socket.option(LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_VNET_HDR, 1, "PACKET_VNET_HDR");
        socket.option(LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_VERSION, 1, "PACKET_VERSION");
        socket.option(LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_LOSS, lossOption, "PACKET_LOSS");
        return socket;
    }

    private static PacketBatch numbered(int count) {
        final PacketBatch batch = new PacketBatch();
        for (int n = 0; n < count; n++) {
            final byte[] frame = TestFrames.numbered(true, n, 60);
            batch.add(TestFrames.offHeap(frame, 0), 0, frame.length, 0, 0);
        }
        return batch;
    }

    /** Without the option the kernel marks the slot WRONG_FORMAT and looks at no other: why we set it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldNotStopAtAFrameTheKernelRefusesIfLossIsSet(int loss) {
        try (VethPair pair = new VethPair();
                PacketSocket socket = pair.lb().call(() -> socket(loss));
                InterfaceControl control = pair.lb().call(() -> new InterfaceControl("l0"));
                RawPort peer = pair.peer()) {
            final TransmitRing ring = new TransmitRing(
                    socket.slotRing(LinuxConstants.PACKET_TX_RING, 32, SLOT_BYTES), SLOT_BYTES, socket.fd(), 10);
            socket.bind(control.index(), 0);
            final PacketBatch batch = numbered(3);
            batch.checksumStart[0] = 1_900;
            for (int i = 0; i < 3; i++) {
                assertTrue(ring.add(batch, i));
            }
            ring.kick();
            if (loss == 1) {
                assertFalse(ring.isPending());
                assertEquals(1, TestFrames.number(true, peer.receive(2).get(0).bytes()));
            }
            assertEquals(loss == 0, ring.isPending());
        }
    }

    @Test
    void shouldRefuseAFrameWhenAllSlotsAreBusy() {
        try (VethPair pair = new VethPair();
                PacketSocket socket = pair.lb().call(() -> socket(1));
                InterfaceControl control = pair.lb().call(() -> new InterfaceControl("l0"));
                RawPort peer = pair.peer()) {
            final TransmitRing ring = new TransmitRing(
                    socket.slotRing(LinuxConstants.PACKET_TX_RING, 32, SLOT_BYTES), SLOT_BYTES, socket.fd(), 10);
            socket.bind(control.index(), 0);
            final PacketBatch batch = numbered(33);
            for (int i = 0; i < 32; i++) {
                assertTrue(ring.add(batch, i));
            }
            assertFalse(ring.add(batch, 32));
            ring.kick();
            assertEquals(32, peer.receive(32).size());
            assertTrue(ring.add(batch, 32));
        }
    }
}
