package io.weir.dataplane.segment;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Cuts a TCP super-frame into segments of the size its sender asked for, one per call.
 *
 * <p>Each segment repeats the headers with its own length, sequence number and complete checksums; IPv4 identifications
 * count up. FIN and PSH are on the last segment only, CWR on the first only.
 *
 * <p><b>Source</b>: tcp_gso_segment() and inet_gso_segment() of the Linux kernel. <b>Owner</b>: one worker; no
 * allocation. <b>Fails</b>: a packet that is no TCP packet yields no segment.
 */
public final class TcpSegmenter {
    private static final int TCP_BYTES = 20;
    private static final int SEQUENCE = 4;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int CHECKSUM = 16;
    private static final int FIN = 0x01;
    private static final int PSH = 0x08;
    private static final int CWR = 0x80;

    private UnsafeBuffer source = new UnsafeBuffer(0, 0);
    private int l3;
    private boolean v4;
    private int ipBytes;
    private int headerBytes;
    private int segmentSize;
    private int done;
    private int left;
    private boolean begun = true;
    private int index;
    private long srcHi;
    private long srcLo;
    private long dstHi;
    private long dstLo;

    /**
     * Starts on a super-frame.
     *
     * @param size TCP payload bytes per segment
     */
    public void begin(UnsafeBuffer packet, int l3Offset, int l3Length, int size) {
        source = packet;
        l3 = l3Offset;
        v4 = IpHeader.isV4(packet, l3Offset);
        segmentSize = size;
        done = 0;
        index = 0;
        left = 0;
        begun = true;
        ipBytes = v4 ? headerV4() : headerV6(l3Length);
        if (ipBytes == 0 || size <= 0 || ipBytes + TCP_BYTES > l3Length) {
            return;
        }
        final int tcpBytes = (packet.getByte(l3 + ipBytes + DATA_OFFSET) & 0xF0) >> 2;
        headerBytes = ipBytes + tcpBytes;
        if (tcpBytes < TCP_BYTES || headerBytes > l3Length) {
            return;
        }
        left = l3Length - headerBytes;
        begun = false;
        readAddresses();
    }

    private int headerV4() {
        return source.getByte(l3 + 9) == ProtocolNumbers.TCP ? IpHeader.headerBytesV4(source, l3) : 0;
    }

    private int headerV6(int l3Length) {
        int at = IpHeader.V6_BYTES;
        int type = source.getByte(l3 + IpHeader.V6_NEXT_HEADER) & 0xFF;
        while ((type == IpHeader.HOP_BY_HOP || type == IpHeader.ROUTING || type == IpHeader.DESTINATION_OPTIONS)
                && at + 8 <= l3Length) {
            type = source.getByte(l3 + at) & 0xFF;
            at += IpHeader.extensionBytes(source, l3 + at);
        }
        return type == ProtocolNumbers.TCP ? at : 0;
    }

    private void readAddresses() {
        if (v4) {
            srcHi = 0;
            dstHi = 0;
            srcLo = IpHeader.addressV4(source, l3 + 12);
            dstLo = IpHeader.addressV4(source, l3 + 16);
        } else {
            srcHi = source.getLong(l3 + 8, ByteOrder.BIG_ENDIAN);
            srcLo = source.getLong(l3 + 16, ByteOrder.BIG_ENDIAN);
            dstHi = source.getLong(l3 + 24, ByteOrder.BIG_ENDIAN);
            dstLo = source.getLong(l3 + 32, ByteOrder.BIG_ENDIAN);
        }
    }

    /** Is there another segment? */
    public boolean hasNext() {
        return !begun || left > 0;
    }

    /**
     * Writes the next segment.
     *
     * @return its length in bytes of layer 3
     */
    public int next(UnsafeBuffer out, int at) {
        final boolean first = !begun;
        begun = true;
        final int bytes = Math.min(left, segmentSize);
        left -= bytes;
        final int length = headerBytes + bytes;
        out.putBytes(at, source, l3, headerBytes);
        out.putBytes(at + headerBytes, source, l3 + headerBytes + done, bytes);
        putIp(out, at, length);
        putTcp(out, at + ipBytes, length - ipBytes, first);
        done += bytes;
        index++;
        return length;
    }

    private void putIp(UnsafeBuffer out, int at, int length) {
        if (!v4) {
            IpHeader.putU16(out, at + IpHeader.V6_PAYLOAD_LENGTH, length - IpHeader.V6_BYTES);
            return;
        }
        IpHeader.putU16(out, at + IpHeader.V4_TOTAL_LENGTH, length);
        IpHeader.putU16(out, at + IpHeader.V4_ID, IpHeader.u16(source, l3 + IpHeader.V4_ID) + index);
        IpHeader.computeChecksumV4(out, at, ipBytes);
    }

    private void putTcp(UnsafeBuffer out, int tcp, int length, boolean first) {
        final int sequence = source.getInt(l3 + ipBytes + SEQUENCE, ByteOrder.BIG_ENDIAN);
        out.putInt(tcp + SEQUENCE, sequence + done, ByteOrder.BIG_ENDIAN);
        int flags = out.getByte(tcp + FLAGS) & 0xFF;
        if (left > 0) {
            flags &= ~(FIN | PSH);
        }
        if (!first) {
            flags &= ~CWR;
        }
        out.putByte(tcp + FLAGS, (byte) flags);
        IpHeader.putU16(out, tcp + CHECKSUM, 0);
        final long pseudo = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, ProtocolNumbers.TCP, length);
        IpHeader.putU16(out, tcp + CHECKSUM, InternetChecksum.finish(InternetChecksum.sum(out, tcp, length, pseudo)));
    }
}
