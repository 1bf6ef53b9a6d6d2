package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.OverloadRule;
import io.weir.service.Shadow;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the shadow schedulers' books: which destination each would have given a connection, so that the connection's
 * changes and its end count there.
 *
 * <p>Packets do not come here: only a connection's beginning, its change between active and inactive, and its end. Where
 * no shadow is attached each of them costs one look at a field.
 *
 * <p><b>Layout</b>: by lane one long for each record of the connection table: 0 if the lane does not know the connection,
 * else in the upper half the number of the configuration it began under, from 1 on, and in the lower one more than the slot
 * the shadow chose, 0 for none. Rows taken under a later configuration are not the connection's any more.
 *
 * <p>A server is known by slot, address and port. A deleted one may have its slot taken by another while a shadow still
 * counts connections there: then these are forgotten.
 *
 * <p><b>Owner</b>: one worker.
 */
final class Shadows {
    private static final int SLOT_BITS = 32;
    private static final long SLOT_MASK = 0xFFFF_FFFFL;

    private final ConnectionTable table;
    private long[][] chosen = new long[0][];
    private DestinationLoad[] lanes = new DestinationLoad[0];
    private @Nullable Destination[] servers = new @Nullable Destination[0];
    private int[] since = new int[0];
    private int take;
    private ConfigSnapshot snapshot;
    private boolean any;

    @SuppressWarnings("NullAway.Init") // snapshot is set before the first packet
    Shadows(ConnectionTable table) {
        this.table = table;
    }

    /** Takes a configuration; the first with a shadow in a lane makes the lane's memory. */
    void snapshot(ConfigSnapshot next) {
        snapshot = next;
        any = false;
        take++;
        for (final VirtualService service : next.services().services()) {
            for (final Shadow shadow : service.shadows()) {
                any = true;
                reserve(shadow);
                for (final Destination destination : service.destinations()) {
                    shadow.take(destination.slot(), since(destination), take);
                }
            }
        }
    }

    /** The configuration since which the server is in its slot, as far as a shadow saw it. */
    private int since(Destination destination) {
        final int slot = destination.slot();
        if (slot >= servers.length) {
            final int enough = Math.max(slot + 1, snapshot.destinations().capacity());
            servers = Arrays.copyOf(servers, enough);
            since = Arrays.copyOf(since, enough);
        }
        final Destination before = servers[slot];
        if (before == null
                || before.port() != destination.port()
                || !before.address().equals(destination.address())) {
            since[slot] = take;
        }
        servers[slot] = destination;
        return since[slot];
    }

    private void reserve(Shadow shadow) {
        final int lane = shadow.lane();
        if (lane >= chosen.length) {
            final int before = chosen.length;
            chosen = Arrays.copyOf(chosen, lane + 1);
            lanes = Arrays.copyOf(lanes, lane + 1);
            Arrays.fill(lanes, before, lanes.length, shadow.load());
            for (int i = before; i < chosen.length; i++) {
                chosen[i] = new long[table.capacity()];
            }
        }
        lanes[lane] = shadow.load();
    }

    /** Is there a shadow at all? */
    boolean any() {
        return any;
    }

    /**
     * A connection was bound to a destination.
     *
     * @param template the persistence template it came by, or NONE
     */
    void opened(int id, VirtualService service, Flow flow, int liveSlot, int template) {
        final Shadow[] shadows = service.shadows();
        for (int i = 0; i < shadows.length; i++) {
            final Shadow shadow = shadows[i];
            final long[] column = chosen[shadow.lane()];
            Destination would = template == ConnectionTable.NONE ? null : kept(shadow, column[template]);
            if (would == null) {
                final int index = shadow.choose(flow);
                would = index == Scheduler.NONE ? null : service.destinations()[index];
            }
            shadow.open(would, liveSlot);
            column[id] = (long) take << SLOT_BITS | (would == null ? 0 : would.slot() + 1);
            if (template != ConnectionTable.NONE) {
                column[template] = column[id];
            }
        }
    }

    /** What a shadow's template stands for, while that destination is in service. */
    private @Nullable Destination kept(Shadow shadow, long entry) {
        final int slot = slot(entry);
        final boolean holds = slot >= 0
                && Shadow.counts(shadow.load(), slot, take(entry))
                && snapshot.destinations().isAvailable(slot);
        return holds ? snapshot.destinations().destination(slot) : null;
    }

    private static int take(long entry) {
        return (int) (entry >>> SLOT_BITS);
    }

    private static int slot(long entry) {
        return (int) (entry & SLOT_MASK) - 1;
    }

    /** A connection became active or inactive. */
    void moved(int id, int liveSlot, boolean active) {
        for (int lane = 0; lane < chosen.length; lane++) {
            final long entry = chosen[lane][id];
            if (entry != 0) {
                change(lane, entry, liveSlot, active, 1);
                change(lane, entry, liveSlot, !active, -1);
            }
        }
    }

    /** A connection is over. */
    void closed(int id, int liveSlot, boolean active) {
        for (int lane = 0; lane < chosen.length; lane++) {
            final long entry = chosen[lane][id];
            chosen[lane][id] = 0;
            if (entry != 0) {
                change(lane, entry, liveSlot, active, -1);
                clearOverload(lanes[lane], slot(entry));
            }
        }
    }

    /** A template is over; it counts nowhere. */
    void forget(int template) {
        for (int lane = 0; lane < chosen.length; lane++) {
            chosen[lane][template] = 0;
        }
    }

    private void change(int lane, long entry, int liveSlot, boolean active, int by) {
        final DestinationLoad load = lanes[lane];
        final int slot = slot(entry);
        if (slot >= 0 && Shadow.counts(load, slot, take(entry))) {
            load.counters().add(slot, active ? SlotCounters.ACTIVE : SlotCounters.INACTIVE, by);
        }
        if (Shadow.counts(load, liveSlot, take(entry))) {
            load.counters().add(liveSlot, active ? Shadow.LIVE_ACTIVE : Shadow.LIVE_INACTIVE, by);
        }
    }

    private void clearOverload(DestinationLoad load, int slot) {
        if (slot >= 0 && load.isOverloaded(slot)) {
            final Destination destination = snapshot.destinations().destination(slot);
            if (destination == null || OverloadRule.clearsAtUnbind(destination, load)) {
                load.setOverloaded(slot, false);
            }
        }
    }
}
