package io.weir.sched.contract;

import com.sun.management.ThreadMXBean;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What a choice may cost: no memory ever, and of time what a packet can wait.
 *
 * <p>The budgets are far above what the built-in schedulers take, so that a busy machine refuses nobody; of several rounds
 * the best one counts.
 */
final class SpeedClause {
    /** For one choice among {@link #SERVERS} servers. */
    static final long CHOICE_BUDGET_NS = TimeUnit.MICROSECONDS.toNanos(100);
    /** For taking over a list of {@link #SERVERS} servers. */
    static final long LIST_BUDGET_NS = TimeUnit.SECONDS.toNanos(2);

    private static final int SERVERS = 1000;
    private static final int ROUNDS = 5;
    private static final int CHOICES = 20_000;
    private static final int TIMED_CHOICES = 200;

    private SpeedClause() {}

    static void allocatesNothing(Supplier<Scheduler> fresh) throws ContractException {
        final ContractService service =
                new ContractService(fresh.get(), SchedulerContract.ALL_FLAGS, 8).add(3, 1, 0, 4);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        // The first rounds may allocate what the virtual machine needs for itself.
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            final long before = threads.getThreadAllocatedBytes(thread);
            choose(service, CHOICES);
            least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
        }
        if (least > 0) {
            throw new ContractException("schedule() allocates: " + least + " bytes for " + CHOICES + " choices");
        }
    }

    static void inTime(Supplier<Scheduler> fresh) throws ContractException {
        final int servers = Math.min(SERVERS, fresh.get().mostDestinations());
        if (servers < 1) {
            throw new ContractException("it takes " + servers + " servers at most");
        }
        final int[] weights = new int[servers];
        Arrays.setAll(weights, slot -> 1 + slot % 7);
        long list = Long.MAX_VALUE;
        long choice = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && (list > LIST_BUDGET_NS || choice > CHOICE_BUDGET_NS); round++) {
            final ContractService service = new ContractService(fresh.get(), 0, servers);
            final long start = System.nanoTime();
            service.fill(weights);
            list = Math.min(list, System.nanoTime() - start);
            choose(service, TIMED_CHOICES);
            final long middle = System.nanoTime();
            choose(service, TIMED_CHOICES);
            choice = Math.min(choice, (System.nanoTime() - middle) / TIMED_CHOICES);
        }
        if (list > LIST_BUDGET_NS) {
            throw new ContractException("a list of " + servers + " servers takes it " + list / 1_000_000
                    + " ms, allowed are " + LIST_BUDGET_NS / 1_000_000);
        }
        if (choice > CHOICE_BUDGET_NS) {
            throw new ContractException("a choice among " + servers + " servers takes it " + choice / 1000
                    + " microseconds, allowed are " + CHOICE_BUDGET_NS / 1000);
        }
    }

    private static void choose(ContractService service, int count) {
        final Scheduler scheduler = service.scheduler();
        final Flow flow = service.flow();
        for (int i = 0; i < count; i++) {
            ContractService.ask(flow, i);
            scheduler.schedule(flow, service.load());
        }
    }
}
