package io.weir.dataplane;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;

/**
 * One handshake with a real server in the way of its service's traffic: what to send, and what came of it.
 *
 * <p><b>Thread</b>: made by anybody, changed by the worker; {@link #outcome} is for any thread.
 */
public final class PathProbe {
    /** What came of it so far. */
    public enum Outcome {
        WAITING,
        /** The server has answered the SYN. */
        OPEN,
        /** The server has answered with a RST. */
        REFUSED,
        /** No packet can be sent that way: no route, or a method whose replies do not come to the director. */
        IMPOSSIBLE
    }

    final IpAddress virtual;
    final int virtualPort;
    final Destination destination;
    long clientHi;
    long clientLo;
    int clientPort;
    int sequence;
    private volatile Outcome outcome = Outcome.WAITING;

    /**
     * Not sent yet; see {@link PathProbes#start}.
     *
     * @param destination of a TCP service; its slot must be in use
     */
    public PathProbe(IpAddress virtual, int virtualPort, Destination destination) {
        this.virtual = virtual;
        this.virtualPort = virtualPort;
        this.destination = destination;
    }

    void outcome(Outcome now) {
        outcome = now;
    }

    /** What came of it so far. */
    public Outcome outcome() {
        return outcome;
    }
}
