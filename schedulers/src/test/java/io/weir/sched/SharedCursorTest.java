package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
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
        final List<SharedEdits.Epoch> epochs = soak.run(EDITS, edit -> {
            final int guest = random.nextBoolean() ? 1 : 4;
            if (edit % 5 == 0) {
                service.edit(2, 1 + random.nextInt(9));
            } else if (service.has(guest)) {
                service.delete(guest);
            } else {
                service.addSlot(guest, 1);
            }
        });
        final long[] stayed = IntStream.of(0, 2, 3, 5)
                .mapToLong(slot ->
                        epochs.stream().mapToLong(e -> e.counts().get(slot)).sum())
                .toArray();
        final long least = Arrays.stream(stayed).min().orElseThrow();
        final long most = Arrays.stream(stayed).max().orElseThrow();
        assertTrue(least > EDITS && most - least <= 1, () -> Arrays.toString(stayed));
    }

    /**
     * As in the kernel wrr starts at the head of the list after each edit, under the bar it had. So what all workers chose
     * from one list must be what one worker alone chooses from its twin, as often.
     */
    @Test
    void shouldShareWeightedRoundRobinExactlyThroughEdits() throws Exception {
        final TestService service = new TestService("wrr").add(4, 1, 6, 3);
        final List<Scheduler> twins = new ArrayList<>(List.of(twin(service)));
        final SharedEdits soak = new SharedEdits(service, WORKERS);
        final Random random = new Random(8);
        final List<SharedEdits.Epoch> epochs = soak.run(EDITS, edit -> {
            if (edit % 3 != 0) {
                service.edit(random.nextInt(4), random.nextInt(4) * 2 + edit % 2);
            } else if (service.has(5)) {
                service.delete(5);
            } else {
                service.addSlot(5, 1 + random.nextInt(9));
            }
            // At least one of them is never at 0.
            service.edit(3, 1 + random.nextInt(5));
            twins.add(twin(service));
        });
        long choices = 0;
        for (final SharedEdits.Epoch epoch : epochs) {
            choices += compareWithTwin(epoch, twins.get(epoch.number()), service);
        }
        assertTrue(choices > EDITS, "choices=" + choices);
    }

    /** An instance that stands where the service's own one does, and is moved by nobody else. */
    private static Scheduler twin(TestService service) {
        return service.scheduler().withDestinations(service.destinations(), 0);
    }

    private static long compareWithTwin(SharedEdits.Epoch epoch, Scheduler twin, TestService service) {
        final long[] shared = IntStream.range(0, epoch.counts().length())
                .mapToLong(epoch.counts()::get)
                .toArray();
        final long choices = Arrays.stream(shared).sum();
        final long[] alone = new long[shared.length];
        final Flow flow = new Flow();
        for (long i = 0; i < choices; i++) {
            alone[epoch.list().get(twin.schedule(flow, service.load())).slot()]++;
        }
        assertArrayEquals(alone, shared, () -> "list " + epoch.number());
        return choices;
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
