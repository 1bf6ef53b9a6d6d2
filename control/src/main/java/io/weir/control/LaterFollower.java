package io.weir.control;

import io.weir.dataplane.io.GuardRules;
import io.weir.dataplane.io.RuleFollower;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Lets nobody wait for what a follower is told more, for one whose rules only spare others work. A change that takes something
 * away has been followed when the call returns, unless that takes long because a large table is still being told.
 *
 * <p><b>Threads</b>: the follower is told by one of its own, in the order of the calls.
 */
final class LaterFollower implements RuleFollower, AutoCloseable {
    private static final long PATIENCE_MS = 10;

    private final RuleFollower follower;
    private final ExecutorService thread;

    /** @param name of the thread */
    LaterFollower(RuleFollower follower, String name) {
        this.follower = follower;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            final Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
    }

    @Override
    public void follow(GuardRules rules) {
        later(() -> follower.follow(rules)).join();
    }

    @Override
    public void follow(GuardRules.Change change) {
        final CompletableFuture<Void> done = later(() -> follower.follow(change));
        if (change.takesAway()) {
            // A copy: one that is complete before its task has begun would never run it.
            done.copy()
                    .completeOnTimeout(null, PATIENCE_MS, TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    private CompletableFuture<Void> later(Runnable task) {
        return CompletableFuture.runAsync(task, thread);
    }

    /** After it the follower is told nothing. */
    @Override
    public void close() {
        later(() -> {}).join();
        thread.shutdown();
    }
}
