package io.weir.dataplane.io;

import java.util.concurrent.atomic.AtomicLong;

/** Counts lost frames. <b>Owner</b>: one thread adds; any may read. */
final class DropCounter {
    private final AtomicLong count = new AtomicLong();

    void add(long frames) {
        count.setRelease(count.getPlain() + frames);
    }

    long get() {
        return count.getAcquire();
    }
}
