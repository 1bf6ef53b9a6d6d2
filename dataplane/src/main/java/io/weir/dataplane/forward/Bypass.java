package io.weir.dataplane.forward;

import io.weir.dataplane.DropReason;
import io.weir.dataplane.Egress;
import io.weir.dataplane.PacketContext;
import io.weir.dataplane.io.PacketBatch;

/** Cache bypass: no real server is left, the packet goes on to its own destination. */
final class Bypass implements ForwardingMethod {
    private final Egress egress;

    Bypass(MethodTools tools) {
        this.egress = tools.egress();
    }

    @Override
    public int code() {
        return 4;
    }

    @Override
    public String ipvsName() {
        return "Bypass";
    }

    @Override
    public String configName() {
        return "bypass";
    }

    @Override
    public String cliFlag() {
        return "";
    }

    @Override
    public boolean translatesReplies() {
        return false;
    }

    @Override
    public int in(PacketContext c) {
        if (c.snapshot.isOwn(c.packet.dstHi, c.packet.dstLo)) {
            return c.drop(DropReason.NO_ROUTE);
        }
        final int route = egress.routeTo(c, c.packet.dstHi, c.packet.dstLo);
        final int verdict = egress.admit(c, route, egress.mtu(c, route));
        return verdict == PacketBatch.TRANSMIT ? egress.send(c, route, c.packet.dstHi, c.packet.dstLo) : verdict;
    }

    @Override
    public int out(PacketContext c) {
        return PacketBatch.PASS;
    }
}
