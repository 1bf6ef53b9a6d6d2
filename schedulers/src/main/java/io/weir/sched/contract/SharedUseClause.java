package io.weir.sched.contract;

import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Workers choose while servers are added, edited and removed, as in a running director: a new instance is published, and the
 * next edit waits until every worker has seen it.
 *
 * <p>Each worker must get an index of the list it asked, never a server of weight 0, and no exception.
 */
final class SharedUseClause {
    private static final int WORKERS = 3;
    private static final int EDITS = 200;
    private static final int SLOTS = 8;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

    private static final long LOOK_EVERY_NS = TimeUnit.MICROSECONDS.toNanos(20);

    /** What workers use: an instance and its list. */
    private record Epoch(int number, Scheduler scheduler, List<Destination> list) {}

    private final DestinationLoad load;
    private final AtomicIntegerArray seen = new AtomicIntegerArray(WORKERS);
    private final AtomicReference<@Nullable String> problem = new AtomicReference<>();
    private volatile Epoch current;
    private volatile boolean stopped;

    private SharedUseClause(ContractService service) {
        this.load = service.load();
        this.current = new Epoch(0, service.scheduler(), service.destinations());
    }

    static void check(Supplier<Scheduler> fresh) throws ContractException {
        final ContractService service =
                new ContractService(fresh.get(), SchedulerContract.ALL_FLAGS, SLOTS).add(3, 1, 0, 4);
        new SharedUseClause(service).run(service);
    }

    private void run(ContractService service) throws ContractException {
        final List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            final int worker = i;
            final Thread thread = new Thread(() -> work(worker), "scheduler-trial-" + worker);
            thread.setDaemon(true);
            thread.start();
            workers.add(thread);
        }
        try {
            for (int edit = 1; edit <= EDITS && problem.get() == null; edit++) {
                edit(service, edit);
                current = new Epoch(edit, service.scheduler(), service.destinations());
                awaitSeen(edit);
            }
        } finally {
            stopped = true;
            join(workers);
        }
        final String text = problem.get();
        if (text != null) {
            throw new ContractException(text);
        }
    }

    /** Slots 0 and 1 come and go, the weights of 3 and 4 change, 2 stays quiesced. */
    private static void edit(ContractService service, int edit) {
        switch (edit % 5) {
            case 0 -> service.delete(edit / 5 % 2);
            case 1 -> service.put(3, 1 + edit % 9);
            case 2 -> service.put(edit / 5 % 2, 2);
            case 3 -> service.put(4, edit % 2);
            default -> service.overloaded(3, edit % 2 == 0);
        }
    }

    private void awaitSeen(int edit) {
        final long start = System.nanoTime();
        for (int worker = 0; worker < WORKERS; worker++) {
            while (seen.get(worker) < edit && problem.get() == null) {
                if (System.nanoTime() - start > PATIENCE_NS) {
                    problem.compareAndSet(null, "a worker does not come back from schedule()");
                }
                LockSupport.parkNanos(LOOK_EVERY_NS);
            }
        }
    }

    private void work(int worker) {
        final Flow flow = new Flow();
        flow.protocol = ProtocolNumbers.TCP;
        try {
            for (int i = 0; !stopped; i++) {
                final Epoch epoch = current;
                ContractService.ask(flow, worker << 20 | i & 0xFFFF);
                look(epoch, epoch.scheduler.schedule(flow, load));
                seen.set(worker, epoch.number);
            }
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            problem.compareAndSet(null, SchedulerContract.thrown(e));
        }
    }

    private void look(Epoch epoch, int index) {
        if (index < Scheduler.NONE || index >= epoch.list.size()) {
            problem.compareAndSet(null, "it chose index " + index + " of a list of " + epoch.list.size());
        } else if (index != Scheduler.NONE && epoch.list.get(index).weight() == 0) {
            problem.compareAndSet(
                    null, "it chose server " + epoch.list.get(index).slot() + ", whose weight is 0");
        }
    }

    private static void join(List<Thread> workers) throws ContractException {
        try {
            for (final Thread worker : workers) {
                worker.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContractException("the trial was interrupted");
        }
    }
}
