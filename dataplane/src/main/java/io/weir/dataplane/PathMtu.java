package io.weir.dataplane;

import java.util.Arrays;

/**
 * Path MTUs learnt from "fragmentation needed" errors, by destination slot.
 *
 * <p>A learnt value ages out after 10 minutes, as the kernel's routes' do (ip_rt_mtu_expires). <b>Owner</b>: one worker.
 * Storage grows only when an error names a slot for the first time.
 */
final class PathMtu {
    private static final int EXPIRES_TICKS = 600 * 100;
    /** The kernel's min_pmtu. */
    private static final int SMALLEST = 552;

    private int[] mtu = new int[0];
    private int[] until = new int[0];
    private int changes;

    /** Notes that packets to the destination in {@code slot} must not be larger than {@code bytes}. */
    void learn(int slot, int bytes, int nowTick) {
        if (slot >= mtu.length) {
            mtu = Arrays.copyOf(mtu, slot + 64);
            until = Arrays.copyOf(until, slot + 64);
        }
        mtu[slot] = Math.max(bytes, SMALLEST);
        until[slot] = nowTick + EXPIRES_TICKS;
        changes++;
    }

    /** Changes whenever something is learnt. */
    int changes() {
        return changes;
    }

    /** The smaller of the route's MTU and what was learnt. */
    int of(int slot, int routeMtu, int nowTick) {
        if (slot >= mtu.length || mtu[slot] == 0) {
            return routeMtu;
        }
        if (until[slot] - nowTick <= 0) {
            mtu[slot] = 0;
            return routeMtu;
        }
        return Math.min(routeMtu, mtu[slot]);
    }
}
