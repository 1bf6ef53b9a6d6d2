package io.weir.sched;

import io.weir.sched.SchedulerOptions.Choice;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Maglev hashing as in the paper, with large tables: the client's address picks an entry of a table that two directors
 * with the same destinations fill alike, in whatever order they were added.
 *
 * <p>In rounds the destinations take turns at the free entry they prefer most. The heaviest has a turn in each round, one
 * of half its weight in every second; no weight is rounded, and only the weights' proportions count. Within a round the
 * heavier come first, by powers of two, then the lower address. A destination of weight 0 has no entry; one that is
 * overloaded sends its clients on, each by a further hash. With maglev-port the client's port is hashed too.
 *
 * <p>Unlike the kernel's {@code mh}: the size is chosen per service, the weights are kept exactly, and a quiesced
 * destination's clients go to others.
 *
 * <p><b>Cost</b>: a choice is one hash and one read of the table; the table has two bytes an entry and is built in some
 * n ln n steps.
 *
 * <p><b>Thread</b>: any; the table never changes.
 *
 * <p><b>Source</b>: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, section 3.4,
 * with its table sizes 65,537 and 655,373.
 */
public final class MaglevScheduler implements Scheduler {
    /** The paper's sizes are those of its small and its large setup. */
    static final int DEFAULT_SIZE = 65_537;

    static final int LARGEST_SIZE = 655_373;
    private static final int SMALLEST_SIZE = 251;
    private static final int CERTAINTY = 50;

    static final Choice TABLE_SIZE =
            new Choice("a prime from " + SMALLEST_SIZE + " to " + LARGEST_SIZE, MaglevScheduler::isAllowed);

    private static final long STRIDE_KEY = 0x5DEE_CE66_D1CE_4E5BL;
    private static final int FURTHER_HASHES = 8;

    private final int size;
    private final Candidates candidates;
    private final boolean hashPort;
    /** Index into the list, by entry; empty if no destination has a weight. */
    private final char[] entries;

    public MaglevScheduler(SchedulerOptions options) {
        this(options.tableSizeOr(DEFAULT_SIZE), Candidates.EMPTY, 0, new char[0]);
    }

    private MaglevScheduler(int size, Candidates candidates, int flags, char[] entries) {
        this.size = size;
        this.candidates = candidates;
        this.hashPort = (flags & SchedulerFlags.HASH_PORT) != 0;
        this.entries = entries;
    }

    private static boolean isAllowed(int size) {
        return size >= SMALLEST_SIZE
                && size <= LARGEST_SIZE
                && BigInteger.valueOf(size).isProbablePrime(CERTAINTY);
    }

    @Override
    public String name() {
        return "maglev";
    }

    @Override
    public int mostDestinations() {
        return size;
    }

    @Override
    public Scheduler withDestinations(List<Destination> destinations, int flags) {
        final Candidates next = Candidates.sharing(destinations);
        return new MaglevScheduler(size, next, flags, fill(destinations, next.weights(), size));
    }

    private static char[] fill(List<Destination> destinations, int[] weights, int size) {
        final int heaviest = WeightedTurns.max(weights);
        if (heaviest == 0) {
            return new char[0];
        }
        final int[] place = new int[weights.length];
        final int[] stride = new int[weights.length];
        for (int i = 0; i < weights.length; i++) {
            final long key = FlowKeys.destination(destinations.get(i));
            place[i] = FlowKeys.reduce(key, size);
            stride[i] = FlowKeys.reduce(FlowKeys.mix(key ^ STRIDE_KEY), size - 1) + 1;
        }
        final int[] order = order(destinations, weights, heaviest);
        final PreferenceTable table = new PreferenceTable(size, place, stride);
        final long[] credit = new long[weights.length];
        for (int round = 1; !table.isFull(); round++) {
            round(round, order, weights, heaviest, credit, table);
        }
        return table.entries();
    }

    /** Each gets credit for its weight; who has as much as the heaviest gets in a round pays with it for a turn. */
    private static void round(
            int round, int[] order, int[] weights, int heaviest, long[] credit, PreferenceTable table) {
        for (final int index : order) {
            // Looked at in every 2^n-th round only, if its turns are at least as far apart; so are all behind it.
            final int sparseness = sparseness(weights[index], heaviest);
            if ((round & (1 << sparseness) - 1) != 0 || table.isFull()) {
                return;
            }
            credit[index] += (long) weights[index] << sparseness;
            if (credit[index] >= heaviest) {
                credit[index] -= heaviest;
                table.take(index);
            }
        }
    }

    /** How often a weight can be doubled without getting heavier than the heaviest. */
    private static int sparseness(int weight, int heaviest) {
        final int bits = Integer.numberOfLeadingZeros(weight) - Integer.numberOfLeadingZeros(heaviest);
        return (long) weight << bits > heaviest ? bits - 1 : bits;
    }

    private static int[] order(List<Destination> destinations, int[] weights, int heaviest) {
        return IntStream.range(0, weights.length)
                .filter(i -> weights[i] > 0)
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> sparseness(weights[i], heaviest))
                        .thenComparing(i -> destinations.get(i).address().hi(), Long::compareUnsigned)
                        .thenComparing(i -> destinations.get(i).address().lo(), Long::compareUnsigned)
                        .thenComparingInt(i -> destinations.get(i).port()))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    public int schedule(Flow flow, DestinationLoad load) {
        if (entries.length == 0) {
            return NONE;
        }
        final long key = FlowKeys.client(flow, hashPort);
        final int index = entries[FlowKeys.reduce(key, size)];
        return candidates.isUsable(index, load) ? index : another(key, index, load);
    }

    private int another(long key, int home, DestinationLoad load) {
        long further = key;
        for (int i = 0; i < FURTHER_HASHES; i++) {
            further = FlowKeys.mix(further);
            final int index = entries[FlowKeys.reduce(further, size)];
            if (candidates.isUsable(index, load)) {
                return index;
            }
        }
        return candidates.usableFrom(home + 1, load);
    }
}
