package io.weir.dataplane.host;

import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * TCP segments of the director's own making: headers without options or payload.
 *
 * <p><b>Owner</b>: one worker; the addresses are set first, then segments are built between them. No allocation.
 * <b>Source</b>: RFC 9293 section 3.1.
 */
public final class BareSegments {
    /** The longest one: an IPv6 and a TCP header. */
    public static final int MAX_BYTES = 60;

    private static final int TCP_BYTES = 20;
    private static final int DATA_OFFSET = 0x5000;

    private long fromHi;
    private long fromLo;
    private int fromPort;
    private long toHi;
    private long toLo;
    private int toPort;

    /** Sets the sender. */
    public BareSegments from(long hi, long lo, int port) {
        fromHi = hi;
        fromLo = lo;
        fromPort = port;
        return this;
    }

    /** Sets the receiver; of the sender's address family. */
    public BareSegments to(long hi, long lo, int port) {
        toHi = hi;
        toLo = lo;
        toPort = port;
        return this;
    }

    /**
     * Writes one at {@code at}.
     *
     * @param flags of TcpFlags
     * @param window as in the header, unscaled
     * @return its length in bytes of layer 3
     */
    public int build(UnsafeBuffer out, int at, int flags, int sequence, int acknowledgement, int window) {
        final boolean v4 = IpAddress.isV4(toHi, toLo);
        final int header = v4 ? HostPackets.V4_BYTES : HostPackets.V6_BYTES;
        final int tcp = at + header;
        HostPackets.putU16(out, tcp, fromPort);
        HostPackets.putU16(out, tcp + 2, toPort);
        out.putInt(tcp + 4, sequence, ByteOrder.BIG_ENDIAN);
        out.putInt(tcp + 8, acknowledgement, ByteOrder.BIG_ENDIAN);
        HostPackets.putU16(out, tcp + 12, DATA_OFFSET | flags);
        HostPackets.putU16(out, tcp + 14, window);
        out.putInt(tcp + 16, 0);
        final long pseudo = InternetChecksum.pseudoHeader(fromHi, fromLo, toHi, toLo, ProtocolNumbers.TCP, TCP_BYTES);
        HostPackets.putU16(out, tcp + 16, InternetChecksum.finish(InternetChecksum.sum(out, tcp, TCP_BYTES, pseudo)));
        if (v4) {
            HostPackets.putV4(out, at, header + TCP_BYTES, 0, 0, HostPackets.DF, ProtocolNumbers.TCP, fromLo, toLo);
        } else {
            HostPackets.putV6(out, at, TCP_BYTES, 0, ProtocolNumbers.TCP, HostPackets.TTL, fromHi, fromLo, toHi, toLo);
        }
        return header + TCP_BYTES;
    }
}
