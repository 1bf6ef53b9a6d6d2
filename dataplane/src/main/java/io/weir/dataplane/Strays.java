package io.weir.dataplane;

import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;

/**
 * Packets that go through the director and belong to no connection of ours.
 *
 * <p>They are the kernel's to route, or ours where no kernel stands behind us. With nat_icmp_send a real server that sends
 * from its service port is told that its peer is gone (ip_vs_out_hook() of the Linux kernel).
 */
final class Strays {
    private final Egress egress;
    private final boolean routes;

    Strays(Egress egress, boolean routes) {
        this.egress = egress;
        this.routes = routes;
    }

    /** A packet of a protocol that has connections. */
    int reply(PacketContext c) {
        final ParsedPacket p = c.packet;
        final boolean ends = p.protocol == ProtocolNumbers.TCP && (p.tcpFlags & TcpFlags.RST) != 0
                || p.protocol == ProtocolNumbers.SCTP && p.sctpChunkType == SctpChunks.ABORT;
        if (ends
                || !c.snapshot.sysctls().natIcmpSend()
                || !RealServers.isRealServer(c.snapshot.services(), p.protocol, p.srcHi, p.srcLo, p.srcPort)) {
            return pass(c);
        }
        // A router has lowered the TTL by the time it finds that out.
        final int admitted = egress.admitReply(c, egress.routeTo(c, p.dstHi, p.dstLo));
        if (admitted != PacketBatch.TRANSMIT) {
            return admitted;
        }
        egress.icmp().portUnreachable(c);
        return PacketBatch.CONSUMED;
    }

    /** Any other packet that is not for us. */
    int pass(PacketContext c) {
        if (!routes) {
            return PacketBatch.PASS;
        }
        final int admitted = egress.admitReply(c, egress.routeTo(c, c.packet.dstHi, c.packet.dstLo));
        return admitted == PacketBatch.TRANSMIT ? egress.sendToDestination(c) : admitted;
    }
}
