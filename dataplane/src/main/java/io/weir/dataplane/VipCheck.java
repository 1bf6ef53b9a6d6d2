package io.weir.dataplane;

import io.weir.dataplane.route.LocalAddresses;

/**
 * Is this address a VIP? Asked for every packet; most are for the VIP of the one before.
 *
 * <p><b>Owner</b>: one worker.
 */
final class VipCheck {
    private LocalAddresses vips = LocalAddresses.EMPTY;
    private boolean known;
    private long lastHi;
    private long lastLo;

    /** Takes a new set; between batches. */
    void take(LocalAddresses newVips) {
        vips = newVips;
        known = false;
    }

    boolean contains(long hi, long lo) {
        if (known && lo == lastLo && hi == lastHi) {
            return true;
        }
        if (!vips.contains(hi, lo)) {
            return false;
        }
        known = true;
        lastHi = hi;
        lastLo = lo;
        return true;
    }
}
