package io.weir.dataplane.forward;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.Egress;
import io.weir.dataplane.PacketContext;
import io.weir.dataplane.io.PacketBatch;

/** VS/DR: only the MAC addresses change; the real server has the VIP and answers the client itself. */
final class DirectRouting implements ForwardingMethod {
    private final ConnectionTable table;
    private final Egress egress;

    DirectRouting(MethodTools tools) {
        this.table = tools.table();
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
        final int id = c.connection;
        final int route = egress.routeTo(c, table.destinationHi(id), table.destinationLo(id));
        final int verdict = egress.admit(c, route, egress.mtu(c, route));
        return verdict == PacketBatch.TRANSMIT
                ? egress.send(c, route, table.destinationHi(id), table.destinationLo(id))
                : verdict;
    }

    @Override
    public int out(PacketContext c) {
        return PacketBatch.PASS;
    }
}
