package io.weir.bench.wire;

import io.weir.bench.wire.WireFrames.Change;
import java.io.IOException;

/**
 * One forwarder.
 *
 * @param name as in {@code --only}
 * @param what a line about it
 * @param change what it does to a frame
 * @param starter makes it forward
 */
record Contestant(String name, String what, Change change, Starter starter) {
    boolean isOurs() {
        return name.startsWith("weir");
    }

    /** Makes a forwarder work in a lab. */
    @FunctionalInterface
    interface Starter {
        /** Returns when it forwards, or is about to; closing stops it. */
        AutoCloseable start(WireLab lab) throws IOException;
    }
}
