package io.weir.dataplane.io;

import java.util.Set;

/**
 * What may follow {@code afpacket:eth0?}. Sizes and counts of slots are rounded up to powers of two.
 *
 * @param blockRing {@code v3}: TPACKET_V3 instead of V2
 * @param slots V2: slots of the receive ring; 0 = as many as 128 MiB hold, at most 65536
 * @param slotBytes V2: bytes of a slot; 0 = the next power of two that holds a frame of the MTU
 * @param blocks V3: blocks of the receive ring
 * @param blockBytes V3: bytes of a block
 * @param retireMs V3: a block that is not full is handed over after this time
 * @param sendSlots slots of the transmit ring
 * @param offloads carry partial checksums and super-frames ({@code novnet} switches that off)
 * @param keepMerging {@code gro}: leave the interface's receive merging as it is
 * @param bypassQueue {@code bypass}: send past the queueing discipline; a busy queue then drops silently
 * @param sendPlainDirect {@code direct}, and V3 without {@code nodirect}: send plain frames by {@link DirectTransmitter}
 */
record AfPacketOptions(
        boolean blockRing,
        int slots,
        int slotBytes,
        int blocks,
        int blockBytes,
        int retireMs,
        int sendSlots,
        boolean offloads,
        boolean keepMerging,
        boolean bypassQueue,
        boolean sendPlainDirect) {
    /** 64 ms of one million frames a second. */
    static final int DEFAULT_SLOTS = 65_536;

    private static final int FEWEST_SLOTS = 16;
    private static final int SHORTEST_SLOT_BYTES = 256;
    private static final int DEFAULT_BLOCKS = 64;
    private static final int DEFAULT_BLOCK_BYTES = 1 << 18;
    private static final int DEFAULT_SEND_SLOTS = 4_096;
    private static final long MOST_RING_BYTES = 128L << 20;
    private static final Set<String> KNOWN = Set.of(
            "v2",
            "v3",
            "slots",
            "slot",
            "blocks",
            "block",
            "retire",
            "send",
            "novnet",
            "gro",
            "bypass",
            "direct",
            "nodirect");

    static AfPacketOptions parse(DeviceUri uri) {
        uri.allow(KNOWN);
        final AfPacketOptions options = new AfPacketOptions(
                uri.has("v3"),
                roundUp(uri.number("slots", 0, 0, 1 << 20)),
                roundUp(uri.number("slot", 0, 0, 1 << 17)),
                uri.number("blocks", DEFAULT_BLOCKS, 2, 4_096),
                roundUp(uri.number("block", DEFAULT_BLOCK_BYTES, 1 << 16, 1 << 24)),
                uri.number("retire", 1, 1, 1_000),
                roundUp(uri.number("send", DEFAULT_SEND_SLOTS, 1 << 6, 1 << 16)),
                !uri.has("novnet"),
                uri.has("gro"),
                uri.has("bypass"),
                uri.has("direct") || uri.has("v3") && !uri.has("nodirect"));
        options.requireSmall("blocks", options.blocks, "block", options.blockBytes);
        return options;
    }

    /** A ring is mapped as one buffer, which is addressed by ints. */
    private void requireSmall(String count, int many, String size, int bytes) {
        if ((long) many * bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a ring has less than 2 GiB: " + count + "=" + many + " " + size + "=" + bytes);
        }
    }

    /** To a power of two; 0 stays 0. */
    private static int roundUp(int value) {
        return value < 2 ? value : Integer.highestOneBit(value - 1) << 1;
    }

    /** Bytes of a receive slot. */
    int receiveSlotBytes(int overheadBytes, int longestFrame) {
        return slotBytes > 0 ? Math.max(SHORTEST_SLOT_BYTES, slotBytes) : sendSlotBytes(overheadBytes + longestFrame);
    }

    /** Slots of the receive ring. */
    int receiveSlots(int bytesPerSlot) {
        final int wanted = slots > 0
                ? Math.max(FEWEST_SLOTS, slots)
                : (int) Math.min(DEFAULT_SLOTS, MOST_RING_BYTES / bytesPerSlot);
        requireSmall("slots", wanted, "slot", bytesPerSlot);
        return wanted;
    }

    /** Bytes of a slot for frames of the MTU and what comes with them. */
    static int sendSlotBytes(int needed) {
        return Math.max(1 << 11, roundUp(needed));
    }
}
