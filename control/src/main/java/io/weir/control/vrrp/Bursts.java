package io.weir.control.vrrp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Announcements of one instance that are due later, once or again and again.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}.
 */
final class Bursts {
    /** One of them. */
    private static final class Burst {
        private long atNs;
        private final Runnable announcing;
        private final long everyNs;

        Burst(long atNs, Runnable announcing, long everyNs) {
            this.atNs = atNs;
            this.announcing = announcing;
            this.everyNs = everyNs;
        }
    }

    private final List<Burst> waiting = new ArrayList<>();

    /** Announces after that time; not at all if it is 0. */
    void once(long delayMs, Runnable announcing) {
        add(delayMs, announcing, 0);
    }

    /** Announces again and again, first after that time; not at all if it is 0. */
    void often(long everyMs, Runnable announcing) {
        add(everyMs, announcing, TimeUnit.MILLISECONDS.toNanos(everyMs));
    }

    private void add(long delayMs, Runnable announcing, long everyNs) {
        if (delayMs > 0) {
            waiting.add(new Burst(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs), announcing, everyNs));
        }
    }

    int size() {
        return waiting.size();
    }

    void clear() {
        waiting.clear();
    }

    /** When {@link #onTime} wants to be called; Long.MAX_VALUE for never. */
    long deadlineNs() {
        long first = Long.MAX_VALUE;
        for (Burst each : waiting) {
            first = Math.min(first, each.atNs);
        }
        return first;
    }

    /** Announces what is due; what was missed is not made up for. */
    void onTime(long nowNs) {
        waiting.removeIf(burst -> {
            if (nowNs - burst.atNs < 0) {
                return false;
            }
            burst.announcing.run();
            burst.atNs = nowNs + burst.everyNs;
            return burst.everyNs == 0;
        });
    }
}
