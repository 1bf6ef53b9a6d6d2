package io.weir.dataplane.segment;

import io.weir.packet.InternetChecksum;
import org.agrona.concurrent.UnsafeBuffer;

/** Finishes a checksum whose computation the sender left to the network card. */
public final class PartialChecksum {
    private PartialChecksum() {}

    /**
     * Sums what lies between {@code start} and {@code end}, the field itself with the pseudo header's sum that it holds
     * included, and writes the result into the field.
     *
     * <p><b>Source</b>: skb_checksum_help() of the Linux kernel; virtio 1.2 section 5.1.6.2. A result of zero is written
     * as all ones, which for TCP means the same and for UDP is demanded (RFC 768).
     *
     * @param start where summing starts (the transport header)
     * @param offset of the checksum field after {@code start}
     * @param end first byte after the packet
     */
    public static void complete(UnsafeBuffer buffer, int start, int offset, int end) {
        final int sum = InternetChecksum.finish(InternetChecksum.sum(buffer, start, end - start, 0));
        IpHeader.putU16(buffer, start + offset, sum == 0 ? 0xFFFF : sum);
    }
}
