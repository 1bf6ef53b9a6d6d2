package io.weir.dataplane;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import org.jspecify.annotations.Nullable;

/**
 * One conversation of the director with a real server in the way of its service's traffic.
 *
 * <p>An ordinary socket, bound to {@link #own} and {@link #port}, speaks to {@link #peer} and {@link #peerPort}; on the wire
 * that is a client that speaks to the VIP, and this very server answers. {@link PathLanes} translates.
 *
 * <p><b>Thread</b>: made by the owner of the socket; a worker finds out what {@link #isKnown} covers, any may read it then.
 */
public final class PathLane {
    final int protocol;
    final IpAddress virtual;
    final int virtualPort;
    final Destination destination;
    final IpAddress own;
    final IpAddress peer;
    final int port;
    private final @Nullable IpAddress from;

    long sourceHi;
    long sourceLo;
    /** Of the socket's echo requests. */
    int identifier;

    private volatile boolean known;

    PathLane(
            int protocol,
            IpAddress virtual,
            int virtualPort,
            Destination destination,
            @Nullable IpAddress from,
            IpAddress own,
            IpAddress peer,
            int port) {
        this.protocol = protocol;
        this.virtual = virtual;
        this.virtualPort = virtualPort;
        this.destination = destination;
        this.from = from;
        this.own = own;
        this.peer = peer;
        this.port = port;
    }

    /** The address the socket is bound to. */
    public IpAddress own() {
        return own;
    }

    /** The port the socket is bound to; means nothing for ICMP. */
    public int port() {
        return port;
    }

    /** The address the socket speaks to. */
    public IpAddress peer() {
        return peer;
    }

    /** The port the socket speaks to. */
    public int peerPort() {
        return virtualPort;
    }

    /**
     * Sets whom the server sees, at the first packet: an address asked for; under NAT, where the way back must lead through
     * the director, one that nobody else can be reached by; else the director's own towards the server.
     */
    void source(boolean translated, long hi, long lo) {
        final IpAddress instead = from == null && translated ? peer : from;
        sourceHi = instead == null ? hi : instead.hi();
        sourceLo = instead == null ? lo : instead.lo();
        known = true;
    }

    /** Has a packet left, so that an answer may come? */
    boolean isKnown() {
        return known;
    }

    boolean isIcmp() {
        return protocol == ProtocolNumbers.ICMP || protocol == ProtocolNumbers.ICMPV6;
    }

    /** Is this the client the server sees? */
    boolean isSource(long hi, long lo) {
        return known && sourceLo == lo && sourceHi == hi;
    }
}
