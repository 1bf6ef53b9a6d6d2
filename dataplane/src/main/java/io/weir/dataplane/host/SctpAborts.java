package io.weir.dataplane.host;

import io.weir.packet.Crc32c;
import io.weir.packet.ParsedPacket;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds the answer to an SCTP packet that belongs to no association ("out of the blue").
 *
 * <p>An INIT is answered with ABORT under its initiate tag; a packet with SHUTDOWN ACK with SHUTDOWN COMPLETE, any other
 * with ABORT, both under the tag it came with and the T bit. Packets with ABORT, SHUTDOWN COMPLETE, COOKIE ACK, a
 * stale-cookie ERROR, or an INIT that is not alone get nothing, and neither do those with ECNE, CWR, RE-CONFIG, ASCONF or its ACK only.
 *
 * <p><b>Source</b>: RFC 9260 section 8.4; sctp_rcv_ootb(), sctp_sf_ootb() and sctp_sf_tabort_8_4_8() of the Linux kernel.
 * <b>Thread</b>: stateless. The caller checks the CRC32c first ({@link #checksumHolds}).
 */
public final class SctpAborts {
    private static final int HEADER_BYTES = 12;
    private static final int CHUNK_BYTES = 4;
    private static final int INIT_BYTES = 20;
    private static final int VERIFICATION_TAG = 4;
    private static final int CHECKSUM = 8;

    private static final int INIT = 1;
    private static final int ABORT = 6;
    private static final int SHUTDOWN_ACK = 8;
    private static final int ERROR = 9;
    private static final int COOKIE_ACK = 11;
    private static final int ECNE = 12;
    private static final int CWR = 13;
    private static final int SHUTDOWN_COMPLETE = 14;
    private static final int ASCONF_ACK = 0x80;
    private static final int RE_CONFIG = 0x82;
    private static final int ASCONF = 0xC1;
    private static final int CAUSE_STALE_COOKIE = 3;
    private static final int T_BIT = 1;
    /** The kernel's SCTP sockets say they are capable of ECN: ECT(0). */
    private static final int TOS = 0x02;

    private SctpAborts() {}

    /** Is the packet's CRC32c right? */
    public static boolean checksumHolds(ParsedPacket in) {
        final UnsafeBuffer b = in.buffer;
        if (b == null || in.l4Length < HEADER_BYTES) {
            return false;
        }
        return b.getInt(in.l4Offset + CHECKSUM, ByteOrder.BIG_ENDIAN) == Crc32c.sctp(b, in.l4Offset, in.l4Length);
    }

    /** Writes the answer to {@code in} at {@code at}; returns its length in bytes of layer 3, or 0. */
    public static int build(UnsafeBuffer out, int at, ParsedPacket in) {
        final UnsafeBuffer b = in.buffer;
        if (b == null || in.l4Length < HEADER_BYTES + CHUNK_BYTES) {
            return 0;
        }
        final int answer = answerTo(b, in);
        if (answer < 0) {
            return 0;
        }
        final int first = in.l4Offset + HEADER_BYTES;
        final boolean init = (b.getByte(first) & 0xFF) == INIT && answer == ABORT;
        final int sctp = at + HostPackets.headerBytes(in);
        HostPackets.putU16(out, sctp, in.dstPort);
        HostPackets.putU16(out, sctp + 2, in.srcPort);
        out.putInt(sctp + VERIFICATION_TAG, b.getInt(init ? first + CHUNK_BYTES : in.l4Offset + VERIFICATION_TAG));
        out.putByte(sctp + HEADER_BYTES, (byte) answer);
        out.putByte(sctp + HEADER_BYTES + 1, (byte) (init ? 0 : T_BIT));
        HostPackets.putU16(out, sctp + HEADER_BYTES + 2, CHUNK_BYTES);
        final int bytes = HEADER_BYTES + CHUNK_BYTES;
        Crc32c.fillSctp(out, sctp, bytes);
        HostPackets.putReply(out, at, in, bytes, TOS, 0, HostPackets.DF);
        return HostPackets.headerBytes(in) + bytes;
    }

    private static boolean isDiscarded(int type) {
        return type == ECNE || type == CWR || type == ASCONF || type == ASCONF_ACK || type == RE_CONFIG;
    }

    /** The chunk to answer with, or -1, from a walk over all chunks. */
    private static int answerTo(UnsafeBuffer b, ParsedPacket in) {
        final int first = in.l4Offset + HEADER_BYTES;
        final int end = in.l4Offset + in.l4Length;
        int answer = ABORT;
        boolean silent = false;
        boolean says = false;
        for (int at = first; at + CHUNK_BYTES <= end; ) {
            final int type = b.getByte(at) & 0xFF;
            final int length = HostPackets.u16(b, at + 2);
            if (length < CHUNK_BYTES || at + length > end) {
                return at == first ? -1 : silent ? -1 : answer;
            }
            final int next = at + (length + 3 & ~3);
            final boolean badInit = type == INIT && (at > first || length < INIT_BYTES || next + CHUNK_BYTES <= end);
            if (type == ABORT || type == SHUTDOWN_COMPLETE || badInit) {
                return -1;
            }
            if (type == SHUTDOWN_ACK) {
                answer = SHUTDOWN_COMPLETE;
            }
            says |= !isDiscarded(type);
            silent |= type == COOKIE_ACK
                    || type == ERROR && length >= 8 && HostPackets.u16(b, at + CHUNK_BYTES) == CAUSE_STALE_COOKIE;
            at = next;
        }
        return !says || silent && answer == ABORT ? -1 : answer;
    }
}
