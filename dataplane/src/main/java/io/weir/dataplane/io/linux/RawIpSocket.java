package io.weir.dataplane.io.linux;

import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A raw socket of one IP protocol: VRRP, ICMP. It never blocks; {@link #await} waits for several.
 *
 * <p><b>Layout</b>: what is sent and received begins behind the IP header; its TTL (hop limit) and source come beside it.
 * The kernel fills in ICMPv6 checksums itself, and no others.
 *
 * <p><b>Thread</b>: one at a time. <b>Fails</b>: with a {@link NativeException}.
 */
public final class RawIpSocket implements AutoCloseable {
    /** A packet and where it came from. */
    public static final class Received {
        private final IpAddress source;
        private final IpAddress destination;
        private final int ttl;
        private final byte[] payload;

        /** Takes over the payload. */
        public Received(IpAddress source, IpAddress destination, int ttl, byte[] payload) {
            this.source = source;
            this.destination = destination;
            this.ttl = ttl;
            this.payload = payload;
        }

        public IpAddress source() {
            return source;
        }

        public IpAddress destination() {
            return destination;
        }

        /** TTL or hop limit; -1 if the kernel did not say. */
        public int ttl() {
            return ttl;
        }

        /** Behind the IP header; the reader's own. */
        public byte[] payload() {
            return payload;
        }
    }

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SOL_IP = 0;
    private static final int IP_TTL = 2;
    private static final int IP_MULTICAST_IF = 32;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IP_ADD_MEMBERSHIP = 35;
    private static final int IP_MULTICAST_ALL = 49;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MULTICAST_IF = 17;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_MULTICAST_LOOP = 19;
    private static final int IPV6_JOIN_GROUP = 20;
    private static final int IPV6_MULTICAST_ALL = 29;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int IPV6_PKTINFO = 50;
    private static final int IPV6_RECVHOPLIMIT = 51;
    private static final int IPV6_HOPLIMIT = 52;
    private static final int POLLIN = 1;

    private static final int PACKET_AT = 0;
    private static final int PACKET_BYTES = 16_384;
    private static final int ADDRESS_AT = PACKET_AT + PACKET_BYTES;
    private static final int ADDRESS_BYTES = 28;
    private static final int VECTOR_AT = ADDRESS_AT + 32;
    private static final int MESSAGE_AT = VECTOR_AT + 16;
    private static final int CONTROL_AT = MESSAGE_AT + 56;
    private static final int CONTROL_BYTES = 128;
    private static final int SCRATCH_AT = CONTROL_AT + CONTROL_BYTES;
    private static final int TOTAL_BYTES = SCRATCH_AT + 64;
    private static final int CONTROL_HEADER = 16;
    private static final int MOST_DESCRIPTORS = 1024;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(TOTAL_BYTES));
    private final boolean ipv6;
    private final int fd;
    private final String what;

    /** Opens a socket that hears the protocol on all interfaces. */
    public RawIpSocket(boolean ipv6, int protocol) {
        this.ipv6 = ipv6;
        this.what = (ipv6 ? "IPv6" : "IPv4") + " protocol " + protocol;
        this.fd = LibC.socket(
                ipv6 ? AF_INET6 : AF_INET,
                LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC | SOCK_NONBLOCK,
                protocol);
        if (fd == -1) {
            throw new NativeException("socket", LibC.errno(), what, "needs CAP_NET_RAW (run as root)");
        }
        if (ipv6) {
            option(SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
            option(SOL_IPV6, IPV6_RECVPKTINFO, 1);
        }
    }

    private void option(int level, int name, int value) {
        memory.putInt(SCRATCH_AT, value);
        set(level, name, Integer.BYTES);
    }

    private void set(int level, int name, int length) {
        LibC.check(
                LibC.setsockopt(fd, level, name, memory.addressOffset() + SCRATCH_AT, length),
                "setsockopt(" + level + ", " + name + ")",
                what);
    }

    /** Keeps nearly nothing of what it hears, for one that only sends. */
    public void deaf() {
        option(SOL_SOCKET, SO_RCVBUF, 0);
    }

    /** Hears and sends on one interface only. */
    public void bindToDevice(String name) {
        final byte[] bytes = name.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        memory.setMemory(SCRATCH_AT, 32, (byte) 0);
        memory.putBytes(SCRATCH_AT, bytes, 0, Math.min(bytes.length, 15));
        set(SOL_SOCKET, SO_BINDTODEVICE, bytes.length + 1);
    }

    /** Multicast leaves by this interface, with this TTL, and does not come back; only joined groups are heard. */
    public void multicast(int interfaceIndex, int ttl) {
        if (ipv6) {
            option(SOL_IPV6, IPV6_MULTICAST_HOPS, ttl);
            option(SOL_IPV6, IPV6_MULTICAST_LOOP, 0);
            option(SOL_IPV6, IPV6_MULTICAST_IF, interfaceIndex);
            memory.putInt(SCRATCH_AT, 0);
            // Known since Linux 4.20; without it other sockets' groups are heard too, which does no harm.
            LibC.setsockopt(fd, SOL_IPV6, IPV6_MULTICAST_ALL, memory.addressOffset() + SCRATCH_AT, Integer.BYTES);
            return;
        }
        option(SOL_IP, IP_MULTICAST_TTL, ttl);
        option(SOL_IP, IP_MULTICAST_LOOP, 0);
        option(SOL_IP, IP_MULTICAST_ALL, 0);
        groupRequest(0, interfaceIndex);
        set(SOL_IP, IP_MULTICAST_IF, 12);
    }

    /** struct ip_mreqn. */
    private void groupRequest(int group, int interfaceIndex) {
        memory.putInt(SCRATCH_AT, group, ByteOrder.BIG_ENDIAN);
        memory.putInt(SCRATCH_AT + 4, 0);
        memory.putInt(SCRATCH_AT + 8, interfaceIndex);
    }

    /** Hears a multicast group on an interface. */
    public void join(IpAddress group, int interfaceIndex) {
        if (ipv6) {
            memory.putLong(SCRATCH_AT, group.hi(), ByteOrder.BIG_ENDIAN);
            memory.putLong(SCRATCH_AT + 8, group.lo(), ByteOrder.BIG_ENDIAN);
            memory.putInt(SCRATCH_AT + 16, interfaceIndex);
            set(SOL_IPV6, IPV6_JOIN_GROUP, 20);
        } else {
            groupRequest((int) group.lo(), interfaceIndex);
            set(SOL_IP, IP_ADD_MEMBERSHIP, 12);
        }
    }

    /** The TTL of unicast packets. */
    public void unicastTtl(int ttl) {
        option(ipv6 ? SOL_IPV6 : SOL_IP, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, ttl);
    }

    /** Packets leave with this source address. */
    public void bind(IpAddress source, int scope) {
        address(SCRATCH_AT, source, scope);
        LibC.check(
                LibC.bind(fd, memory.addressOffset() + SCRATCH_AT, ipv6 ? ADDRESS_BYTES : 16),
                "bind",
                what + " " + source);
    }

    private void address(int at, IpAddress address, int scope) {
        memory.setMemory(at, ADDRESS_BYTES, (byte) 0);
        memory.putShort(at, (short) (ipv6 ? AF_INET6 : AF_INET));
        if (ipv6) {
            memory.putLong(at + 8, address.hi(), ByteOrder.BIG_ENDIAN);
            memory.putLong(at + 16, address.lo(), ByteOrder.BIG_ENDIAN);
            memory.putInt(at + 24, scope);
        } else {
            memory.putInt(at + 4, (int) address.lo(), ByteOrder.BIG_ENDIAN);
        }
    }

    /**
     * Sends a packet.
     *
     * @param scope interface index for a link-local destination, else 0
     */
    public void send(byte[] payload, IpAddress destination, int scope) {
        if (payload.length > PACKET_BYTES) {
            throw new IllegalArgumentException("too long: length=" + payload.length);
        }
        memory.putBytes(PACKET_AT, payload);
        address(ADDRESS_AT, destination, scope);
        LibC.check(
                LibC.sendto(
                        fd,
                        memory.addressOffset() + PACKET_AT,
                        payload.length,
                        0,
                        memory.addressOffset() + ADDRESS_AT,
                        ipv6 ? ADDRESS_BYTES : 16),
                "sendto",
                destination.toString());
    }

    /** The next packet, or null if there is none. */
    public @Nullable Received receive() {
        message();
        final long got = LibC.recvmsg(fd, memory.addressOffset() + MESSAGE_AT, 0);
        if (got <= 0) {
            return null;
        }
        final int length = (int) Math.min(got, PACKET_BYTES);
        return ipv6 ? received6(length) : received4(length);
    }

    /** struct msghdr: name, vector, control, flags; 64-bit layout. */
    private void message() {
        final long base = memory.addressOffset();
        memory.putLong(VECTOR_AT, base + PACKET_AT);
        memory.putLong(VECTOR_AT + 8, PACKET_BYTES);
        memory.putLong(MESSAGE_AT, base + ADDRESS_AT);
        memory.putLong(MESSAGE_AT + 8, ADDRESS_BYTES);
        memory.putLong(MESSAGE_AT + 16, base + VECTOR_AT);
        memory.putLong(MESSAGE_AT + 24, 1);
        memory.putLong(MESSAGE_AT + 32, base + CONTROL_AT);
        memory.putLong(MESSAGE_AT + 40, CONTROL_BYTES);
        memory.putLong(MESSAGE_AT + 48, 0);
    }

    /** The IPv4 header comes along. */
    private @Nullable Received received4(int length) {
        final int header = (memory.getByte(PACKET_AT) & 0x0F) * 4;
        if (length < 20 || length < header) {
            return null;
        }
        final byte[] payload = new byte[length - header];
        memory.getBytes(PACKET_AT + header, payload);
        return new Received(
                IpAddress.ofV4(memory.getInt(PACKET_AT + 12, ByteOrder.BIG_ENDIAN)),
                IpAddress.ofV4(memory.getInt(PACKET_AT + 16, ByteOrder.BIG_ENDIAN)),
                memory.getByte(PACKET_AT + 8) & 0xFF,
                payload);
    }

    private Received received6(int length) {
        int ttl = -1;
        IpAddress destination = IpAddress.ANY6;
        final int end = (int) memory.getLong(MESSAGE_AT + 40);
        int at = 0;
        while (at + CONTROL_HEADER <= end) {
            final int size = (int) memory.getLong(CONTROL_AT + at);
            final int level = memory.getInt(CONTROL_AT + at + 8);
            final int type = memory.getInt(CONTROL_AT + at + 12);
            final int data = CONTROL_AT + at + CONTROL_HEADER;
            if (size < CONTROL_HEADER) {
                break;
            }
            if (level == SOL_IPV6 && type == IPV6_HOPLIMIT) {
                ttl = memory.getInt(data);
            } else if (level == SOL_IPV6 && type == IPV6_PKTINFO) {
                destination = new IpAddress(
                        memory.getLong(data, ByteOrder.BIG_ENDIAN), memory.getLong(data + 8, ByteOrder.BIG_ENDIAN));
            }
            at += size + 7 & ~7;
        }
        final byte[] payload = new byte[length];
        memory.getBytes(PACKET_AT, payload);
        final IpAddress source = new IpAddress(
                memory.getLong(ADDRESS_AT + 8, ByteOrder.BIG_ENDIAN),
                memory.getLong(ADDRESS_AT + 16, ByteOrder.BIG_ENDIAN));
        return new Received(source, destination, ttl, payload);
    }

    /** Waits until one of the sockets has a packet, or time is over. */
    public static void await(List<RawIpSocket> sockets, int timeoutMs) {
        final int count = Math.min(MOST_DESCRIPTORS, sockets.size());
        // struct pollfd: int fd, short events, short revents.
        final UnsafeBuffer descriptors = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(8, count * 8)));
        for (int i = 0; i < count; i++) {
            descriptors.putInt(i * 8, sockets.get(i).fd);
            descriptors.putShort(i * 8 + 4, (short) POLLIN);
        }
        LibC.poll(descriptors.addressOffset(), count, timeoutMs);
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
