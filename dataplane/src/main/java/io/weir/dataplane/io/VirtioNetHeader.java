package io.weir.dataplane.io;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * The ten bytes in front of a frame that say what of its checksum and segmentation is still to be done.
 *
 * <p><b>Layout</b> (host order): flags 0, gso_type 1, hdr_len 2, gso_size 4, csum_start 6, csum_offset 8; offsets count
 * from the frame's first byte.
 *
 * <p><b>Source</b>: virtio 1.2 §5.1.6, linux/virtio_net.h
 */
final class VirtioNetHeader {
    static final int BYTES = 10;

    private static final int NEEDS_CSUM = 1;
    private static final int GSO_UDP_L4 = 5;
    private static final int ECN = 0x80;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int TCP_DATA_OFFSET = 12;

    /** Up to here a frame is copied into a linear buffer: for short ones faster, for long ones slower (measured). */
    private static final int LINEAR_BYTES = 512;

    private VirtioNetHeader() {}

    /** Copies the header at {@code at} into the batch's fields of frame {@code i}. */
    static void read(UnsafeBuffer buffer, int at, PacketBatch batch, int i) {
        if ((buffer.getByte(at) & NEEDS_CSUM) != 0) {
            batch.checksumStart[i] = buffer.getShort(at + 6) & 0xFFFF;
            batch.checksumOffset[i] = buffer.getShort(at + 8) & 0xFFFF;
        }
        final int type = buffer.getByte(at + 1) & 0xFF;
        if (type != PacketBatch.SEGMENT_NONE) {
            batch.segmentType[i] = type;
            batch.segmentSize[i] = buffer.getShort(at + 4) & 0xFFFF;
        }
    }

    /** Is what the batch says of frame {@code i} consistent? The kernel refuses anything else. */
    static boolean isValid(PacketBatch batch, int i) {
        final int start = batch.checksumStart[i];
        return start < 0
                ? batch.segmentSize[i] == 0
                : batch.checksumOffset[i] >= 0 && start + batch.checksumOffset[i] + 2 <= batch.length[i];
    }

    /** Writes the header for frame {@code i}, which will have grown by {@code grown} bytes (a tag). */
    static void write(UnsafeBuffer buffer, int at, PacketBatch batch, int i, int grown) {
        final int start = batch.checksumStart[i];
        final int length = batch.length[i] + grown;
        final boolean segmented = isSuperFrame(batch, i);
        buffer.putByte(at, (byte) (start >= 0 ? NEEDS_CSUM : 0));
        buffer.putByte(at + 1, (byte) (segmented ? batch.segmentType[i] : PacketBatch.SEGMENT_NONE));
        buffer.putShort(at + 4, (short) (segmented ? batch.segmentSize[i] : 0));
        buffer.putShort(at + 6, (short) (start >= 0 ? start + grown : 0));
        buffer.putShort(at + 8, (short) (start >= 0 ? batch.checksumOffset[i] : 0));
        final int linear = length <= LINEAR_BYTES ? length : 0;
        buffer.putShort(at + 2, (short) (segmented ? headerBytes(batch, i) + grown : linear));
    }

    /** Does frame {@code i} have more payload than one segment holds? */
    static boolean isSuperFrame(PacketBatch batch, int i) {
        return batch.segmentSize[i] > 0
                && batch.checksumStart[i] >= 0
                && batch.length[i] - headerBytes(batch, i) > batch.segmentSize[i];
    }

    /** Bytes up to the transport payload of a frame with a partial checksum. */
    private static int headerBytes(PacketBatch batch, int i) {
        final int start = batch.checksumStart[i];
        if ((batch.segmentType[i] & ~ECN) == GSO_UDP_L4) {
            return start + UDP_HEADER_BYTES;
        }
        if (start + TCP_DATA_OFFSET >= batch.length[i]) {
            return batch.length[i];
        }
        final int words = batch.buffer[i].getByte(batch.offset[i] + start + TCP_DATA_OFFSET) >> 4 & 0xF;
        return Math.min(batch.length[i], start + (words << 2));
    }
}
