package io.weir.dataplane.route;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A few packets that wait for their next hop's MAC address, copied into memory of their own.
 *
 * <p>The worker takes those that are ready with {@link #poll}, sends or answers them, and gives each slot back with
 * {@link #free}. Packets are kept from layer 3 on; {@link #HEADROOM} free bytes lie before each.
 *
 * <p><b>Owner</b>: the worker that owns the {@link NeighbourTable}. <b>Fails</b>: packets that find no slot, or are too
 * long for one, are counted by {@link #overflows} and not kept.
 */
public final class FramePark {
    /** Bytes before a parked packet that may be overwritten. */
    public static final int HEADROOM = 64;
    /** No slot. */
    public static final int NONE = -1;

    private static final int SLOTS = 256;
    private static final int SLOT_BYTES = 2048;
    /** A large datagram's fragments fit; the kernel's queue is bounded by bytes, to about as many. */
    static final int PER_NEIGHBOUR = 64;

    private static final int FREE = 0;
    private static final int WAITING = 1;
    private static final int READY = 2;
    private static final int LOST = 3;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(SLOTS * SLOT_BYTES));
    private final int[] state = new int[SLOTS];
    private final int[] interfaceIndex = new int[SLOTS];
    private final long[] hi = new long[SLOTS];
    private final long[] lo = new long[SLOTS];
    private final long[] mac = new long[SLOTS];
    private final int[] length = new int[SLOTS];
    private final long[] order = new long[SLOTS];
    private long nextOrder;
    private int used;
    private int ready;
    private long overflows;

    FramePark() {}

    boolean put(int ifIndex, long nextHi, long nextLo, UnsafeBuffer source, int offset, int bytes) {
        final int slot = bytes > SLOT_BYTES - HEADROOM ? NONE : slotFor(ifIndex, nextHi, nextLo);
        if (slot == NONE) {
            overflows++;
            return false;
        }
        if (state[slot] == FREE) {
            used++;
        }
        state[slot] = WAITING;
        interfaceIndex[slot] = ifIndex;
        hi[slot] = nextHi;
        lo[slot] = nextLo;
        length[slot] = bytes;
        order[slot] = nextOrder++;
        memory.putBytes(offset(slot), source, offset, bytes);
        return true;
    }

    /** A free slot, or the neighbour's oldest if it has its share already. */
    private int slotFor(int ifIndex, long nextHi, long nextLo) {
        int free = NONE;
        int oldest = NONE;
        int held = 0;
        for (int i = 0; i < SLOTS; i++) {
            if (state[i] == FREE) {
                free = i;
            } else if (waitsFor(i, ifIndex, nextHi, nextLo)) {
                held++;
                if (oldest == NONE || order[i] < order[oldest]) {
                    oldest = i;
                }
            }
        }
        if (held >= PER_NEIGHBOUR) {
            overflows++;
            return oldest;
        }
        return free;
    }

    private boolean waitsFor(int i, int ifIndex, long nextHi, long nextLo) {
        return state[i] == WAITING && lo[i] == nextLo && hi[i] == nextHi && interfaceIndex[i] == ifIndex;
    }

    void resolve(int ifIndex, long nextHi, long nextLo, long address) {
        mark(ifIndex, nextHi, nextLo, READY, address);
    }

    void fail(int ifIndex, long nextHi, long nextLo) {
        mark(ifIndex, nextHi, nextLo, LOST, NeighbourTable.UNRESOLVED);
    }

    private void mark(int ifIndex, long nextHi, long nextLo, int newState, long address) {
        if (used == 0) {
            return;
        }
        for (int i = 0; i < SLOTS; i++) {
            if (waitsFor(i, ifIndex, nextHi, nextLo)) {
                state[i] = newState;
                mac[i] = address;
                ready++;
            }
        }
    }

    /** The oldest packet that waits no more, or {@link #NONE}; the same one until it is freed. */
    public int poll() {
        if (ready == 0) {
            return NONE;
        }
        int oldest = NONE;
        for (int i = 0; i < SLOTS; i++) {
            if (state[i] >= READY && (oldest == NONE || order[i] < order[oldest])) {
                oldest = i;
            }
        }
        return oldest;
    }

    /** Did the next hop fail to answer? Such a packet is to be dropped, or answered "host unreachable". */
    public boolean isLost(int slot) {
        return state[slot] == LOST;
    }

    /** Gives a polled slot back. */
    public void free(int slot) {
        if (state[slot] >= READY) {
            ready--;
            used--;
            state[slot] = FREE;
        }
    }

    /** The memory that {@link #offset} points into. */
    public UnsafeBuffer buffer() {
        return memory;
    }

    /** Where the packet's IP header begins. */
    public int offset(int slot) {
        return slot * SLOT_BYTES + HEADROOM;
    }

    /** Bytes of the packet, from the IP header on. */
    public int length(int slot) {
        return length[slot];
    }

    /** The interface it was to leave by. */
    public int interfaceIndex(int slot) {
        return interfaceIndex[slot];
    }

    /** The next hop's MAC address. */
    public long mac(int slot) {
        return mac[slot];
    }

    /** Packets held, waiting or ready. */
    public int size() {
        return used;
    }

    /** Packets that were not kept, or gave way to a later one. */
    public long overflows() {
        return overflows;
    }

    /** Forgets all. */
    public void clear() {
        Arrays.fill(state, FREE);
        used = 0;
        ready = 0;
    }
}
