package io.weir.service;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a destination slot stands for; immutable, part of a published snapshot.
 *
 * <p>Connection records name their destination by slot only. A destination that was deleted keeps its slot while
 * connections refer to it: it is still in here, but not available.
 *
 * <p><b>Thread</b>: any. <b>Fails</b>: {@link #of} throws IllegalArgumentException if a slot is used twice.
 */
public final class DestinationTable {
    /** No destination at all. */
    public static final DestinationTable EMPTY = new DestinationTable(0);

    /** {@link #serviceSlot} of a destination that belongs to no service any more. */
    public static final int NO_SERVICE = -1;

    private final @Nullable Destination[] destinations;
    private final int[] serviceSlots;

    private DestinationTable(int capacity) {
        this.destinations = new @Nullable Destination[capacity];
        this.serviceSlots = new int[capacity];
        Arrays.fill(serviceSlots, NO_SERVICE);
    }

    /**
     * Builds the table.
     *
     * @param services their destinations are the available ones
     * @param gone deleted destinations that connections still refer to
     */
    public static DestinationTable of(Collection<VirtualService> services, Collection<Destination> gone) {
        int highest = -1;
        for (final VirtualService service : services) {
            highest = Math.max(highest, highestSlot(List.of(service.destinations())));
        }
        highest = Math.max(highest, highestSlot(gone));
        final DestinationTable table = new DestinationTable(highest + 1);
        for (final VirtualService service : services) {
            for (final Destination destination : service.destinations()) {
                table.put(destination, service.slot());
            }
        }
        for (final Destination destination : gone) {
            table.put(destination, NO_SERVICE);
        }
        return table;
    }

    /** Starts the next table from this one; what it costs is a copy of two arrays and what is changed. */
    public Edit edit() {
        return new Edit(this);
    }

    /**
     * The next table in the making. First take away all that is no longer as it was, then put what is.
     *
     * <p><b>Thread</b>: one. <b>Fails</b>: as {@link DestinationTable#of}.
     */
    public static final class Edit {
        private DestinationTable table;

        private Edit(DestinationTable before) {
            this.table = before.copy(before.capacity());
        }

        /** Frees a slot. */
        public void clear(int slot) {
            if (slot < table.capacity()) {
                table.destinations[slot] = null;
                table.serviceSlots[slot] = NO_SERVICE;
            }
        }

        /** Puts a destination into its slot, which is free; {@link #NO_SERVICE} for a deleted one. */
        public void put(Destination destination, int serviceSlot) {
            final int slot = destination.slot();
            if (slot >= table.capacity()) {
                table = table.copy(Math.max(slot + 1, table.capacity() + table.capacity() / 2));
            }
            table.put(destination, serviceSlot);
        }

        /** The table; nothing may be changed in it any more. */
        public DestinationTable done() {
            return table;
        }
    }

    private DestinationTable copy(int capacity) {
        final DestinationTable copy = new DestinationTable(capacity);
        System.arraycopy(destinations, 0, copy.destinations, 0, destinations.length);
        System.arraycopy(serviceSlots, 0, copy.serviceSlots, 0, serviceSlots.length);
        return copy;
    }

    private static int highestSlot(Collection<Destination> destinations) {
        int highest = -1;
        for (final Destination destination : destinations) {
            highest = Math.max(highest, destination.slot());
        }
        return highest;
    }

    private void put(Destination destination, int serviceSlot) {
        final int slot = destination.slot();
        if (destinations[slot] != null) {
            throw new IllegalArgumentException("two destinations in one slot: slot=" + slot);
        }
        destinations[slot] = destination;
        serviceSlots[slot] = serviceSlot;
    }

    /** More than the highest slot in use. */
    public int capacity() {
        return destinations.length;
    }

    /** The destination in a slot, available or not, or null if the slot is free. */
    public @Nullable Destination destination(int slot) {
        return slot >= 0 && slot < destinations.length ? destinations[slot] : null;
    }

    /** The slot of the service it belongs to; {@link #NO_SERVICE} if it was deleted or the slot is free. */
    public int serviceSlot(int slot) {
        return slot >= 0 && slot < serviceSlots.length ? serviceSlots[slot] : NO_SERVICE;
    }

    /** Is it in its service's list? The kernel's IP_VS_DEST_F_AVAILABLE. */
    public boolean isAvailable(int slot) {
        return serviceSlot(slot) != NO_SERVICE;
    }

    /** Was a destination available in an earlier table that is not here? */
    public boolean lacksAnyOf(DestinationTable earlier) {
        for (int slot = 0; slot < earlier.serviceSlots.length; slot++) {
            if (earlier.isAvailable(slot) && !isAvailable(slot)) {
                return true;
            }
        }
        return false;
    }
}
