package io.weir.sched;

import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A service's destination list as a scheduler walks it: slots and weights in arrays, newest first; immutable.
 *
 * <p>Which weights depends on what the scheduler takes a weight for, as a destination in slow start counts with a part of
 * its own only: {@link #sharing} if weights are shares, {@link #counting} if the number itself says something (how many
 * connections, how many buckets), the constructor if a weight is but an order, or zero or not zero.
 *
 * <p><b>Thread</b>: any. <b>Source</b>: ip_vs_dest_conn_overhead() in include/net/ip_vs.h, ip_vs_wlc.c, ip_vs_sed.c,
 * is_overloaded() in ip_vs_lblc.c.
 */
final class Candidates {
    /** The list of a service without destinations. */
    static final Candidates EMPTY = new Candidates(List.of());

    /** What an active connection weighs against an inactive one. */
    private static final long ACTIVE_FACTOR = 256;

    private final int[] slots;
    private final int[] weights;

    /** The list with its weights as they are, slow start or not. */
    Candidates(List<Destination> destinations) {
        this(destinations, numbers(destinations, Destination::weight));
    }

    private Candidates(List<Destination> destinations, int[] weights) {
        this.slots = numbers(destinations, Destination::slot);
        this.weights = weights;
    }

    /** Not a stream: tables of a hundred thousand servers are made before that is compiled. */
    private static int[] numbers(List<Destination> destinations, ToIntFunction<Destination> of) {
        final int[] numbers = new int[destinations.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = of.applyAsInt(destinations.get(i));
        }
        return numbers;
    }

    /**
     * The list for a scheduler that shares out in proportion to the weights. During a slow start all weights may be
     * multiplied by one factor, so that a tenth of a weight of 1 can be told.
     */
    static Candidates sharing(List<Destination> destinations) {
        return new Candidates(destinations, SlowStart.shares(destinations, Destination::weight));
    }

    /** The list for a scheduler to which a weight is a number of something: parts are rounded, at least to 1. */
    static Candidates counting(List<Destination> destinations) {
        return new Candidates(destinations, SlowStart.numbers(destinations));
    }

    int size() {
        return slots.length;
    }

    int slot(int index) {
        return slots[index];
    }

    int weight(int index) {
        return weights[index];
    }

    /** All weights in list order; not to be written to. */
    int[] weights() {
        return weights;
    }

    /** Where a slot stands in the list, or {@link Scheduler#NONE}; a walk, as lists are short. */
    int indexOfSlot(int slot) {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] == slot) {
                return i;
            }
        }
        return Scheduler.NONE;
    }

    boolean isOverloaded(int index, DestinationLoad load) {
        return load.isOverloaded(slots[index]);
    }

    /** May it get a new connection: has it a weight, and is it below its upper threshold? */
    boolean isUsable(int index, DestinationLoad load) {
        return weights[index] > 0 && !load.isOverloaded(slots[index]);
    }

    /** The first usable one from an index on, around the end of the list, or NONE. */
    int usableFrom(int index, DestinationLoad load) {
        int at = index;
        for (int i = 0; i < slots.length; i++, at++) {
            at = at >= slots.length ? 0 : at;
            if (isUsable(at, load)) {
                return at;
            }
        }
        return Scheduler.NONE;
    }

    long active(int index, DestinationLoad load) {
        return load.active(slots[index]);
    }

    /** The overhead that lc, wlc, lblc, lblcr and twos compare. */
    long overhead(int index, DestinationLoad load) {
        return load.active(slots[index]) * ACTIVE_FACTOR + load.inactive(slots[index]);
    }

    /** The usable one with the least overhead per weight, the first on ties: the rule of wlc. */
    int leastLoaded(DestinationLoad load) {
        int least = Scheduler.NONE;
        for (int i = 0; i < slots.length; i++) {
            if (isUsable(i, load)) {
                least = least == Scheduler.NONE ? i : lighter(least, i, load);
            }
        }
        return least;
    }

    /** Of two with weights above zero the one with less overhead per weight, the first on a tie. */
    int lighter(int first, int second, DestinationLoad load) {
        // a/b > c/d as a*d > c*b: no division, no rounding
        return overhead(first, load) * weights[second] > overhead(second, load) * weights[first] ? second : first;
    }

    /** The usable one with the least (active + 1) per weight, the first on ties: the rule of sed. */
    int shortestDelay(DestinationLoad load) {
        int shortest = Scheduler.NONE;
        long shortestQueue = 0;
        for (int i = 0; i < slots.length; i++) {
            if (isUsable(i, load)) {
                final long queue = active(i, load) + 1;
                if (shortest == Scheduler.NONE || shortestQueue * weights[i] > queue * weights[shortest]) {
                    shortest = i;
                    shortestQueue = queue;
                }
            }
        }
        return shortest;
    }

    /** Has it more active connections than weight, while another has room for twice its own? The rule of lblc. */
    boolean isHot(int index, DestinationLoad load) {
        if (active(index, load) <= weights[index]) {
            return false;
        }
        for (int i = 0; i < slots.length; i++) {
            if (active(i, load) * 2 < weights[i]) {
                return true;
            }
        }
        return false;
    }
}
