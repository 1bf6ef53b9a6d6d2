package io.weir.conntrack;

import org.agrona.UnsafeApi;

/**
 * Four numbers each for a few connections whose record has no room for them: FTP control connections under FULLNAT.
 *
 * <p><b>Layout</b>: the last {@link #COUNT} of the region of local addresses, which nobody has so many of; in a file they
 * outlive the process as the records do. A record names its note by a number from 1 up.
 *
 * <p><b>Owner</b>: one table; who has which note is known from the records, and told anew when they are taken over.
 */
final class HelperNotes {
    static final int COUNT = 4096;
    /** No note. */
    static final int NONE = 0;

    private static final int NUMBERS = 4;
    private static final int FIRST = LocalAddresses.COUNT - COUNT;

    private final Region region;
    private final boolean[] taken;
    private int next;

    HelperNotes(Region region, boolean any) {
        this.region = region;
        this.taken = new boolean[any ? COUNT : 0];
    }

    /** A note with four zeros, or NONE if all are taken. */
    int take() {
        for (int tries = 0; tries < taken.length; tries++) {
            final int i = next;
            next = (next + 1) % taken.length;
            if (!taken[i]) {
                taken[i] = true;
                UnsafeApi.setMemory(address(i + 1), NUMBERS * Integer.BYTES, (byte) 0);
                return i + 1;
            }
        }
        return NONE;
    }

    /** Says that a record taken over has this note; false if there is no such note, or another record has it. */
    boolean claim(int note) {
        if (note <= NONE || note > taken.length || taken[note - 1]) {
            return false;
        }
        taken[note - 1] = true;
        return true;
    }

    void free(int note) {
        taken[note - 1] = false;
    }

    int get(int note, int number) {
        return UnsafeApi.getInt(address(note) + (long) number * Integer.BYTES);
    }

    void put(int note, int number, int value) {
        UnsafeApi.putInt(address(note) + (long) number * Integer.BYTES, value);
    }

    void copy(int note, HelperNotes from, int other) {
        UnsafeApi.copyMemory(from.address(other), address(note), NUMBERS * Integer.BYTES);
    }

    private long address(int note) {
        return region.address(FIRST + note - 1);
    }
}
