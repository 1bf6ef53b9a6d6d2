package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.TpacketRing;
import io.weir.packet.Crc32c;
import org.agrona.concurrent.UnsafeBuffer;

/** Carries over to the batch what an AF_PACKET ring says of a frame besides its bytes. */
final class ReceivedFrame {
    /** Where the CRC32c stands in an SCTP header; no internet checksum has that offset. */
    private static final int SCTP_CHECKSUM_OFFSET = 8;

    private ReceivedFrame() {}

    /**
     * Describes frame {@code i}: virtio_net_hdr, unfinished checksum, VLAN tag.
     *
     * @param headers where the virtio_net_hdr is
     * @param headerAt its offset, or -1 without one
     */
    static void describe(PacketBatch batch, int i, int status, int tci, int tpid, UnsafeBuffer headers, int headerAt) {
        if (headerAt >= 0) {
            VirtioNetHeader.read(headers, headerAt, batch, i);
        } else if ((status & TpacketRing.STATUS_CSUM_NOT_READY) != 0) {
            PartialChecksumFinder.find(batch, i);
        }
        if (batch.checksumStart[i] >= 0 && batch.checksumOffset[i] == SCTP_CHECKSUM_OFFSET) {
            completeSctp(batch, i);
        }
        if ((status & TpacketRing.STATUS_VLAN_VALID) != 0) {
            tag(batch, i, (status & TpacketRing.STATUS_VLAN_TPID_VALID) != 0 ? tpid : EthernetTag.TPID_8021Q, tci);
        }
    }

    /** An SCTP sender leaves all of the CRC32c undone, and virtio_net_hdr has no way to pass that on: done here. */
    private static void completeSctp(PacketBatch batch, int i) {
        final int start = batch.checksumStart[i];
        if (start + SCTP_CHECKSUM_OFFSET + Integer.BYTES <= batch.length[i]) {
            Crc32c.fillSctp(batch.buffer[i], batch.offset[i] + start, batch.length[i] - start);
        }
        batch.checksumStart[i] = -1;
        batch.checksumOffset[i] = 0;
    }

    /** The batch has room for an 802.1Q TCI; any other outer tag (802.1ad) goes back to its place in the frame. */
    private static void tag(PacketBatch batch, int i, int tpid, int tci) {
        if (tpid == EthernetTag.TPID_8021Q) {
            batch.vlanTci[i] = tci;
            return;
        }
        EthernetTag.insert(batch.buffer[i], batch.offset[i], tpid, tci);
        batch.offset[i] -= EthernetTag.BYTES;
        batch.length[i] += EthernetTag.BYTES;
        batch.headroom[i] -= EthernetTag.BYTES;
        if (batch.checksumStart[i] >= 0) {
            batch.checksumStart[i] += EthernetTag.BYTES;
        }
    }
}
