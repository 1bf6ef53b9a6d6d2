package io.weir.control.state;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.DestinationTable;
import io.weir.service.ServiceTable;
import io.weir.service.VirtualService;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tables for the worker from those before: one change among ten thousand services costs what that service has,
 * and copies of arrays.
 *
 * <p>A service that was not touched is recognised by being the same object as last time.
 *
 * <p><b>Thread</b>: the director's.
 */
final class PublishedTables {
    private final @Nullable VirtualService[] bySlot;
    private ServiceTable services = ServiceTable.EMPTY;
    private DestinationTable destinations = DestinationTable.EMPTY;

    /** Starts empty. */
    PublishedTables(int mostServices) {
        this.bySlot = new @Nullable VirtualService[mostServices];
    }

    /** What has changed since the last call, and what is as it was. */
    DirectorState.Tables next(List<ServiceEntry> entries, List<IpAddress> localAddresses, Trash trash) {
        final List<VirtualService> all = new ArrayList<>(entries.size());
        final List<VirtualService> changed = new ArrayList<>();
        for (final ServiceEntry entry : entries) {
            final VirtualService now = entry.publish(localAddresses);
            all.add(now);
            if (!same(now, bySlot[now.slot()])) {
                changed.add(now);
            }
        }
        final DestinationTable.Edit edit = destinations.edit();
        forget(entries, changed, edit);
        trash.gone().forEach(entry -> edit.clear(entry.value().slot()));
        for (final VirtualService now : changed) {
            for (final Destination destination : now.destinations()) {
                edit.put(destination, now.slot());
            }
            bySlot[now.slot()] = now;
        }
        trash.come().forEach(entry -> edit.put(entry.value(), DestinationTable.NO_SERVICE));
        destinations = edit.done();
        services = services.next(Collections.unmodifiableList(all));
        return new DirectorState.Tables(services, destinations);
    }

    /** Clears what the services that have changed, or are gone, had. */
    private void forget(List<ServiceEntry> entries, List<VirtualService> changed, DestinationTable.Edit edit) {
        int known = services.services().size();
        for (final VirtualService now : changed) {
            known -= forget(now.slot(), edit) ? 1 : 0;
        }
        if (known > entries.size() - changed.size()) {
            final boolean[] there = new boolean[bySlot.length];
            entries.forEach(entry -> there[entry.slot()] = true);
            for (final VirtualService before : services.services()) {
                if (!there[before.slot()]) {
                    forget(before.slot(), edit);
                }
            }
        }
    }

    private boolean forget(int slot, DestinationTable.Edit edit) {
        final VirtualService before = bySlot[slot];
        if (before == null) {
            return false;
        }
        for (final Destination destination : before.destinations()) {
            edit.clear(destination.slot());
        }
        bySlot[slot] = null;
        return true;
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean same(VirtualService a, @Nullable VirtualService b) {
        return a == b;
    }
}
