package io.weir.sched;

import io.weir.sched.SchedulerOptions.Choice;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weighted consistent hashing with bounded loads: the client's address is a place on a ring, and the connection goes to
 * the destination with the next point from there on that has room.
 *
 * <p>Each destination has {@value #POINTS} points per unit of weight, at places that only its own address and port say. So
 * if one goes, comes or changes its weight, only its own clients move. Room has who stays, with this connection, within
 * the load bound: by default {@value #DEFAULT_BOUND} % of its fair share, by weight, of all active connections of usable
 * destinations, rounded up. With conhash-port the client's port is hashed too. Points at one place: the first in the list.
 *
 * <p>All weights together may ask for more points than the table size, by default {@value #DEFAULT_SIZE}, which is a weight
 * of 1,024. Then all have fewer, in proportion; and as the proportions change with each edit, about as many clients of
 * others move as of the edited one.
 *
 * <p><b>Cost</b>: one hash, about two points; while destinations are full one more step for each point of theirs passed,
 * up to {@value #LONGEST_WALK}, and then the shortest queue by weight is taken. To know the fair share, up to
 * {@value #COUNTED} loads are read, of larger services every load every so many choices.
 *
 * <p><b>Thread</b>: any; the ring never changes. Workers share the count of connections since it was last taken.
 *
 * <p><b>Source</b>: Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads", SODA 2018; HAProxy's
 * {@code hash-balance-factor} and Envoy's {@code hash_balance_factor} are this bound.
 */
public final class ConhashScheduler implements Scheduler {
    private static final int POINTS = 64;
    private static final int DEFAULT_SIZE = 65_536;
    private static final int SMALLEST_SIZE = 1_024;
    private static final int DEFAULT_BOUND = 125;
    private static final int TIGHTEST_BOUND = 101;
    private static final int LOOSEST_BOUND = 10_000;
    private static final int LONGEST_WALK = 256;
    private static final int COUNTED = 32;

    static final Choice TABLE_SIZE = new Choice(
            SMALLEST_SIZE + " to " + MaglevScheduler.LARGEST_SIZE + " points",
            size -> size >= SMALLEST_SIZE && size <= MaglevScheduler.LARGEST_SIZE);
    static final Choice LOAD_BOUND = new Choice(
            TIGHTEST_BOUND + " to " + LOOSEST_BOUND + " percent",
            bound -> bound >= TIGHTEST_BOUND && bound <= LOOSEST_BOUND);

    private final int size;
    private final int bound;
    private final Candidates candidates;
    private final boolean hashPort;
    private final PointRing ring;
    private final FairShare share;

    public ConhashScheduler(SchedulerOptions options) {
        this(
                options.tableSizeOr(DEFAULT_SIZE),
                options.loadBoundOr(DEFAULT_BOUND),
                Candidates.EMPTY,
                0,
                new PointRing(new long[0], new int[0]));
    }

    private ConhashScheduler(int size, int bound, Candidates candidates, int flags, PointRing ring) {
        this.size = size;
        this.bound = bound;
        this.candidates = candidates;
        this.hashPort = (flags & SchedulerFlags.HASH_PORT) != 0;
        this.ring = ring;
        this.share = new FairShare(candidates, bound);
    }

    @Override
    public String name() {
        return "conhash";
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        final long[] keys =
                destinations.stream().mapToLong(FlowKeys::destination).toArray();
        final PointRing next = new PointRing(keys, points(destinations));
        return new ConhashScheduler(size, bound, Candidates.sharing(destinations), flags, next);
    }

    /** How many points each has. Not the weights of Candidates: a common factor must not move anybody. */
    private int[] points(List<Destination> destinations) {
        final double[] wanted = destinations.stream()
                .mapToDouble(d -> (double) POINTS * d.weight() * d.ramp() / Destination.FULL_RAMP)
                .toArray();
        double total = 0;
        for (final double points : wanted) {
            total += points;
        }
        final double part = total <= size ? 1 : size / total;
        final int[] points = new int[wanted.length];
        for (int i = 0; i < points.length; i++) {
            points[i] = wanted[i] == 0 ? 0 : Math.max(1, (int) (wanted[i] * part));
        }
        return points;
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        if (ring.isEmpty()) {
            return NONE;
        }
        final double perWeight = share.roomPerWeight(load);
        int point = ring.find(FlowKeys.client(flow, hashPort));
        final int steps = Math.min(ring.size(), LONGEST_WALK);
        for (int i = 0; i < steps; i++) {
            final int index = ring.owner(point);
            if (candidates.isUsable(index, load)
                    && candidates.active(index, load) < perWeight * candidates.weight(index)) {
                return index;
            }
            point = ring.next(point);
        }
        return candidates.shortestDelay(load);
    }

    /** What the load bound allows, measured now, or if there are many destinations a few choices ago. */
    private static final class FairShare {
        /** Not more than the bound, whatever is lost by floating point. */
        private static final double ROUNDED_DOWN = 1 - 1e-12;

        private static final double PERCENT = 100;

        private final Candidates candidates;
        private final double bound;
        private final int countEvery;
        private final AtomicInteger choices = new AtomicInteger();
        /** Active connections when they were last counted, and one for each choice since. */
        private final AtomicLong connections = new AtomicLong();

        private final AtomicLong weight = new AtomicLong(1);

        FairShare(Candidates candidates, int bound) {
            this.candidates = candidates;
            this.bound = bound / PERCENT * ROUNDED_DOWN;
            this.countEvery = candidates.size() / COUNTED;
        }

        /** How many connections a destination may have per unit of weight, with the one that is about to come. */
        double roomPerWeight(DestinationLoad load) {
            if (countEvery > 1 && choices.getAndIncrement() % countEvery != 0) {
                return bound * connections.incrementAndGet() / weight.get();
            }
            long active = 0;
            long weights = 0;
            for (int i = 0; i < candidates.size(); i++) {
                if (candidates.isUsable(i, load)) {
                    active += candidates.active(i, load);
                    weights += candidates.weight(i);
                }
            }
            if (countEvery > 1) {
                weight.set(Math.max(1, weights));
                connections.set(active + 1);
            }
            return bound * (active + 1) / Math.max(1, weights);
        }
    }
}
