package io.weir.service;

import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler beside the live one of a virtual service: it is asked about every new connection, on counts of its own, and
 * nobody does what it says. It counts from when it was attached; connections of before do not exist for it.
 *
 * <p>Its counts lie in rows by destination slot, as the live ones do, in a lane that it has alone for its service:
 *
 * <pre>
 *  +0 active  +8 inactive  +16 -  +24 conns      by its own choices
 *  +32 conns  +40 active   +48 inactive          the same connections, by the live choices
 *  +56 whose it is: serial of the shadow in the upper half, number of the take in the lower
 * </pre>
 *
 * <p>A row is taken anew, at zero, when another shadow or another server comes into its slot. Takes are numbered upwards, so
 * that of a row taken later than a connection began it is known that the connection does not count there.
 *
 * <p><b>Thread</b>: the worker counts; any thread reads. Immutable else, part of a published snapshot.
 *
 * @param serial which shadow; no two in a director's life have the same
 * @param lane which lane of counts, by service from 0 on
 * @param load the lane
 */
public record Shadow(long serial, int lane, Scheduler scheduler, DestinationLoad load, Tally tally) {
    /** Connections the live scheduler gave a destination. */
    public static final int LIVE_CONNS = SlotCounters.IN_PKTS;
    /** Active ones of these. */
    public static final int LIVE_ACTIVE = SlotCounters.OUT_PKTS;
    /** Inactive ones of these. */
    public static final int LIVE_INACTIVE = SlotCounters.IN_BYTES;

    private static final int OWNER = SlotCounters.OUT_BYTES;
    private static final int TAKE_BITS = 32;

    /** How often a shadow was asked and what came of it; the worker writes. */
    public static final class Tally {
        private final AtomicLong asked = new AtomicLong();
        private final AtomicLong agreed = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();

        /** Connections since it was attached. */
        public long asked() {
            return asked.get();
        }

        /** Of these, those for which it said what the live scheduler said. */
        public long agreed() {
            return agreed.get();
        }

        /** Those for which it had no destination. */
        public long refused() {
            return refused.get();
        }

        private static void increment(AtomicLong counter) {
            counter.setRelease(counter.getPlain() + 1);
        }
    }

    /** Is a destination's row this shadow's? */
    public boolean owns(int slot) {
        return load.counters().get(slot, OWNER) >>> TAKE_BITS == serial;
    }

    /** Does a connection that began after a take still count in a row? Not if the row was taken later. */
    public static boolean counts(DestinationLoad lane, int slot, int take) {
        return (int) lane.counters().get(slot, OWNER) <= take;
    }

    /**
     * A destination is in force: its row begins at zero if it was another shadow's or another server's. Worker only.
     *
     * @param since the take with which this server came into the slot
     * @param take the number of this one
     */
    public void take(int slot, int since, int take) {
        if (!owns(slot) || (int) load.counters().get(slot, OWNER) < since) {
            load.counters().clear(slot);
            load.setOverloaded(slot, false);
            load.counters().add(slot, OWNER, serial << TAKE_BITS | take);
        }
    }

    /** What it would do: an index into the service's destinations, or {@link Scheduler#NONE}. Worker only. */
    public int choose(Flow flow) {
        return scheduler.schedule(flow, load);
    }

    /**
     * Counts a connection in, as inactive. Worker only.
     *
     * @param chosen the destination it would have, or null
     * @param liveSlot the destination it has
     */
    public void open(@Nullable Destination chosen, int liveSlot) {
        Tally.increment(tally.asked);
        load.counters().add(liveSlot, LIVE_CONNS, 1);
        load.counters().add(liveSlot, LIVE_INACTIVE, 1);
        if (chosen == null) {
            Tally.increment(tally.refused);
            return;
        }
        if (chosen.slot() == liveSlot) {
            Tally.increment(tally.agreed);
        }
        load.counters().add(chosen.slot(), SlotCounters.CONNS, 1);
        load.counters().add(chosen.slot(), SlotCounters.INACTIVE, 1);
        if (OverloadRule.overloadsAtBind(chosen, load)) {
            load.setOverloaded(chosen.slot(), true);
        }
    }
}
