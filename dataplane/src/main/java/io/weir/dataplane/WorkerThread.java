package io.weir.dataplane;

import io.weir.dataplane.io.linux.CpuAffinity;
import io.weir.dataplane.io.linux.NativeException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.agrona.concurrent.IdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker and the thread that it runs on. <b>Thread</b>: any may call, but for what runs within. */
public final class WorkerThread {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerThread.class);
    private static final long STOP_WITHIN_MS = 2_000;
    private static final int FAILED = 1;

    private final Worker worker;
    private final int cpu;
    private final IdleStrategy idle;
    private final Thread thread;
    /** Ends the process at once, with that exit status. */
    private final IntConsumer halt;

    private final AtomicLong bugs = new AtomicLong();
    private volatile boolean running = true;

    WorkerThread(Worker worker, int index, WorkerOptions options) {
        this(worker, index, options, Runtime.getRuntime()::halt);
    }

    /** The same for tests, whose process goes on. */
    WorkerThread(Worker worker, int index, WorkerOptions options, IntConsumer halt) {
        this.halt = halt;
        this.worker = worker;
        this.cpu = options.cpu(index);
        this.idle = options.idleStrategy();
        this.thread = new Thread(this::run, "weir-worker-" + index);
    }

    Worker worker() {
        return worker;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            pin();
            while (running) {
                idle.idle(turn());
            }
        } catch (Throwable e) {
            fail(e);
        }
    }

    /**
     * No memory, or no page behind the table's file: without its worker the process would only keep traffic from everybody
     * else. It ends as if killed, so that a peer takes over and the table's file stays as it is.
     */
    private void fail(Throwable e) {
        running = false;
        try {
            LOG.error("event=worker-failed thread={} action=\"the process ends\"", thread.getName(), e);
        } finally {
            halt.accept(FAILED);
        }
    }

    private void pin() {
        if (cpu != WorkerOptions.ANY_CPU) {
            try {
                CpuAffinity.pin(cpu);
            } catch (NativeException e) {
                LOG.error("event=not-pinned cpu={} problem=\"{}\"", cpu, e.getMessage());
            }
        }
    }

    /** The outermost handler: a bug costs one batch, not the director. */
    private int turn() {
        try {
            return worker.doWork();
        } catch (RuntimeException e) {
            final long count = bugs.incrementAndGet();
            if (Long.bitCount(count) == 1) {
                LOG.error("event=bug thread={} count={}", thread.getName(), count, e);
            }
            return 1;
        }
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** Did it run, and run no more? */
    boolean hasEnded() {
        return thread.getState() == Thread.State.TERMINATED;
    }

    /** Nanoseconds; -1 once it has ended. */
    long cpuNs() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
    }

    long bugs() {
        return bugs.get();
    }

    /** Lets it end with its turn. */
    void end() {
        running = false;
    }

    void join() throws InterruptedException {
        if (thread.isAlive()) {
            thread.join(STOP_WITHIN_MS);
        }
    }
}
