package io.weir.sched;

import io.weir.service.Destination;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/** Workers that choose without pause while a service is edited; each edit waits until all of them have seen the last one. */
final class SharedEdits {
    private static final int SLOTS = 64;
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(1);

    /** What workers use: an instance and its list; and how often all of them have chosen each slot from it. */
    record Epoch(int number, Scheduler scheduler, List<Destination> list, AtomicLongArray counts) {
        Epoch(int number, TestService service) {
            this(number, service.scheduler(), service.destinations(), new AtomicLongArray(SLOTS));
        }
    }

    private final TestService service;
    private final AtomicIntegerArray seen;
    private volatile Epoch current;
    private volatile boolean stopped;

    SharedEdits(TestService service, int workers) {
        this.service = service;
        this.seen = new AtomicIntegerArray(workers);
        this.current = new Epoch(0, service);
    }

    /** Edits so many times; returns every list that was in use, in order, with its counts. */
    List<Epoch> run(int edits, IntConsumer edit) throws Exception {
        final ExecutorService workers = Executors.newFixedThreadPool(seen.length());
        try {
            final List<Future<?>> results = new ArrayList<>();
            final List<Epoch> epochs = new ArrayList<>(List.of(current));
            for (int i = 0; i < seen.length(); i++) {
                final int worker = i;
                results.add(workers.submit(() -> work(worker)));
            }
            for (int number = 1; number <= edits; number++) {
                edit.accept(number);
                current = new Epoch(number, service);
                epochs.add(current);
                awaitSeen(number);
            }
            stopped = true;
            for (final Future<?> result : results) {
                result.get(1, TimeUnit.MINUTES);
            }
            return epochs;
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

    private void work(int worker) {
        final Flow flow = new Flow();
        while (!stopped) {
            final Epoch epoch = current;
            // Seen is said before it is used: from here on no older one is.
            seen.set(worker, epoch.number);
            final int index = epoch.scheduler.schedule(flow, service.load());
            epoch.counts.incrementAndGet(epoch.list.get(index).slot());
        }
    }
}
