package io.weir.dataplane;

import io.weir.dataplane.host.HostStack;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;

/**
 * A real server that is the director itself, where no kernel stands behind us (replay): a host on which nobody listens.
 *
 * <p>Its answers pass the connection as those of any real server do (the LOCAL_OUT hook of IPVS). <b>Owner</b>: one worker.
 */
final class LocalServer {
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
        final int at = output.begin(Math.max(HostStack.MAX_BYTES, p.l3Length));
        final boolean vouched = c.batch.checksumStart[c.index] >= 0;
        final int length = host.answer(p, vouched, c.snapshot.routes(), c.snapshot.own(), output.buffer(), at, c.nowNs);
        if (length == 0) {
            return c.drop(DropReason.HOST_SILENT);
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
