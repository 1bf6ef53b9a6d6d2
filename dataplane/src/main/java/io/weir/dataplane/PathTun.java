package io.weir.dataplane;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.TunSocket;
import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The TUN interface between the director's own sockets and its {@link PathLanes}: what the host's stack sends to a lane's
 * peer goes to a worker, and what a worker has translated comes back to the socket.
 *
 * <p>Every lane has a peer address and a port of its own, so that no two conversations of a minute are between the same
 * ends. The addresses are of networks for benchmarks (RFC 2544) and of a unique local one (RFC 4193); none leaves the
 * director but under NAT as the client's.
 *
 * <p><b>Thread</b>: {@link #lane} and {@link #leave} by one at a time, {@link #await} and {@link #receive} by one; workers find
 * lanes and write. <b>Owner</b>: workers must have let go of it before {@link #close}.
 */
public final class PathTun implements AutoCloseable {
    /** Above the ports that Linux takes for its own connections. */
    public static final int FIRST_PORT = 61_000;

    /** The last one. */
    public static final int LAST_PORT = 64_999;

    /** Length of the IPv4 network. */
    public static final int LENGTH4 = 20;

    /** Length of the IPv6 network. */
    public static final int LENGTH6 = 64;

    private static final int PORTS = LAST_PORT - FIRST_PORT + 1;
    private static final int HOSTS = 4_000;
    private static final int MOST_LANES = 3_500;
    private static final int FIRST_HOST = 2;
    private static final long BASE4 = 0xC612_0000L;
    private static final long BASE6 = 0xFD77_6569_7200_0000L;
    private static final int MOST_TUNS = 32;
    private static final int MOST_AT_ONCE = 64;
    /** Room for an outer header within any path's 1500. */
    private static final int MTU = 1_400;

    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_DESTINATION = 24;
    private static final int IPV6_HEADER = 40;

    /** A packet on its way to a worker. */
    public static final class Outgoing {
        final PathLane lane;
        final UnsafeBuffer bytes;

        Outgoing(PathLane lane, UnsafeBuffer bytes) {
            this.lane = lane;
            this.bytes = bytes;
        }
    }

    private final String name;
    private final int number;
    private final int fd;
    private final AtomicReferenceArray<@Nullable PathLane> byPort = new AtomicReferenceArray<>(PORTS);
    private final AtomicReferenceArray<@Nullable PathLane> byHost = new AtomicReferenceArray<>(HOSTS);
    private final AtomicInteger open = new AtomicInteger();
    private final UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(MTU));
    private int nextPort;
    private int nextHost;

    /** A descriptor that gives and takes packets. */
    PathTun(String name, int number, int fd) {
        this.name = name;
        this.number = number;
        this.fd = fd;
    }

    /** Makes the interface, up and without addresses: {@link #own} belongs on it. Fails with a {@link NativeException}. */
    public static PathTun open() {
        NativeException last = null;
        for (int i = 0; i < MOST_TUNS; i++) {
            final String name = "weirpath" + i;
            try {
                final int fd = TunSocket.open(name);
                try (InterfaceControl control = new InterfaceControl(name)) {
                    control.mtu(MTU);
                    control.up();
                    return new PathTun(name, i, fd);
                } catch (RuntimeException e) {
                    LibC.close(fd);
                    throw e;
                }
            } catch (NativeException e) {
                // Another director has it.
                last = e;
            }
        }
        throw last == null ? new IllegalStateException("no interface tried") : last;
    }

    /** The interface's name. */
    public String name() {
        return name;
    }

    /** The address that sockets are bound to; on the interface, with {@link #LENGTH4} or {@link #LENGTH6}. */
    public IpAddress own(boolean v4) {
        return host(v4, 1);
    }

    private IpAddress host(boolean v4, int host) {
        return v4
                ? new IpAddress(0, IpAddress.v4((int) (BASE4 + ((long) number << 32 - LENGTH4) + host)))
                : new IpAddress(BASE6 + ((long) number << 16), host);
    }

    /**
     * Opens a lane; {@link #leave} ends it. Every worker has to {@link PathLanes#claim} it before it is used.
     *
     * @param from whom the server is to see; null: the best choice
     * @return null if there are too many
     */
    public @Nullable PathLane lane(int protocol, PathLane.Way way, @Nullable IpAddress from) {
        if (open.get() >= MOST_LANES) {
            return null;
        }
        do {
            nextPort = (nextPort + 1) % PORTS;
        } while (byPort.get(nextPort) != null);
        do {
            nextHost = (nextHost + 1) % (HOSTS - 1);
        } while (byHost.get(nextHost) != null);
        final boolean v4 = way.virtual().isV4();
        final IpAddress peer = host(v4, nextHost + FIRST_HOST);
        final PathLane lane = new PathLane(protocol, way, from, own(v4), peer, FIRST_PORT + nextPort);
        byPort.set(nextPort, lane);
        byHost.set(nextHost, lane);
        open.incrementAndGet();
        return lane;
    }

    /** Ends a lane; what still comes for it is not taken. */
    public void leave(PathLane lane) {
        final int at = lane.port - FIRST_PORT;
        if (byPort.get(at) == lane) {
            byPort.set(at, null);
            byHost.set(
                    (int) (lane.peer.lo() - host(lane.peer.isV4(), FIRST_HOST).lo()), null);
            open.decrementAndGet();
        }
    }

    /** Is there no lane at all? */
    boolean isIdle() {
        return open.get() == 0;
    }

    /** The lane of this port, or null. */
    @Nullable
    PathLane ofPort(int port) {
        return port < FIRST_PORT || port > LAST_PORT ? null : byPort.get(port - FIRST_PORT);
    }

    /** Gives the host's stack a packet; without room for it, it is lost like on any wire. */
    boolean write(UnsafeBuffer buffer, int at, int length) {
        return LibC.write(fd, buffer.addressOffset() + at, length) == length;
    }

    /** Waits until sockets have sent something, or time is over. */
    public void await(int timeoutMs) {
        TunSocket.await(fd, timeoutMs);
    }

    /** What sockets have sent so far, for {@link PathLanes#send}; what is of no lane is forgotten. */
    public List<Outgoing> receive() {
        final List<Outgoing> packets = new ArrayList<>();
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            final long got = LibC.read(fd, packet.addressOffset(), MTU);
            if (got <= 0) {
                break;
            }
            final Outgoing next = take(packet, (int) got);
            if (next != null) {
                packets.add(next);
            }
        }
        return packets;
    }

    /** A socket's packet, if it is of a lane. */
    @Nullable
    Outgoing take(UnsafeBuffer from, int length) {
        final PathLane lane = lane(from, length);
        if (lane == null) {
            return null;
        }
        final UnsafeBuffer copy = new UnsafeBuffer(new byte[length]);
        from.getBytes(0, copy, 0, length);
        return new Outgoing(lane, copy);
    }

    /** Whose packet is it, by the address it goes to? */
    private @Nullable PathLane lane(UnsafeBuffer from, int length) {
        final boolean v4 = (from.getByte(0) & 0xF0) == 0x40;
        final long host;
        if (v4 && length >= IPV4_DESTINATION + Integer.BYTES) {
            host = IpAddress.v4(from.getInt(IPV4_DESTINATION, ByteOrder.BIG_ENDIAN));
        } else if (!v4 && length >= IPV6_HEADER) {
            host = from.getLong(IPV6_DESTINATION + Long.BYTES, ByteOrder.BIG_ENDIAN);
        } else {
            return null;
        }
        final long at = host - host(v4, FIRST_HOST).lo();
        final PathLane lane = at < 0 || at >= HOSTS ? null : byHost.get((int) at);
        return lane == null || lane.peer.isV4() != v4 ? null : lane;
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
