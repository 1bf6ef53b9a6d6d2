package io.weir.dataplane.io;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds the checksum that a local sender left unfinished, where the kernel says only that there is one.
 *
 * <p>Needed without virtio_net_hdr: TP_STATUS_CSUMNOTREADY does not tell the place. Understands Ethernet with IPv4 or IPv6
 * (hop-by-hop, routing and destination options skipped), then TCP, UDP or SCTP.
 */
final class PartialChecksumFinder {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int SCTP = 132;
    private static final int MOST_EXTENSIONS = 8;

    private PartialChecksumFinder() {}

    /** Fills the batch's checksum fields of frame {@code i}; false if there is no transport header we know. */
    static boolean find(PacketBatch batch, int i) {
        final UnsafeBuffer buffer = batch.buffer[i];
        final int frame = batch.offset[i];
        final int length = batch.length[i];
        if (length < 14 + 20) {
            return false;
        }
        final int etherType = buffer.getShort(frame + 12, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        if (etherType == 0x0800) {
            final int start = 14 + ((buffer.getByte(frame + 14) & 0xF) << 2);
            return set(batch, i, start, buffer.getByte(frame + 14 + 9) & 0xFF);
        }
        return etherType == 0x86DD && length >= 14 + 40 && findIpv6(batch, i, buffer, frame, length);
    }

    private static boolean findIpv6(PacketBatch batch, int i, UnsafeBuffer buffer, int frame, int length) {
        int next = buffer.getByte(frame + 14 + 6) & 0xFF;
        int at = 14 + 40;
        for (int n = 0; n < MOST_EXTENSIONS && (next == 0 || next == 43 || next == 60); n++) {
            if (at + 8 > length) {
                return false;
            }
            next = buffer.getByte(frame + at) & 0xFF;
            at += ((buffer.getByte(frame + at + 1) & 0xFF) + 1) << 3;
        }
        return set(batch, i, at, next);
    }

    private static boolean set(PacketBatch batch, int i, int start, int protocol) {
        final int offset =
                switch (protocol) {
                    case TCP -> 16;
                    case UDP -> 6;
                    case SCTP -> 8;
                    default -> -1;
                };
        if (offset < 0 || start + offset + 2 > batch.length[i]) {
            return false;
        }
        batch.checksumStart[i] = start;
        batch.checksumOffset[i] = offset;
        return true;
    }
}
