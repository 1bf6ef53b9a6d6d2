package io.weir.sched;

/**
 * The ring of consistent hashing: points with an owner, sorted by place, and found without a binary search.
 *
 * <p>An owner's points are the first ones of a sequence that only its key says: with more points it keeps those it had.
 *
 * <p><b>Layout</b>: one long a point, its place in the upper 48 bits and its owner's index in the lower 16; and for each
 * of as many equal arcs as there are points (at most twice as many) where its first point is. Built by counting the points
 * of each arc, not by comparing: in linear time.
 *
 * <p><b>Thread</b>: any; immutable. <b>Source</b>: Karger et al., "Consistent Hashing and Random Trees", STOC 1997.
 */
final class PointRing {
    private static final long OWNER = 0xFFFF;
    private static final long NEXT_POINT = 0x9E37_79B9_7F4A_7C15L;

    private final long[] points;
    /** The first point of each arc, or of those behind it; one more than there are arcs. */
    private final int[] firstOf;
    /** A place shifted right by this is its arc. */
    private final int shift;

    /**
     * Builds the ring.
     *
     * @param keys of the owners; at most 65,536
     * @param counts points of each owner
     */
    PointRing(long[] keys, int[] counts) {
        int total = 0;
        for (final int count : counts) {
            total += count;
        }
        final int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(total));
        this.points = new long[total];
        this.firstOf = new int[(1 << bits) + 1];
        this.shift = Long.SIZE - bits;
        final long[] unsorted = new long[total];
        int next = 0;
        for (int owner = 0; owner < keys.length; owner++) {
            long sequence = keys[owner];
            for (int i = 0; i < counts[owner]; i++) {
                final long point = FlowKeys.mix(sequence) & ~OWNER | owner;
                sequence += NEXT_POINT;
                unsorted[next++] = point;
                firstOf[(int) (point >>> shift) + 1]++;
            }
        }
        sort(unsorted);
    }

    private void sort(long[] unsorted) {
        for (int arc = 1; arc < firstOf.length; arc++) {
            firstOf[arc] += firstOf[arc - 1];
        }
        final int[] end = firstOf.clone();
        for (final long point : unsorted) {
            final int arc = (int) (point >>> shift);
            int at = end[arc]++;
            while (at > firstOf[arc] && Long.compareUnsigned(points[at - 1], point) > 0) {
                points[at] = points[at - 1];
                at--;
            }
            points[at] = point;
        }
    }

    boolean isEmpty() {
        return points.length == 0;
    }

    int size() {
        return points.length;
    }

    /** The first point at a place or behind it, around the ring's end. */
    int find(long place) {
        final long from = place & ~OWNER;
        int at = firstOf[(int) (place >>> shift)];
        while (at < points.length && Long.compareUnsigned(points[at], from) < 0) {
            at++;
        }
        return at == points.length ? 0 : at;
    }

    /** The point behind one. */
    int next(int point) {
        return point + 1 == points.length ? 0 : point + 1;
    }

    /** The index of the one whose point it is. */
    int owner(int point) {
        return (int) (points[point] & OWNER);
    }
}
