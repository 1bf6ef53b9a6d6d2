package io.weir.dataplane;

import org.jspecify.annotations.Nullable;

/**
 * The ports that conversations of the director's own are using: no FULLNAT connection may get one of them, or the answers
 * to both would be the same.
 *
 * <p><b>Owner</b>: one worker.
 */
public final class LanePorts {
    private @Nullable PathTun tun;

    void serve(@Nullable PathTun lanes) {
        tun = lanes;
    }

    /** The lanes served, or null. */
    @Nullable
    PathTun lanes() {
        return tun;
    }

    /** Does a conversation use it now? */
    public boolean isTaken(int port) {
        final PathTun lanes = tun;
        return lanes != null && !lanes.isIdle() && lanes.ofPort(port) != null;
    }
}
