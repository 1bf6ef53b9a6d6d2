package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.TpacketRing;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * TPACKET_V2: a ring of slots with one frame in each; low latency.
 *
 * <p><b>Units</b>: slot numbers run from 0 to slots - 1. {@code next} is the next to look at, {@code held} counts those
 * before it that are not handed back yet.
 */
final class SlotReceiveRing implements ReceiveRing {
    private final UnsafeBuffer ring;
    private final int slots;
    private final int slotBytes;
    private final int headerBytes;
    private final int longestPlain;
    private final CopiedFrames copies;
    private final DropCounter drops;
    private int next;
    private int held;
    private int delivered;

    /**
     * @param headerBytes of virtio_net_hdr in front of each frame, or 0
     * @param longestPlain longest frame that is no super-frame
     */
    SlotReceiveRing(UnsafeBuffer ring, int slotBytes, int fd, int headerBytes, int longestPlain, DropCounter drops) {
        this.ring = ring;
        this.slots = ring.capacity() / slotBytes;
        this.slotBytes = slotBytes;
        this.headerBytes = headerBytes;
        this.longestPlain = longestPlain;
        this.copies = new CopiedFrames(fd, headerBytes);
        this.drops = drops;
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        final int before = batch.size;
        while (!batch.isFull() && held < slots && !copies.isFull()) {
            final int slot = next * slotBytes;
            final int status = ring.getIntAcquire(slot + TpacketRing.V2_STATUS);
            if ((status & TpacketRing.STATUS_USER) == 0) {
                break;
            }
            next = next + 1 == slots ? 0 : next + 1;
            held++;
            if (!take(batch, slot, status, interfaceIndex)) {
                drops.add(1);
            }
        }
        final int added = batch.size - before;
        delivered += added;
        if (delivered == 0 && held > 0) {
            // The caller has nothing to release, and would not.
            release();
        }
        return added;
    }

    private boolean take(PacketBatch batch, int slot, int status, int interfaceIndex) {
        final int length = ring.getInt(slot + TpacketRing.V2_LENGTH);
        final int captured = ring.getInt(slot + TpacketRing.V2_CAPTURED);
        final int mac = ring.getShort(slot + TpacketRing.V2_MAC) & 0xFFFF;
        UnsafeBuffer memory = ring;
        int frame = slot + mac;
        int headroom = mac - TpacketRing.V2_HEADER_BYTES;
        if ((status & TpacketRing.STATUS_COPY) != 0) {
            // Even a frame that is not wanted must be taken from the queue.
            frame = copies.take(ring, frame, length);
            memory = copies.memory();
            headroom = copies.headroom();
        } else if (captured < length) {
            return false;
        }
        if (frame < 0 || (headerBytes == 0 && length > longestPlain)) {
            return false;
        }
        final int i = batch.add(memory, frame, length, headroom, interfaceIndex);
        final int tci = ring.getShort(slot + TpacketRing.V2_VLAN_TCI) & 0xFFFF;
        final int tpid = ring.getShort(slot + TpacketRing.V2_VLAN_TPID) & 0xFFFF;
        ReceivedFrame.describe(batch, i, status, tci, tpid, memory, headerBytes == 0 ? -1 : frame - headerBytes);
        return true;
    }

    @Override
    public void release() {
        int slot = next - held;
        if (slot < 0) {
            slot += slots;
        }
        for (; held > 0; held--) {
            ring.putIntRelease(slot * slotBytes + TpacketRing.V2_STATUS, TpacketRing.STATUS_KERNEL);
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
        copies.release();
        delivered = 0;
    }
}
