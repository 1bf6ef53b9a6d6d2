package io.weir.dataplane;

import io.weir.dataplane.host.HostStack;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A real server that is the director itself, where no kernel stands behind us (replay): a host on which nobody listens.
 *
 * <p>Its answers pass the connection as those of any real server do (the LOCAL_OUT hook of IPVS). <b>Owner</b>: one worker.
 */
final class LocalServer {
    private static final int NEXT_HEADER = 6;

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
            connections.countOut(c, length);
            if (answer.protocol == p.protocol) {
                connections.transition(c, answer, Connections.OUTPUT);
            }
        }
        egress.emitTo(c, p.srcHi, p.srcLo, at, length);
        return PacketBatch.CONSUMED;
    }
}
