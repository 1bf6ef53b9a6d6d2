package io.weir.dataplane;

import io.weir.conntrack.ConnectionCursor;
import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import org.jspecify.annotations.Nullable;

/**
 * Takes over the connections that an earlier director left in the table file.
 *
 * <p>Slots are numbers of one run; addresses stay. So each record is given the slot of the destination that has its address
 * in the service that has its virtual address today, and is counted in there. A record whose service or real server is no
 * longer configured is let go.
 *
 * <p><b>Thread</b>: the worker's, before its first packet; walks the whole table once.
 */
final class Adoption {
    private static final int STEP = 4096;

    private final ConnectionTable table;
    private final DestinationLoad load;

    Adoption(ConnectionTable table, DestinationLoad load) {
        this.table = table;
        this.load = load;
    }

    /** Returns how many connections and templates go on. */
    int run(ConfigSnapshot snapshot) {
        // Connections first: a template that loses its last connection can be let go after that.
        return pass(snapshot, false) + pass(snapshot, true);
    }

    private int pass(ConfigSnapshot snapshot, boolean templates) {
        int adopted = 0;
        final ConnectionCursor cursor = new ConnectionCursor(table);
        while (!cursor.isDone()) {
            final int id = cursor.next(STEP);
            if (id != ConnectionTable.NONE && table.isTemplate(id) == templates) {
                adopted += adopt(snapshot, id) ? 1 : 0;
            }
        }
        return adopted;
    }

    private boolean adopt(ConfigSnapshot snapshot, int id) {
        final int controller = table.controller(id);
        // An FTP data connection has ports of its own: it goes where its control connection goes.
        final int owner = controller == ConnectionTable.NONE || table.isTemplate(controller) ? id : controller;
        final VirtualService service = service(snapshot, owner);
        final Destination destination = service == null ? null : destination(snapshot, service, owner);
        if (destination == null) {
            if (!table.remove(id)) {
                // It controls others: until they end it is nobody's, and not the server's that has its slot today.
                table.destinationSlot(id, ConnectionTable.NO_DESTINATION);
            }
            return false;
        }
        table.destinationSlot(id, destination.slot());
        load.counters().add(destination.slot(), counter(id), 1);
        return true;
    }

    /** A connection to the director itself has a method that no destination has. */
    private boolean isLocal(ConfigSnapshot snapshot, Destination d, int id) {
        return table.methodCode(id) == NewConnections.LOCAL_NODE && NewConnections.isLocal(snapshot, d.address());
    }

    private int counter(int id) {
        if (table.isTemplate(id)) {
            return SlotCounters.PERSISTENT;
        }
        return table.hasFlags(id, ConnectionFlags.INACTIVE) ? SlotCounters.INACTIVE : SlotCounters.ACTIVE;
    }

    private @Nullable VirtualService service(ConfigSnapshot snapshot, int id) {
        return snapshot.services()
                .find(
                        table.protocol(id),
                        table.virtualHi(id),
                        table.virtualLo(id),
                        table.virtualPort(id),
                        table.fwmark(id),
                        table.isV6(id));
    }

    private @Nullable Destination destination(ConfigSnapshot snapshot, VirtualService service, int id) {
        for (final Destination d : service.destinations()) {
            if (d.address().lo() == table.destinationLo(id)
                    && d.address().hi() == table.destinationHi(id)
                    && (d.methodCode() == table.methodCode(id) || isLocal(snapshot, d, id))
                    && (d.port() == table.destinationPort(id) || d.port() == 0 || table.destinationPort(id) == 0)) {
                return d;
            }
        }
        return null;
    }
}
