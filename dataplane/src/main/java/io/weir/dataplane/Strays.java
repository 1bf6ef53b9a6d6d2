package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;

/**
 * Packets that come from a real server's service port and belong to no connection.
 *
 * <p>They are routed as any other; with nat_icmp_send the real server is told that its peer is gone (ip_vs_out_hook() of
 * the Linux kernel).
 */
final class Strays {
    private final Egress egress;

    Strays(Egress egress) {
        this.egress = egress;
    }

    int reply(PacketContext c) {
        final ParsedPacket p = c.packet;
        if (!c.snapshot.sysctls().natIcmpSend()
                || p.protocol == ProtocolNumbers.TCP && (p.tcpFlags & TcpFlags.RST) != 0
                || p.protocol == ProtocolNumbers.SCTP && p.sctpChunkType == SctpChunks.ABORT
                || !RealServers.isRealServer(c.snapshot.services(), p.protocol, p.srcHi, p.srcLo, p.srcPort)) {
            return PacketBatch.PASS;
        }
        egress.icmp().portUnreachable(c);
        return PacketBatch.CONSUMED;
    }
}
