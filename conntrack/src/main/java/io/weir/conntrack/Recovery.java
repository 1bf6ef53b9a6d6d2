package io.weir.conntrack;

import static io.weir.conntrack.ConnectionLayout.CONTROLLED_BUCKET;
import static io.weir.conntrack.ConnectionLayout.CONTROLLER;
import static io.weir.conntrack.ConnectionLayout.LOCAL;
import static io.weir.conntrack.ConnectionRecords.NONE;

import io.weir.packet.IpAddress;

/**
 * Takes over the records of a process that ended, however it ended.
 *
 * <p>Two passes over the ids ever used. First each record in use is checked by itself; a good one enters the index and
 * the wheel, any other becomes free. Then the links between records are mended: the counts of controlled connections are
 * counted anew, a controller that is none is forgotten. Nothing that can be derived is believed.
 */
final class Recovery {
    private final ConnectionTable table;

    Recovery(ConnectionTable table) {
        this.table = table;
    }

    /** Returns how many records live on. */
    int run(int nowTick) {
        int adopted = 0;
        // Downwards, so that the free list begins with the lowest id.
        for (int id = table.highWater() - 1; id >= 0; id--) {
            if (table.inUse(id) && isSound(id, nowTick) && adopt(id)) {
                adopted++;
            } else {
                table.storeFlags(id, 0);
                table.free(id);
            }
        }
        for (int id = table.highWater() - 1; id >= 0; id--) {
            if (table.inUse(id)) {
                mendController(id);
            }
        }
        return adopted;
    }

    /** Takes one record in that was copied from another table; false if it is not sound, or there is one like it. */
    boolean takeIn(int id, int nowTick) {
        return isSound(id, nowTick) && adopt(id);
    }

    private boolean isSound(int id, int nowTick) {
        final int remaining = table.expiresAt(id) - nowTick;
        return table.isV6(id) != IpAddress.isV4(table.clientHi(id), table.clientLo(id))
                && remaining <= Ticks.MAX_TIMEOUT
                // What an engine read is not in the file.
                && !table.hasFlags(id, ConnectionFlags.ENGINE)
                && table.state(id) <= lastState(table.protocol(id))
                && (table.protocol(id) != 0 || table.isTemplate(id));
    }

    private static int lastState(int protocol) {
        switch (protocol) {
            case 6:
                return TcpState.COUNT - 1;
            case 132:
                return SctpState.COUNT - 1;
            default:
                return ConnectionLayout.NIBBLE;
        }
    }

    private boolean adopt(int id) {
        final int local = table.coldInt(id, LOCAL);
        final int tag = HashIndex.tag(
                table.hash(table.protocol(id), table.clientHi(id), table.clientLo(id), table.clientPort(id)));
        if (isDouble(id) || !table.index.put(tag, id)) {
            return false;
        }
        final boolean ftp = table.hasHelperWord(id);
        table.coldInt(id, LOCAL, ftp ? local : 0);
        table.coldInt(id, CONTROLLED_BUCKET, ExpiryWheel.NOT_FILED << ConnectionLayout.BUCKET_SHIFT);
        final int port = ftp ? 0 : local >>> ConnectionLayout.LOCAL_PORT_SHIFT;
        final int address = local & 0xFFFF;
        if (port != 0 && (address >= LocalAddresses.COUNT || !bind(id, address, port))) {
            table.index.remove(tag, id);
            return false;
        }
        if (table.hasNote(id) && !table.notes.claim(table.extra(id))) {
            table.extra(id, HelperNotes.NONE);
        }
        table.wheel.file(id);
        table.adopted(id);
        return true;
    }

    private boolean bind(int id, int address, int port) {
        return table.locals.capacity() > 0 && table.bindLocal(id, address, port);
    }

    private boolean isDouble(int id) {
        if (table.isInvalidTemplate(id)) {
            return false;
        }
        final int protocol = table.protocol(id);
        final long hi = table.clientHi(id);
        final long lo = table.clientLo(id);
        final int port = table.clientPort(id);
        final long hash = table.hash(protocol, hi, lo, port);
        final long vHi = table.virtualHi(id);
        final long vLo = table.virtualLo(id);
        final int vPort = table.virtualPort(id);
        final int other = table.isTemplate(id)
                ? table.findTemplate(hash, protocol, hi, lo, port, vHi, vLo, vPort)
                : table.find(hash, protocol, hi, lo, port, vHi, vLo, vPort);
        return other != NONE && table.clientPort(other) == port;
    }

    private boolean mayControl(int id) {
        return table.isTemplate(id) || table.hasFlags(id, ConnectionFlags.FTP);
    }

    private void mendController(int id) {
        final int controller = table.controller(id);
        if (controller == NONE) {
            return;
        }
        if (controller >= 0
                && controller < table.highWater()
                && table.inUse(controller)
                && mayControl(controller)
                && !table.isTemplate(id)) {
            table.changeControlled(controller, 1);
        } else {
            table.coldInt(id, CONTROLLER, NONE);
        }
    }
}
