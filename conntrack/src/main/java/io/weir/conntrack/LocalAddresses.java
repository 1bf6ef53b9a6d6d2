package io.weir.conntrack;

import org.agrona.UnsafeApi;

/**
 * FULLNAT's local addresses (LIPs) by index, so that a record needs two bytes for one instead of sixteen.
 *
 * <p><b>Owner</b>: one table; in its file, since the records mean nothing without it. The control plane hands out the
 * indexes.
 */
final class LocalAddresses implements AutoCloseable {
    /** Indexes 0 .. 65534. */
    static final int COUNT = 65_535;

    static final int BYTES = 16;

    private final Region addresses;
    private final int[] users = new int[COUNT];

    LocalAddresses(Region addresses) {
        this.addresses = addresses;
    }

    long hi(int index) {
        return UnsafeApi.getLong(addresses.address(index));
    }

    long lo(int index) {
        return UnsafeApi.getLong(addresses.address(index) + Long.BYTES);
    }

    /** False if the index stands for another address that connections still use. */
    boolean set(int index, long hi, long lo) {
        if (users[index] > 0 && (hi(index) != hi || lo(index) != lo)) {
            return false;
        }
        final long at = addresses.address(index);
        UnsafeApi.putLong(at, hi);
        UnsafeApi.putLong(at + Long.BYTES, lo);
        return true;
    }

    int users(int index) {
        return users[index];
    }

    void changeUsers(int index, int delta) {
        users[index] += delta;
    }

    @Override
    public void close() {
        addresses.close();
    }
}
