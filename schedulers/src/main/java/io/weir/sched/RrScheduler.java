package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Round robin: the next usable destination behind the one chosen last; of weights only zero counts.
 *
 * <p><b>Thread</b>: workers share one atomic, the slot chosen last. Each choice is one successful compare-and-set, so
 * over all workers together the order is as strict as with one. Successive instances share it too, so that no choice is
 * lost while a new list is being published.
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_rr.c.
 */
public final class RrScheduler implements Scheduler {
    /** Nothing chosen yet: the next choice starts at the head of the list. */
    private static final int HEAD = -1;

    private final Candidates candidates;
    /** The list before this one: tells where a deleted destination stood. */
    private final Candidates previous;

    private final AtomicInteger lastSlot;

    public RrScheduler() {
        this(Candidates.EMPTY, Candidates.EMPTY, new AtomicInteger(HEAD));
    }

    private RrScheduler(Candidates candidates, Candidates previous, AtomicInteger lastSlot) {
        this.candidates = candidates;
        this.previous = previous;
        this.lastSlot = lastSlot;
    }

    @Override
    public String name() {
        return "rr";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        final RrScheduler next = new RrScheduler(new Candidates(destinations), candidates, lastSlot);
        // Settled now, not when it is met: the deleted destination may be back by then, at another place.
        int slot = lastSlot.get();
        while (slot != HEAD && next.candidates.indexOfSlot(slot) == NONE) {
            final int at = next.positionOf(slot);
            if (lastSlot.compareAndSet(slot, at == NONE ? HEAD : next.candidates.slot(at))) {
                break;
            }
            slot = lastSlot.get();
        }
        return next;
    }

    /** Index of a slot in the list; if it was deleted that of its nearest predecessor still there, or NONE for the head. */
    private int positionOf(int slot) {
        int at = candidates.indexOfSlot(slot);
        for (int i = previous.indexOfSlot(slot) - 1; at == NONE && i >= 0; i--) {
            at = candidates.indexOfSlot(previous.slot(i));
        }
        return at;
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        while (true) {
            final int last = lastSlot.get();
            final int index = nextUsable(positionOf(last), load);
            if (index == NONE || lastSlot.compareAndSet(last, candidates.slot(index))) {
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
}
