package io.weir.bench;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A thread that does nothing but look at the clock: the longest time between two looks is what the machine takes from any thread,
 * whatever it does (after jHiccup). <b>Thread</b>: any may ask.
 */
final class IdleLoop implements AutoCloseable {
    private final AtomicLong longest = new AtomicLong();
    private final Thread thread = new Thread(this::look, "idle-loop");
    private volatile boolean running = true;

    IdleLoop() {
        thread.setDaemon(true);
        thread.start();
    }

    private void look() {
        long last = System.nanoTime();
        while (running) {
            final long now = System.nanoTime();
            if (now - last > longest.getPlain()) {
                longest.accumulateAndGet(now - last, Math::max);
            }
            last = now;
            Thread.onSpinWait();
        }
    }

    /** The longest gap since the last call, in nanoseconds. */
    long longest() {
        return longest.getAndSet(0);
    }

    @Override
    public void close() {
        running = false;
    }
}
