package io.weir.service;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What a destination slot stands for; immutable, part of a published snapshot.
 *
 * <p>Connection records name their destination by slot only. A destination that was deleted keeps its slot while
 * connections refer to it: it is still in here, but not available.
 *
 * <p><b>Thread</b>: any. <b>Fails</b>: {@link #of} throws IllegalArgumentException if a slot is used twice.
 */
public final class DestinationTable {
    /** No destination at all. */
    public static final DestinationTable EMPTY = new DestinationTable(new Destination[0][], new int[0][]);

    /** {@link #serviceSlot} of a destination that belongs to no service any more. */
    public static final int NO_SERVICE = -1;

    private static final int PIECE_BITS = 10;
    private static final int PIECE = 1 << PIECE_BITS;
    private static final @Nullable Destination[] NOTHING = new @Nullable Destination[PIECE];
    private static final int[] NOBODY = new int[PIECE];

    static {
        Arrays.fill(NOBODY, NO_SERVICE);
    }

    /** In pieces: what an edit does not touch is the same array in the table before and after. */
    private final @Nullable Destination[][] pieces;

    /** In as many pieces. */
    private final int[][] serviceSlots;

    private DestinationTable(@Nullable Destination[][] pieces, int[][] serviceSlots) {
        this.pieces = pieces;
        this.serviceSlots = serviceSlots;
    }

    /**
     * Builds the table.
     *
     * @param services their destinations are the available ones
     * @param gone deleted destinations that connections still refer to
     */
    public static DestinationTable of(Collection<VirtualService> services, Collection<Destination> gone) {
        final Edit edit = EMPTY.edit();
        for (final VirtualService service : services) {
            for (final Destination destination : service.destinations()) {
                edit.put(destination, service.slot());
            }
        }
        for (final Destination destination : gone) {
            edit.put(destination, NO_SERVICE);
        }
        return edit.done();
    }

    /** Starts the next table from this one; what it costs is a copy of the pieces it touches. */
    public Edit edit() {
        return new Edit(this);
    }

    /**
     * The next table in the making. First take away all that is no longer as it was, then put what is.
     *
     * <p><b>Thread</b>: one. <b>Fails</b>: as {@link DestinationTable#of}.
     */
    public static final class Edit {
        private @Nullable Destination[][] pieces;
        private int[][] serviceSlots;
        /** Which pieces are copies already. */
        private final BitSet copied = new BitSet();

        private Edit(DestinationTable before) {
            this.pieces = before.pieces.clone();
            this.serviceSlots = before.serviceSlots.clone();
        }

        /** Frees a slot. */
        public void clear(int slot) {
            if (slot < pieces.length * PIECE) {
                pieceOf(slot)[slot & PIECE - 1] = null;
                serviceSlots[slot >> PIECE_BITS][slot & PIECE - 1] = NO_SERVICE;
            }
        }

        /** Puts a destination into its slot, which is free; {@link #NO_SERVICE} for a deleted one. */
        public void put(Destination destination, int serviceSlot) {
            final int slot = destination.slot();
            final int room = pieces.length * PIECE;
            if (slot >= room) {
                grow(Math.max(slot + 1, room + room / 2));
            }
            final @Nullable Destination[] piece = pieceOf(slot);
            if (piece[slot & PIECE - 1] != null) {
                throw new IllegalArgumentException("two destinations in one slot: slot=" + slot);
            }
            piece[slot & PIECE - 1] = destination;
            serviceSlots[slot >> PIECE_BITS][slot & PIECE - 1] = serviceSlot;
        }

        private @Nullable Destination[] pieceOf(int slot) {
            final int index = slot >> PIECE_BITS;
            if (!copied.get(index)) {
                copied.set(index);
                pieces[index] = pieces[index].clone();
                serviceSlots[index] = serviceSlots[index].clone();
            }
            return pieces[index];
        }

        private void grow(int least) {
            final int count = (least + PIECE - 1) / PIECE;
            final int known = pieces.length;
            pieces = Arrays.copyOf(pieces, count);
            Arrays.fill(pieces, known, count, NOTHING);
            serviceSlots = Arrays.copyOf(serviceSlots, count);
            Arrays.fill(serviceSlots, known, count, NOBODY);
        }

        /** The table; nothing may be changed in it any more. */
        public DestinationTable done() {
            return new DestinationTable(pieces, serviceSlots);
        }
    }

    /** More than the highest slot in use. */
    public int capacity() {
        return pieces.length * PIECE;
    }

    /** The destination in a slot, available or not, or null if the slot is free. */
    public @Nullable Destination destination(int slot) {
        return slot >= 0 && slot < pieces.length * PIECE ? pieces[slot >> PIECE_BITS][slot & PIECE - 1] : null;
    }

    /** The slot of the service it belongs to; {@link #NO_SERVICE} if it was deleted or the slot is free. */
    public int serviceSlot(int slot) {
        return slot >= 0 && slot < pieces.length * PIECE
                ? serviceSlots[slot >> PIECE_BITS][slot & PIECE - 1]
                : NO_SERVICE;
    }

    /** Is it in its service's list? The kernel's IP_VS_DEST_F_AVAILABLE. */
    public boolean isAvailable(int slot) {
        return serviceSlot(slot) != NO_SERVICE;
    }

    /** An untouched piece is the same object. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(int[] a, int[] b) {
        return a == b;
    }

    /** Was a destination available in an earlier table that is not here? */
    public boolean lacksAnyOf(DestinationTable earlier) {
        for (int piece = 0; piece < earlier.pieces.length; piece++) {
            if (piece < pieces.length && same(serviceSlots[piece], earlier.serviceSlots[piece])) {
                continue;
            }
            for (int slot = piece << PIECE_BITS; slot < piece + 1 << PIECE_BITS; slot++) {
                if (earlier.isAvailable(slot) && !isAvailable(slot)) {
                    return true;
                }
            }
        }
        return false;
    }
}
