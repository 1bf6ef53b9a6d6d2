package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Over several workers together, rr and wrr give out exact shares: no choice is lost or made twice. */
class SharedCursorTest {
    private static final int WORKERS = 4;
    private static final int ROUNDS_PER_WORKER = 20_000;
    private static final int EDITS = 3000;

    @Test
    void shouldShareRoundRobinExactly() throws Exception {
        assertArrayEquals(shares(1, 1, 1, 0, 1), count("rr", 5, 2, 9, 0, 1));
    }

    @Test
    void shouldShareWeightedRoundRobinExactly() throws Exception {
        assertArrayEquals(shares(3, 1, 0, 4), count("wrr", 6, 2, 0, 8));
    }

    /**
     * Servers come and go and weights change all the time, as in a running director: an edit waits until all workers have
     * seen the one before. Those that stay must get their turns in order all the while: none is ahead by more than one.
     */
    @Test
    void shouldShareRoundRobinExactlyThroughEdits() throws Exception {
        final TestService service = new TestService("rr").add(1, 1, 1, 1, 1, 1);
        final SharedEdits soak = new SharedEdits(service, WORKERS);
        final Random random = new Random(7);
        final long[] counts = soak.run(EDITS, edit -> {
            final int guest = random.nextBoolean() ? 1 : 4;
            if (edit % 5 == 0) {
                service.edit(2, 1 + random.nextInt(9));
            } else if (service.has(guest)) {
                service.delete(guest);
            } else {
                service.addSlot(guest, 1);
            }
        });
        final long[] stayed = {counts[0], counts[2], counts[3], counts[5]};
        final long least = Arrays.stream(stayed).min().orElseThrow();
        final long most = Arrays.stream(stayed).max().orElseThrow();
        assertTrue(least > EDITS && most - least <= 1, () -> Arrays.toString(counts));
    }

    private static long[] shares(int... perRound) {
        return Arrays.stream(perRound)
                .mapToLong(share -> (long) share * WORKERS * ROUNDS_PER_WORKER)
                .toArray();
    }

    private static long[] count(String name, int... weights) throws Exception {
        final TestService service = new TestService(name).add(weights);
        final int round = name.equals("rr")
                ? (int) Arrays.stream(weights).filter(w -> w > 0).count()
                : Arrays.stream(weights).sum() / WeightedTurns.gcd(weights);
        final CyclicBarrier start = new CyclicBarrier(WORKERS);
        final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try {
            final List<Future<long[]>> results = workers.invokeAll(IntStream.range(0, WORKERS)
                    .<Callable<long[]>>mapToObj(worker -> () -> {
                        start.await(1, TimeUnit.MINUTES);
                        return choices(service, weights.length, round * ROUNDS_PER_WORKER);
                    })
                    .toList());
            final long[] total = new long[weights.length];
            for (final Future<long[]> result : results) {
                final long[] one = result.get(1, TimeUnit.MINUTES);
                Arrays.setAll(total, slot -> total[slot] + one[slot]);
            }
            return total;
        } finally {
            workers.shutdownNow();
        }
    }

    private static long[] choices(TestService service, int destinations, int count) {
        final long[] counts = new long[destinations];
        final Flow flow = new Flow();
        for (int i = 0; i < count; i++) {
            // slot n is at the n-th place from the end
            counts[destinations - 1 - service.scheduler().schedule(flow, service.load())]++;
        }
        return counts;
    }
}
