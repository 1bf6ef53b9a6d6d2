package io.weir.control.state;

import io.weir.service.SlotCounters;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The turns of the rate estimators, every two seconds, of the services and servers that are listed; deleted servers stand
 * still.
 *
 * <p>Of a hundred thousand servers nearly all are idle at any time. A turn reads the counters as they lie in memory, slot by
 * slot, and goes to an estimator only where something was counted or a rate is still fading: the director's lock is held
 * for a millisecond, not for twenty.
 *
 * <p><b>Thread</b>: the director's. <b>Source</b>: estimation_timer() of the Linux kernel.
 */
final class Estimates {
    private static final long EVERY_NS = TimeUnit.SECONDS.toNanos(2);

    private final Rows services;
    private final Rows servers;
    private long nextNs;

    Estimates(SlotCounters services, SlotCounters servers, long nowNs) {
        this.services = new Rows(services);
        this.servers = new Rows(servers);
        this.nextNs = nowNs + EVERY_NS;
    }

    /** What all with one kind of slot have counted. */
    private static final class Rows {
        private final SlotCounters counters;
        private @Nullable Traffic[] bySlot = {};
        /** The sum of a row at its last turn: counters only grow, so that one number tells whether any has. */
        private long[] sums = {};
        /** Whose rates are fading. */
        private final BitSet fading = new BitSet();

        Rows(SlotCounters counters) {
            this.counters = counters;
        }

        void put(int slot, Traffic traffic) {
            if (slot >= sums.length) {
                final int capacity = Math.min(counters.capacity(), Math.max(slot + 1, 2 * sums.length));
                bySlot = Arrays.copyOf(bySlot, capacity);
                sums = Arrays.copyOf(sums, capacity);
            }
            bySlot[slot] = traffic;
            sums[slot] = traffic.seenSum();
            fading.set(slot, !traffic.isQuiet());
        }

        void remove(int slot) {
            bySlot[slot] = null;
        }

        void turn() {
            for (int slot = 0; slot < sums.length; slot++) {
                final Traffic traffic = bySlot[slot];
                if (traffic == null) {
                    continue;
                }
                final long sum = Traffic.sum(counters, slot);
                if (sum != sums[slot] || fading.get(slot)) {
                    sums[slot] = sum;
                    traffic.tick();
                    fading.set(slot, !traffic.isQuiet());
                }
            }
        }
    }

    /** A service is there. */
    void add(ServiceEntry service) {
        services.put(service.slot(), service.traffic());
    }

    /** It is gone. Its servers are told of one by one. */
    void remove(ServiceEntry service) {
        services.remove(service.slot());
    }

    /** A server is there, for the first time or again. */
    void add(DestinationEntry server) {
        servers.put(server.value().slot(), server.traffic());
    }

    /** It is deleted. */
    void remove(DestinationEntry server) {
        servers.remove(server.value().slot());
    }

    /** Takes the turns that are due; without {@code run} they pass unused. */
    void advance(long nowNs, boolean run) {
        while (nowNs - nextNs >= 0) {
            nextNs += EVERY_NS;
            if (run) {
                services.turn();
                servers.turn();
            }
        }
    }
}
