package io.weir.dataplane;

/**
 * Path MTUs learnt from "fragmentation needed" errors, by the address of the real server: whatever service it serves, the
 * way to it is the same.
 *
 * <p>A learnt value ages out after 10 minutes, as the kernel's routes' do (ip_rt_mtu_expires). Addresses are kept in sets of
 * four; a new one takes the place of the one learnt longest ago.
 *
 * <p><b>Owner</b>: one worker. <b>Source</b>: ipv4_update_pmtu() of the Linux kernel.
 */
final class PathMtu {
    private static final int EXPIRES_TICKS = 600 * 100;
    /** The kernel's min_pmtu. */
    private static final int SMALLEST = 552;

    private static final int SETS = 256;
    private static final int WAYS = 4;
    private static final int NONE = -1;

    private final long[] addressHi = new long[SETS * WAYS];
    private final long[] addressLo = new long[SETS * WAYS];
    private final int[] mtu = new int[SETS * WAYS];
    private final int[] until = new int[SETS * WAYS];
    /** Was it asked for since it was learnt first? */
    private final boolean[] used = new boolean[SETS * WAYS];

    private int changes;

    /** Notes that packets to this address must not be larger than {@code bytes}; what is larger than known is not believed. */
    void learn(long hi, long lo, int bytes, int routeMtu, int nowTick) {
        int i = find(hi, lo);
        if (routeMtu < bytes || i != NONE && until[i] - nowTick > 0 && mtu[i] < bytes) {
            return;
        }
        if (i == NONE) {
            i = oldest(hi, lo);
            used[i] = false;
        }
        addressHi[i] = hi;
        addressLo[i] = lo;
        mtu[i] = Math.max(bytes, SMALLEST);
        until[i] = nowTick + EXPIRES_TICKS;
        changes++;
    }

    /** Changes whenever something is learnt. */
    int changes() {
        return changes;
    }

    /** The smaller of the route's MTU and what was learnt. */
    int of(long hi, long lo, int routeMtu, int nowTick) {
        if (changes == 0) {
            return routeMtu;
        }
        final int i = find(hi, lo);
        if (i == NONE) {
            return routeMtu;
        }
        if (until[i] - nowTick <= 0) {
            mtu[i] = 0;
            return routeMtu;
        }
        used[i] = true;
        return Math.min(routeMtu, mtu[i]);
    }

    /**
     * What the sender of a packet that was too large is told, when something was just learnt: the kernel's cached route has
     * a path MTU of its own only once a packet was sent since the first was learnt.
     */
    int told(long hi, long lo, int routeMtu) {
        final int i = find(hi, lo);
        return i == NONE || !used[i] ? routeMtu : Math.min(routeMtu, mtu[i]);
    }

    private static int set(long hi, long lo) {
        return (int) ((hi ^ lo * 0x9E3779B97F4A7C15L) * 0xC2B2AE3D27D4EB4FL >>> 56) * WAYS;
    }

    private int find(long hi, long lo) {
        final int first = set(hi, lo);
        for (int i = first; i < first + WAYS; i++) {
            if (mtu[i] != 0 && addressLo[i] == lo && addressHi[i] == hi) {
                return i;
            }
        }
        return NONE;
    }

    private int oldest(long hi, long lo) {
        final int first = set(hi, lo);
        int oldest = first;
        for (int i = first; i < first + WAYS; i++) {
            if (mtu[i] == 0) {
                return i;
            }
            if (until[i] - until[oldest] < 0) {
                oldest = i;
            }
        }
        return oldest;
    }
}
