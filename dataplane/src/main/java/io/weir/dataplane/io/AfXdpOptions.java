package io.weir.dataplane.io;

import java.util.Set;

/**
 * What may follow {@code xdp:IFNAME?}. Counts of frames are rounded up to powers of two.
 *
 * @param mode where the program runs
 * @param queues receive queues to listen on; 0 = all of the interface
 * @param frames for receiving, for each queue; 0 = {@link #DEFAULT_FRAMES} shared among the queues
 * @param sendFrames for sending
 * @param copy {@code copy}: do not let the driver write into our frames itself
 */
record AfXdpOptions(Mode mode, int queues, int frames, int sendFrames, boolean copy) {
    /** 32 ms of one million frames a second. */
    private static final int DEFAULT_FRAMES = 1 << 15;

    private static final int FEWEST_FRAMES = 1 << 10;
    private static final int DEFAULT_SEND_FRAMES = 1 << 12;
    private static final int MOST_FRAMES = 1 << 17;

    /** Where the XDP program runs. */
    enum Mode {
        /** In the driver if that can, else as {@link #GENERIC}. */
        BEST,
        /** In the driver, before a packet gets a kernel's buffer. */
        NATIVE,
        /** In the kernel's stack: any interface, slower. */
        GENERIC
    }

    static AfXdpOptions parse(DeviceUri uri) {
        uri.allow(Set.of("mode", "queues", "frames", "send", "copy"));
        return new AfXdpOptions(
                mode(uri),
                uri.number("queues", 0, 1, 1 << 10),
                roundUp(uri.number("frames", 0, 64, MOST_FRAMES)),
                roundUp(uri.number("send", DEFAULT_SEND_FRAMES, 64, MOST_FRAMES)),
                uri.has("copy"));
    }

    private static Mode mode(DeviceUri uri) {
        return switch (uri.options().getOrDefault("mode", "best")) {
            case "best" -> Mode.BEST;
            case "native" -> Mode.NATIVE;
            case "generic" -> Mode.GENERIC;
            default -> throw new IllegalArgumentException("option mode of xdp is best, native or generic: mode="
                    + uri.options().get("mode"));
        };
    }

    private static int roundUp(int value) {
        return value < 2 ? value : Integer.highestOneBit(value - 1) << 1;
    }

    /** Frames for receiving of each of so many queues. */
    int framesOfEach(int queueCount) {
        return frames > 0 ? frames : Math.max(FEWEST_FRAMES, DEFAULT_FRAMES / roundUp(queueCount));
    }
}
