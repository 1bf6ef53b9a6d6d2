package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.TpacketRing;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * TPACKET_V3: a ring of blocks that the kernel fills with frames of any length; high throughput.
 *
 * <p>The kernel hands over a block when it is full or when its time is up (at least 1 ms), which is the latency floor of
 * this ring. A block goes back as a whole, when all its frames are done with; it may also be empty.
 */
final class BlockReceiveRing implements ReceiveRing {
    private final UnsafeBuffer ring;
    private final int blocks;
    private final int blockBytes;
    private final int headerBytes;
    private final int longestPlain;
    private final DropCounter drops;
    /** The next block to look at. */
    private int nextBlock;
    /** Blocks before it that are not handed back. */
    private int heldBlocks;
    /** Frames of the last opened block still to be taken, and the offset of the first of them. */
    private int framesLeft;

    private int nextFrame;
    private int delivered;

    BlockReceiveRing(UnsafeBuffer ring, int blockBytes, int headerBytes, int longestPlain, DropCounter drops) {
        this.ring = ring;
        this.blocks = ring.capacity() / blockBytes;
        this.blockBytes = blockBytes;
        this.headerBytes = headerBytes;
        this.longestPlain = longestPlain;
        this.drops = drops;
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        final int before = batch.size;
        while (!batch.isFull() && (framesLeft > 0 || openBlock())) {
            final int frame = nextFrame;
            if (framesLeft == 0) {
                continue;
            }
            framesLeft--;
            nextFrame = frame + ring.getInt(frame + TpacketRing.V3_NEXT);
            if (!take(batch, frame, interfaceIndex)) {
                drops.add(1);
            }
        }
        final int added = batch.size - before;
        delivered += added;
        if (delivered == 0 && heldBlocks > 0) {
            // The caller has nothing to release, and would not: empty blocks would fill the ring.
            release();
        }
        return added;
    }

    private boolean openBlock() {
        if (heldBlocks == blocks) {
            return false;
        }
        final int block = nextBlock * blockBytes;
        final int status = ring.getIntAcquire(block + TpacketRing.BLOCK_STATUS);
        if ((status & TpacketRing.STATUS_USER) == 0) {
            return false;
        }
        nextBlock = nextBlock + 1 == blocks ? 0 : nextBlock + 1;
        heldBlocks++;
        framesLeft = ring.getInt(block + TpacketRing.BLOCK_PACKETS);
        nextFrame = block + ring.getInt(block + TpacketRing.BLOCK_FIRST);
        return true;
    }

    private boolean take(PacketBatch batch, int header, int interfaceIndex) {
        final int length = ring.getInt(header + TpacketRing.V3_LENGTH);
        if (ring.getInt(header + TpacketRing.V3_CAPTURED) < length || (headerBytes == 0 && length > longestPlain)) {
            return false;
        }
        final int mac = ring.getShort(header + TpacketRing.V3_MAC) & 0xFFFF;
        final int frame = header + mac;
        final int status = ring.getInt(header + TpacketRing.V3_STATUS);
        final int i = batch.add(ring, frame, length, mac - TpacketRing.V3_HEADER_BYTES, interfaceIndex);
        final int tci = ring.getInt(header + TpacketRing.V3_VLAN_TCI) & 0xFFFF;
        final int tpid = ring.getShort(header + TpacketRing.V3_VLAN_TPID) & 0xFFFF;
        ReceivedFrame.describe(batch, i, status, tci, tpid, ring, headerBytes == 0 ? -1 : frame - headerBytes);
        return true;
    }

    @Override
    public void release() {
        final int open = framesLeft > 0 ? 1 : 0;
        int block = nextBlock - heldBlocks;
        if (block < 0) {
            block += blocks;
        }
        for (; heldBlocks > open; heldBlocks--) {
            ring.putIntRelease(block * blockBytes + TpacketRing.BLOCK_STATUS, TpacketRing.STATUS_KERNEL);
            block = block + 1 == blocks ? 0 : block + 1;
        }
        delivered = 0;
    }
}
