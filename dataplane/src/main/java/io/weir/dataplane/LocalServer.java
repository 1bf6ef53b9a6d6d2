package io.weir.dataplane;

import io.weir.conntrack.HotRecord;
import io.weir.dataplane.host.HostStack;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.InternetChecksum;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A real server that is the director itself, where no kernel stands behind us (replay): a host on which nobody listens.
 *
 * <p>Its answers pass the connection as those of any real server do (the LOCAL_OUT hook of IPVS). <b>Owner</b>: one worker.
 */
final class LocalServer {
    private static final int NEXT_HEADER = 6;
    private static final int ICMP_HEADER = 8;
    private static final int UDP_CHECKSUM = 6;

    private final Connections connections;
    private final Egress egress;
    private final FrameOutput output;
    private final HostStack host;
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket answer = new ParsedPacket();

    LocalServer(Connections connections, Egress egress, FrameOutput output) {
        this.connections = connections;
        this.egress = egress;
        this.output = output;
        this.host = new HostStack(egress.icmp().limiter());
    }

    /** Answers a request of the context's connection. */
    int in(PacketContext c) {
        final ParsedPacket p = c.packet;
        final Destination destination = c.snapshot.destinations().destination(c.slot);
        final boolean masquerades = destination != null && destination.methodCode() == Connections.MASQUERADING;
        if (masquerades && destination != null && destination.address().isLoopback()) {
            return c.drop(DropReason.NO_ROUTE);
        }
        final int at = output.begin(Math.max(HostStack.MAX_BYTES, p.l3Length));
        final UnsafeBuffer out = output.buffer();
        final boolean vouched = c.batch.checksumStart[c.index] >= 0;
        final int length = host.answer(p, vouched, c.snapshot.routes(), c.snapshot.own(), out, at, c.nowNs);
        if (length == 0) {
            return c.drop(DropReason.HOST_SILENT);
        }
        // Under NAT the answer would be translated; the kernel takes the checksum of every ICMPv6 error there for
        // wrong.
        if (masquerades && !p.isV4() && out.getByte(at + NEXT_HEADER) == ProtocolNumbers.ICMPV6) {
            return c.drop(DropReason.BAD_ICMP_CHECKSUM);
        }
        if (parser.parse(output.buffer(), at, length, false, answer) == ParseStatus.OK) {
            if (masquerades && answer.protocol == ProtocolNumbers.ICMP && p.protocol == ProtocolNumbers.UDP) {
                quoteAsTranslated(c, out);
            }
            connections.countOut(c, length);
            if (answer.protocol == p.protocol) {
                connections.transition(c, answer, Connections.OUTPUT);
            }
        }
        egress.emitTo(c, p.srcHi, p.srcLo, at, length);
        return PacketBatch.CONSUMED;
    }

    /** The quoted packet had been translated, and its addresses are put back in an error, but not its UDP checksum. */
    private void quoteAsTranslated(PacketContext c, UnsafeBuffer out) {
        final ParsedPacket p = c.packet;
        final int at = answer.l4Offset + ICMP_HEADER + p.l3HeaderLength + UDP_CHECKSUM;
        final int told = out.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        final int sum = told == 0 ? InternetChecksum.transport(c.buffer, p) : told;
        final int translated = InternetChecksum.updateEndpoint(
                sum,
                p.dstHi,
                p.dstLo,
                p.dstPort,
                HotRecord.destinationHi(c.record),
                HotRecord.destinationLo(c.record),
                HotRecord.destinationPort(c.record));
        out.putShort(at, (short) translated, ByteOrder.BIG_ENDIAN);
        out.putShort(answer.l4Offset + 2, (short) 0);
        out.putShort(answer.l4Offset + 2, (short) InternetChecksum.transport(out, answer), ByteOrder.BIG_ENDIAN);
    }
}
