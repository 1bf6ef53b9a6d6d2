package io.weir.conntrack;

import static io.weir.conntrack.ConnectionLayout.DESTINATION_HI;
import static io.weir.conntrack.ConnectionLayout.DESTINATION_LO;
import static io.weir.conntrack.ConnectionLayout.DESTINATION_PORT_SHIFT;
import static io.weir.conntrack.ConnectionLayout.FLAGS_SHIFT;
import static io.weir.conntrack.ConnectionLayout.METHOD_SHIFT;
import static io.weir.conntrack.ConnectionLayout.NIBBLE;
import static io.weir.conntrack.ConnectionLayout.PACKED;
import static io.weir.conntrack.ConnectionLayout.PORTS_FLAGS;
import static io.weir.conntrack.ConnectionLayout.SLOT_MASK;
import static io.weir.conntrack.ConnectionLayout.STATE_SHIFT;
import static io.weir.conntrack.ConnectionLayout.VIRTUAL_HI;
import static io.weir.conntrack.ConnectionLayout.VIRTUAL_LO;
import static io.weir.conntrack.ConnectionLayout.VIRTUAL_PORT_SHIFT;

import org.agrona.UnsafeApi;

/**
 * The fields of a hot line by its address, for the packet path: it asks the table once where a record lies
 * ({@link ConnectionTable#recordAddress}) and not again for every field.
 *
 * <p>An address is good as long as the table is open and the record is in use; nothing here checks that.
 *
 * <p><b>Layout, units</b>: {@link ConnectionLayout}. <b>Thread</b>: the table's worker.
 */
public final class HotRecord {
    private static final int PORT = 0xFFFF;

    private HotRecord() {}

    /** Slot, state, method and protocol in one word, for who wants several of them: {@code slotOf} and its like. */
    public static int packed(long at) {
        return UnsafeApi.getInt(at + PACKED);
    }

    public static int slotOf(int packed) {
        return packed & SLOT_MASK;
    }

    public static int methodOf(int packed) {
        return packed >>> METHOD_SHIFT & NIBBLE;
    }

    public static int stateOf(int packed) {
        return packed >>> STATE_SHIFT & NIBBLE;
    }

    /** The slot of the destination, or {@link ConnectionTable#NO_DESTINATION}. */
    public static int destinationSlot(long at) {
        return slotOf(packed(at));
    }

    public static int methodCode(long at) {
        return methodOf(packed(at));
    }

    public static int state(long at) {
        return stateOf(packed(at));
    }

    /** Of {@link ConnectionFlags}. */
    public static int flags(long at) {
        return (int) (UnsafeApi.getLong(at + PORTS_FLAGS) >>> FLAGS_SHIFT);
    }

    public static boolean hasFlags(long at, int flags) {
        return (flags(at) & flags) == flags;
    }

    public static long virtualHi(long at) {
        return UnsafeApi.getLong(at + VIRTUAL_HI);
    }

    public static long virtualLo(long at) {
        return UnsafeApi.getLong(at + VIRTUAL_LO);
    }

    public static int virtualPort(long at) {
        return (int) (UnsafeApi.getLong(at + PORTS_FLAGS) >>> VIRTUAL_PORT_SHIFT) & PORT;
    }

    public static long destinationHi(long at) {
        return UnsafeApi.getLong(at + DESTINATION_HI);
    }

    public static long destinationLo(long at) {
        return UnsafeApi.getLong(at + DESTINATION_LO);
    }

    public static int destinationPort(long at) {
        return (int) (UnsafeApi.getLong(at + PORTS_FLAGS) >>> DESTINATION_PORT_SHIFT) & PORT;
    }
}
