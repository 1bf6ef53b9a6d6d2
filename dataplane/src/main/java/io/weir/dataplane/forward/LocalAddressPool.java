package io.weir.dataplane.forward;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.LanePorts;
import io.weir.dataplane.Shard;
import io.weir.packet.IpAddress;
import io.weir.service.VirtualService;
import java.util.Arrays;

/**
 * Gives FULLNAT connections their local address (LIP) and local port: addresses round robin, ports counting up, and no
 * two connections to one real server with the same pair; those that came from another director count, too.
 *
 * <p>One LIP carries 64,511 connections to each real server's address and port at a time, all workers together: each has
 * its own ports, so that a reply's port tells whose it is. <b>Owner</b>: one worker.
 * <b>Source</b>: the local-address pools of alibaba/LVS and iqiyi/dpvs.
 */
public final class LocalAddressPool {
    private static final int FIRST_PORT = 1025;
    private static final int TRIES_PER_ADDRESS = 64;
    /** Ports skipped after one that is taken; prime to their number, and far: what another director gave lies in one row. */
    private static final int JUMP = 24_593;

    private final ConnectionTable table;
    private final LanePorts lanes;
    /** Ports are this worker's whose number, divided by the number of workers, leaves its index. */
    private final int firstPort;

    private final int step;
    private final int ports;
    private int[] nextPort = new int[0];
    private int nextAddress;

    /** @param lanes ports that are not given away for now */
    public LocalAddressPool(ConnectionTable table, Shard shard, LanePorts lanes) {
        this.table = table;
        this.lanes = lanes;
        this.step = shard.workers();
        this.firstPort = FIRST_PORT + Math.floorMod(shard.index() - FIRST_PORT, step);
        this.ports = (65536 - firstPort + step - 1) / step;
    }

    /** Binds a fresh record; false if every try found its pair taken, or there is no address of the server's family. */
    public boolean bind(int id, VirtualService service, ConfigSnapshot snapshot) {
        final int all = snapshot.localAddresses().size();
        final int[] chosen = service.localAddresses();
        final int count = chosen.length == 0 ? all : chosen.length;
        if (nextPort.length < all) {
            nextPort = Arrays.copyOf(nextPort, all);
        }
        final boolean v4 = IpAddress.isV4(table.destinationHi(id), table.destinationLo(id));
        for (int n = 0; n < count; n++) {
            final int pick = nextAddress++ % count;
            nextAddress %= count;
            final int index = chosen.length == 0 ? pick : chosen[pick];
            if (snapshot.localAddresses().get(index).isV4() == v4 && bindPort(id, index)) {
                return true;
            }
        }
        return false;
    }

    /** Binds a fresh record to this local address, whatever its service has; false if every try found the pair taken. */
    public boolean bindTo(int id, int index) {
        if (nextPort.length <= index) {
            nextPort = Arrays.copyOf(nextPort, index + 1);
        }
        return bindPort(id, index);
    }

    private boolean bindPort(int id, int index) {
        for (int n = 0; n < TRIES_PER_ADDRESS; n++) {
            final int port = firstPort + nextPort[index] * step;
            if (!lanes.isTaken(port) && table.bindLocal(id, index, port)) {
                nextPort[index] = (nextPort[index] + 1) % ports;
                return true;
            }
            nextPort[index] = (nextPort[index] + JUMP) % ports;
        }
        return false;
    }
}
