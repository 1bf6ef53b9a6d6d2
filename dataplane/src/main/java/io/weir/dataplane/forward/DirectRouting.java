package io.weir.dataplane.forward;

import io.weir.dataplane.Egress;
import io.weir.dataplane.PacketContext;
import io.weir.dataplane.Rewriter;
import io.weir.dataplane.io.PacketBatch;

/** VS/DR: only the MAC addresses change; the real server has the VIP and answers the client itself. */
final class DirectRouting implements ForwardingMethod {
    private final Egress egress;

    DirectRouting(MethodTools tools) {
        this.egress = tools.egress();
    }

    @Override
    public int code() {
        return 3;
    }

    @Override
    public String ipvsName() {
        return "Route";
    }

    @Override
    public String configName() {
        return "dr";
    }

    @Override
    public String cliFlag() {
        return "-g";
    }

    @Override
    public boolean translatesReplies() {
        return false;
    }

    @Override
    public int in(PacketContext c) {
        final int route = egress.routeToDestination(c);
        final int verdict = egress.admit(c, route, egress.mtu(c, route));
        return verdict == PacketBatch.TRANSMIT ? egress.sendToServer(c, route) : verdict;
    }

    @Override
    public int prepareShort(PacketContext c, long kept) {
        return 0;
    }

    @Override
    public int shortIn(long ip, boolean v4, int id, long record, long kept) {
        Rewriter.decrementTtl(ip, v4);
        return 0;
    }

    @Override
    public int out(PacketContext c) {
        return PacketBatch.PASS;
    }
}
