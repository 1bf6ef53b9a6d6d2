package io.weir.control.state;

import io.weir.conntrack.StateTimeouts;
import io.weir.conntrack.Timeouts;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what holds for which destination slot: the timeouts of all, changed by those of its service, changed by its
 * own. A deleted real server has those of all again.
 */
final class SlotTimeouts {
    private SlotTimeouts() {}

    /** The timeouts of all with those of the slots in them; the same object if no slot has others. */
    static Timeouts of(Timeouts all, Collection<ServiceEntry> services) {
        @Nullable Timeouts @Nullable [] slots = null;
        for (ServiceEntry service : services) {
            for (DestinationEntry destination : service.destinations()) {
                if (service.spec().timeouts().isEmpty()
                        && destination.timeouts().isEmpty()) {
                    continue;
                }
                if (slots == null) {
                    slots = new @Nullable Timeouts[slotCount(services)];
                }
                slots[destination.value().slot()] = with(all, service.spec().timeouts(), destination.timeouts());
            }
        }
        return slots == null ? all : all.withSlots(slots);
    }

    private static Timeouts with(Timeouts all, StateTimeouts service, StateTimeouts server) {
        return all.with(service).with(server);
    }

    private static int slotCount(Collection<ServiceEntry> services) {
        int highest = -1;
        for (ServiceEntry service : services) {
            for (DestinationEntry destination : service.destinations()) {
                highest = Math.max(highest, destination.value().slot());
            }
        }
        return highest + 1;
    }
}
