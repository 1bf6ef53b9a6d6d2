package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.ServiceSettings.Endpoint;
import io.weir.dataplane.PathLane;
import org.jspecify.annotations.Nullable;

/**
 * The way of a service's traffic, as long as one conversation of a check takes.
 *
 * <p><b>Thread</b>: {@code weir-health}.
 */
final class ServicePath {
    /** Both ends of a connection still say goodbye when its socket is closed. */
    private static final long LINGER_MS = 2_000;

    private final CheckLoop loop;
    private final PathLane lane;

    private ServicePath(CheckLoop loop, PathLane lane) {
        this.loop = loop;
        this.lane = lane;
    }

    /** Null if there is none: then the check goes to the server's own address. */
    static @Nullable ServicePath open(CheckSettings check, CheckLoop loop, int protocol) {
        final PathLane lane =
                loop.director().lane(check.place(), protocol, check.endpoint().bindAddress());
        return lane == null ? null : new ServicePath(loop, lane);
    }

    /** Where the conversation's socket goes, and from where. */
    Endpoint endpoint() {
        return new Endpoint(lane.peer(), lane.peerPort(), lane.own(), lane.port(), "", 0);
    }

    void leave() {
        loop.after(LINGER_MS, () -> loop.director().leave(lane));
    }

    /** A result, and which way it was found. */
    static CheckResult said(CheckResult result) {
        return new CheckResult(result.up(), result.why() + " through the service's path", result.weight());
    }
}
