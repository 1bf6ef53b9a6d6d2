package io.weir.dataplane;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import java.util.List;
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
    private static final int NO_LOCAL = -1;
    private static final int REFUSED = -2;
    private static final long NO_SEQUENCE = -1;

    /**
     * Where conversations lead.
     *
     * @param virtual of the destination's family
     * @param destination its slot must be in use
     * @param locals the local addresses of a FULLNAT service; empty: any of the director's
     * @param toa is the server told of clients by {@code ToaOption}?
     */
    public record Way(
            IpAddress virtual, int virtualPort, Destination destination, List<IpAddress> locals, boolean toa) {}

    private final Way way;
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
    private volatile int local = NO_LOCAL;
    private volatile long serverSequence = NO_SEQUENCE;

    PathLane(int protocol, Way way, @Nullable IpAddress from, IpAddress own, IpAddress peer, int port) {
        this.way = way;
        this.protocol = protocol;
        this.virtual = way.virtual();
        this.virtualPort = way.virtualPort();
        this.destination = way.destination();
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

    /** Could it not be had, because of {@link PathLanes#claim}? */
    public boolean isRefused() {
        return local == REFUSED;
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

    boolean maySpeakFrom(IpAddress address) {
        return way.locals().isEmpty() || way.locals().contains(address);
    }

    /** Sets the local address the server sees under FULLNAT, and its place in the configuration. */
    void local(int index, IpAddress address) {
        sourceHi = address.hi();
        sourceLo = address.lo();
        local = index;
        known = true;
    }

    boolean hasLocal() {
        return local >= 0;
    }

    int localIndex() {
        return local;
    }

    void refuse() {
        local = REFUSED;
    }

    /** Is the server told whom it speaks to? */
    boolean announces() {
        return way.toa();
    }

    /** The server's first sequence number, which says when it has been told. */
    void replied(int sequence) {
        serverSequence = sequence & 0xFFFF_FFFFL;
    }

    boolean hasReplied() {
        return serverSequence != NO_SEQUENCE;
    }

    int serverSequence() {
        return (int) serverSequence;
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
