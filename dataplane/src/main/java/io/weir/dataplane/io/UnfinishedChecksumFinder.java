package io.weir.dataplane.io;

import io.weir.packet.Crc32c;
import io.weir.packet.InternetChecksum;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds out whether a local sender left a frame's checksum unfinished, where the kernel does not even say that there may
 * be one.
 *
 * <p>An unfinished TCP or UDP checksum is the folded, not inverted sum of the pseudo header. A finished one has that value
 * by chance once in 65,536 frames: then the frame is summed up, and if that comes out right, it was finished. SCTP's is
 * left as zero.
 */
final class UnfinishedChecksumFinder {
    private static final int ETHERNET_BYTES = 14;
    private static final int SCTP_CHECKSUM_OFFSET = 8;
    /** More fragments, or a fragment's offset. */
    private static final int FRAGMENT_BITS = 0x3FFF;

    private static final int IPV6 = 6;

    private UnfinishedChecksumFinder() {}

    /** Fills the batch's checksum fields of frame {@code i} if its checksum is unfinished. */
    static void find(PacketBatch batch, int i) {
        if (!PartialChecksumFinder.find(batch, i)) {
            return;
        }
        final UnsafeBuffer buffer = batch.buffer[i];
        final int start = batch.checksumStart[i];
        final int ip = batch.offset[i] + ETHERNET_BYTES;
        if (isSctp(batch, i)) {
            if (buffer.getInt(batch.offset[i] + start + SCTP_CHECKSUM_OFFSET) == 0) {
                Crc32c.fillSctp(buffer, batch.offset[i] + start, transportBytes(buffer, ip, start, batch.length[i]));
            }
        } else if (isUnfinished(buffer, ip, batch.offset[i] + start, batch, i)) {
            return;
        }
        batch.checksumStart[i] = -1;
        batch.checksumOffset[i] = 0;
    }

    private static boolean isSctp(PacketBatch batch, int i) {
        return batch.checksumOffset[i] == SCTP_CHECKSUM_OFFSET;
    }

    private static boolean isUnfinished(UnsafeBuffer buffer, int ip, int transport, PacketBatch batch, int i) {
        final boolean six = (buffer.getByte(ip) >> 4 & 0xF) == IPV6;
        if (!six && (word(buffer, ip + 6) & FRAGMENT_BITS) != 0) {
            return false;
        }
        final int bytes = transportBytes(buffer, ip, batch.checksumStart[i], batch.length[i]);
        final int protocol = batch.checksumOffset[i] == 16 ? 6 : 17;
        final long pseudo = InternetChecksum.sum(buffer, six ? ip + 8 : ip + 12, six ? 32 : 8, bytes + protocol);
        return bytes > 0
                && word(buffer, transport + batch.checksumOffset[i]) == InternetChecksum.fold(pseudo)
                && InternetChecksum.finish(InternetChecksum.sum(buffer, transport, bytes, pseudo)) != 0;
    }

    /** What the IP header says, but no more than there is; 0 if that makes no sense. */
    private static int transportBytes(UnsafeBuffer buffer, int ip, int start, int length) {
        final boolean six = (buffer.getByte(ip) >> 4 & 0xF) == IPV6;
        final int end = ETHERNET_BYTES + (six ? 40 + word(buffer, ip + 4) : word(buffer, ip + 2));
        return Math.max(0, Math.min(end, length) - start);
    }

    private static int word(UnsafeBuffer buffer, int at) {
        return (buffer.getByte(at) & 0xFF) << 8 | buffer.getByte(at + 1) & 0xFF;
    }
}
