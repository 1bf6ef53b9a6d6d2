package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;

/**
 * Finds the connection of an AH or ESP packet: that of the key exchange between the same two hosts, UDP port 500 at both
 * ends. A packet without one is the host's; none makes one.
 *
 * <p>FULLNAT has no way back for them, which carry no port: they do not follow there.
 *
 * <p><b>Source</b>: ip_vs_proto_ah_esp.c of the Linux kernel. <b>Owner</b>: one worker.
 */
final class IpsecFlows {
    private static final int UDP = ProtocolNumbers.UDP;
    private static final int PORT = Protocols.ISAKMP_PORT;

    private final ConnectionTable table;

    IpsecFlows(ConnectionTable table) {
        this.table = table;
    }

    /** Of a client's packet, or NONE. */
    int in(ParsedPacket p) {
        final int id = fromClient(p.srcHi, p.srcLo, p.dstHi, p.dstLo);
        return id != ConnectionTable.NONE && table.methodCode(id) != Connections.FULLNAT ? id : ConnectionTable.NONE;
    }

    /** Of a real server's packet that has the server's own address, or NONE. */
    int reply(ParsedPacket p) {
        return table.findReply(
                table.hash(UDP, p.dstHi, p.dstLo, PORT), UDP, p.srcHi, p.srcLo, PORT, p.dstHi, p.dstLo, PORT);
    }

    /** Of a real server's packet that already has the virtual address, or NONE. */
    int untranslated(ParsedPacket p) {
        return fromClient(p.dstHi, p.dstLo, p.srcHi, p.srcLo);
    }

    private int fromClient(long clientHi, long clientLo, long virtualHi, long virtualLo) {
        return table.find(
                ConnectionTable.NONE,
                table.hash(UDP, clientHi, clientLo, PORT),
                UDP,
                clientHi,
                clientLo,
                PORT,
                virtualHi,
                virtualLo,
                PORT);
    }
}
