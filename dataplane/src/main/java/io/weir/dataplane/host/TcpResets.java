package io.weir.dataplane.host;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds the RST for a TCP segment that belongs to no connection.
 *
 * <p>A segment with ACK is answered with its acknowledgement number as the sequence number, any other with sequence
 * number 0 and an acknowledgement of all it occupies (RFC 9293 section 3.10.7.1). A RST is not answered. Whether the
 * segment's checksum is right is for the caller to check.
 *
 * <p><b>Source</b>: tcp_v4_send_reset(), tcp_v6_send_reset() of the Linux kernel. <b>Thread</b>: stateless.
 */
public final class TcpResets {
    private static final int TCP_BYTES = 20;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGEMENT = 8;
    private static final int FIN = 0x01;
    private static final int SYN = 0x02;
    private static final int RST = 0x04;
    private static final int ACK = 0x10;

    private TcpResets() {}

    /** Writes the answer to {@code in} at {@code at}; returns its length in bytes of layer 3, or 0. */
    public static int build(UnsafeBuffer out, int at, ParsedPacket in) {
        final UnsafeBuffer b = in.buffer;
        if (b == null || (in.tcpFlags & RST) != 0 || in.tcpHeaderLength < TCP_BYTES || in.l4Length < TCP_BYTES) {
            return 0;
        }
        final int tcp = at + HostPackets.headerBytes(in);
        HostPackets.putU16(out, tcp, in.dstPort);
        HostPackets.putU16(out, tcp + 2, in.srcPort);
        if ((in.tcpFlags & ACK) != 0) {
            out.putInt(tcp + SEQUENCE, b.getInt(in.l4Offset + ACKNOWLEDGEMENT));
            out.putInt(tcp + ACKNOWLEDGEMENT, 0);
            HostPackets.putU16(out, tcp + 12, 0x5000 | RST);
        } else {
            final int occupied = ((in.tcpFlags & SYN) != 0 ? 1 : 0)
                    + ((in.tcpFlags & FIN) != 0 ? 1 : 0)
                    + in.l4Length
                    - in.tcpHeaderLength;
            final int sequence = b.getInt(in.l4Offset + SEQUENCE, ByteOrder.BIG_ENDIAN);
            out.putInt(tcp + SEQUENCE, 0);
            out.putInt(tcp + ACKNOWLEDGEMENT, sequence + occupied, ByteOrder.BIG_ENDIAN);
            HostPackets.putU16(out, tcp + 12, 0x5000 | RST | ACK);
        }
        // Window, checksum, urgent pointer.
        HostPackets.putU16(out, tcp + 14, 0);
        out.putInt(tcp + 16, 0);
        // The sum is the same whichever address comes first.
        final long pseudo =
                InternetChecksum.pseudoHeader(in.srcHi, in.srcLo, in.dstHi, in.dstLo, ProtocolNumbers.TCP, TCP_BYTES);
        HostPackets.putU16(out, tcp + 16, InternetChecksum.finish(InternetChecksum.sum(out, tcp, TCP_BYTES, pseudo)));
        HostPackets.putReply(out, at, in, TCP_BYTES, in.tos & ~HostPackets.ECN_MASK, 0, HostPackets.DF);
        return HostPackets.headerBytes(in) + TCP_BYTES;
    }
}
