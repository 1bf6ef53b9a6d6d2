package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Round robin: the next usable destination behind the one chosen last; of weights only zero counts.
 *
 * <p><b>Layout</b> of the cursor, one long: the slot chosen last (-1: the head) in the lower half; above it in two bits the
 * generation of the list it was chosen from, and on top where it stood there plus one, a hint that saves the search.
 *
 * <p><b>Thread</b>: workers share the cursor, one atomic. Each choice is one successful compare-and-set from what it was
 * derived from, so over all workers together the order is as strict as with one. That the cursor may have gone full circle
 * in between does no harm: the next choice follows from where it stands, not from how it came there. Successive instances
 * share it too, so that no choice is lost while a new list is being published.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_rr.c.
 */
public final class RrScheduler implements Scheduler {
    /** Nothing chosen yet: the next choice starts at the head of the list. */
    private static final int HEAD = -1;

    private static final int GENERATION_BITS = 2;
    private static final int GENERATIONS = 1 << GENERATION_BITS;
    private static final long SLOT_MASK = 0xFFFF_FFFFL;

    private final Candidates candidates;
    /** The list before this one: tells where a deleted destination stood. */
    private final Candidates previous;

    /** Counts lists, modulo 4: as at most two are in use at once, that tells a newer one from an older one. */
    private final int generation;

    private final AtomicLong cursor;

    public RrScheduler() {
        this(Candidates.EMPTY, Candidates.EMPTY, 0, new AtomicLong(HEAD & SLOT_MASK));
    }

    private RrScheduler(Candidates candidates, Candidates previous, int generation, AtomicLong cursor) {
        this.candidates = candidates;
        this.previous = previous;
        this.generation = generation & GENERATIONS - 1;
        this.cursor = cursor;
    }

    @Override
    public String name() {
        return "rr";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        final RrScheduler next = new RrScheduler(new Candidates(destinations), candidates, generation + 1, cursor);
        // Settled now, not when it is met: the deleted destination may be back by then, at another place.
        while (true) {
            final long before = cursor.get();
            // By this list first: a late worker may have left it at one that went an edit ago, unknown to the next.
            final int here = positionOf(before);
            final long settled = here == NONE ? next.cursor(HEAD, HEAD) : next.survivor(candidates, here);
            if (cursor.compareAndSet(before, settled)) {
                return next;
            }
        }
    }

    /** The cursor at a destination of another list; if it is not in this one at its nearest predecessor that is. */
    private long survivor(Candidates other, int index) {
        for (int i = index; i >= 0; i--) {
            final int at = candidates.indexOfSlot(other.slot(i));
            if (at != NONE) {
                return cursor(at, candidates.slot(at));
            }
        }
        return cursor(HEAD, HEAD);
    }

    /** Where a cursor stands in the list; if its slot was deleted the nearest predecessor still there, NONE for the head. */
    private int positionOf(long of) {
        final int slot = slot(of);
        final int hint = hint(of);
        if (slot == HEAD || hint < candidates.size() && candidates.slot(hint) == slot) {
            return hint;
        }
        int at = candidates.indexOfSlot(slot);
        if (at == NONE && isNewer(of)) {
            // Added since, so before all of this list; it may have stood elsewhere earlier.
            return NONE;
        }
        for (int i = previous.indexOfSlot(slot) - 1; at == NONE && i >= 0; i--) {
            at = candidates.indexOfSlot(previous.slot(i));
        }
        return at;
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        while (true) {
            final long before = cursor.get();
            final int index = nextUsable(positionOf(before), load);
            if (index == NONE || cursor.compareAndSet(before, cursor(index, candidates.slot(index)))) {
                return index;
            }
        }
    }

    private int nextUsable(int last, DestinationLoad load) {
        final int size = candidates.size();
        int at = last;
        for (int i = 0; i < size; i++) {
            at = at + 1 == size ? 0 : at + 1;
            if (candidates.isUsable(at, load)) {
                return at;
            }
        }
        return NONE;
    }

    private long cursor(int index, int slot) {
        return ((long) (index + 1) << GENERATION_BITS | generation) << 32 | slot & SLOT_MASK;
    }

    private static int hint(long cursor) {
        return (int) (cursor >>> 32 + GENERATION_BITS) - 1;
    }

    private static int slot(long cursor) {
        return (int) cursor;
    }

    /** Was it left by a worker that has the next list already? */
    private boolean isNewer(long cursor) {
        return ((int) (cursor >>> 32) - generation & GENERATIONS - 1) == 1;
    }
}
