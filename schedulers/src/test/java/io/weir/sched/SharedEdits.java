package io.weir.sched;

import io.weir.service.Destination;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/** Workers that choose without pause while a service is edited; each edit waits until all of them have seen the last one. */
final class SharedEdits {
    private static final int SLOTS = 64;
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(1);

    /** What workers use: an instance and its list. */
    private record Epoch(int number, Scheduler scheduler, List<Destination> list) {}

    private final TestService service;
    private final AtomicIntegerArray seen;
    private volatile Epoch current;
    private volatile boolean stopped;

    SharedEdits(TestService service, int workers) {
        this.service = service;
        this.seen = new AtomicIntegerArray(workers);
        this.current = new Epoch(0, service.scheduler(), service.destinations());
    }

    /** Edits so many times; returns how often each slot was chosen by all workers. */
    long[] run(int edits, IntConsumer edit) throws Exception {
        final ExecutorService workers = Executors.newFixedThreadPool(seen.length());
        try {
            final List<Future<long[]>> results = new ArrayList<>();
            for (int i = 0; i < seen.length(); i++) {
                final int worker = i;
                final Callable<long[]> work = () -> work(worker);
                results.add(workers.submit(work));
            }
            for (int number = 1; number <= edits; number++) {
                edit.accept(number);
                current = new Epoch(number, service.scheduler(), service.destinations());
                awaitSeen(number);
            }
            stopped = true;
            final long[] total = new long[SLOTS];
            for (final Future<long[]> result : results) {
                final long[] one = result.get(1, TimeUnit.MINUTES);
                Arrays.setAll(total, slot -> total[slot] + one[slot]);
            }
            return total;
        } finally {
            stopped = true;
            workers.shutdownNow();
        }
    }

    private void awaitSeen(int number) {
        final long start = System.nanoTime();
        for (int worker = 0; worker < seen.length(); worker++) {
            while (seen.get(worker) < number) {
                if (System.nanoTime() - start > PATIENCE_NS) {
                    throw new IllegalStateException("a worker does not go on: number=" + number);
                }
                LockSupport.parkNanos(1000);
            }
        }
    }

    private long[] work(int worker) {
        final long[] counts = new long[SLOTS];
        final Flow flow = new Flow();
        while (!stopped) {
            final Epoch epoch = current;
            // Seen is said before it is used: from here on no older one is.
            seen.set(worker, epoch.number);
            counts[
                    epoch.list
                            .get(epoch.scheduler.schedule(flow, service.load()))
                            .slot()]++;
        }
        return counts;
    }
}
