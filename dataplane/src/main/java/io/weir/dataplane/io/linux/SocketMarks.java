package io.weir.dataplane.io.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Options of sockets that Java does not know: the packets' mark, the interface they keep to, their TTL.
 *
 * <p>Java keeps a channel's descriptor to itself. A bound socket is found among the process's descriptors by its local port.
 * That takes a system call for each of them: it is for sockets that are opened now and then.
 *
 * <p><b>Thread</b>: any.
 */
public final class SocketMarks {
    private static final int ANY = 0;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_MARK = 36;
    private static final int LONGEST_NAME = 15;
    private static final int ADDRESS_AT = 0;
    private static final int ADDRESS_BYTES = 28;
    private static final int LENGTH_AT = 32;
    private static final int VALUE_AT = 40;
    private static final int MEMORY_BYTES = 64;

    private static final int SOL_IP = 0;
    private static final int IP_TTL = 2;
    private static final int IP_MINTTL = 21;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MINHOPCOUNT = 73;

    private SocketMarks() {}

    /** What a bound socket is given, once it is found. */
    @FunctionalInterface
    private interface Gift {
        void give(UnsafeBuffer memory, int fd);
    }

    /**
     * Sets the TTL, or hop limit, of what the bound socket sends.
     *
     * @param type SOCK_STREAM (1) or SOCK_DGRAM (2)
     */
    public static void ttl(InetSocketAddress local, int type, int ttl) throws IOException {
        number(local, type, isV4(local) ? SOL_IP : SOL_IPV6, isV4(local) ? IP_TTL : IPV6_UNICAST_HOPS, ttl);
    }

    /** Lets the bound socket hear only what has this TTL, or hop limit, at least. */
    public static void leastTtl(InetSocketAddress local, int type, int least) throws IOException {
        number(local, type, isV4(local) ? SOL_IP : SOL_IPV6, isV4(local) ? IP_MINTTL : IPV6_MINHOPCOUNT, least);
    }

    private static boolean isV4(InetSocketAddress local) {
        return local.getAddress() instanceof Inet4Address;
    }

    private static void number(InetSocketAddress local, int type, int level, int option, int value) throws IOException {
        find(local, type, isV4(local) ? AF_INET : AF_INET6, (memory, fd) -> {
            memory.putInt(VALUE_AT, value);
            LibC.check(
                    LibC.setsockopt(fd, level, option, memory.addressOffset() + VALUE_AT, Integer.BYTES),
                    "setsockopt",
                    "level " + level + " option " + option);
        });
    }

    /**
     * Sets them on the bound socket of this type and local address.
     *
     * @param type SOCK_STREAM (1) or SOCK_DGRAM (2)
     * @param mark 0: none
     * @param interfaceName "": any
     * @throws IOException if the socket is not found; NativeException if the kernel refuses (CAP_NET_ADMIN, no such device)
     */
    public static void set(InetSocketAddress local, int type, int mark, String interfaceName) throws IOException {
        find(local, type, ANY, (memory, fd) -> apply(memory, fd, mark, interfaceName));
    }

    /** {@code family} may be {@link #ANY}. */
    private static void find(InetSocketAddress local, int type, int family, Gift gift) throws IOException {
        final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(MEMORY_BYTES));
        boolean found = false;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors) {
                final int fd = Integer.parseInt(String.valueOf(each.getFileName()));
                if (!found && isSocket(memory, fd, type, family, local.getPort())) {
                    found = true;
                    gift.give(memory, fd);
                }
            }
        }
        if (!found) {
            throw new IOException("the socket of port " + local.getPort() + " is not among our descriptors");
        }
    }

    private static boolean isSocket(UnsafeBuffer buffer, int fd, int type, int wanted, int port) {
        final long memory = buffer.addressOffset();
        buffer.putInt(LENGTH_AT, Integer.BYTES);
        if (LibC.getsockopt(fd, SOL_SOCKET, SO_TYPE, memory + VALUE_AT, memory + LENGTH_AT) != 0
                || buffer.getInt(VALUE_AT) != type) {
            return false;
        }
        buffer.putInt(LENGTH_AT, ADDRESS_BYTES);
        buffer.putShort(ADDRESS_AT, (short) 0);
        if (LibC.getsockname(fd, memory + ADDRESS_AT, memory + LENGTH_AT) != 0) {
            return false;
        }
        final int family = buffer.getShort(ADDRESS_AT);
        final boolean internet = wanted == ANY ? family == AF_INET || family == AF_INET6 : family == wanted;
        return internet && (buffer.getShort(ADDRESS_AT + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF) == port;
    }

    private static void apply(UnsafeBuffer buffer, int fd, int mark, String interfaceName) {
        final long memory = buffer.addressOffset();
        if (mark != 0) {
            buffer.putInt(VALUE_AT, mark);
            LibC.check(
                    LibC.setsockopt(fd, SOL_SOCKET, SO_MARK, memory + VALUE_AT, Integer.BYTES),
                    "setsockopt",
                    "SO_MARK");
        }
        if (!interfaceName.isEmpty()) {
            final byte[] name = interfaceName.getBytes(StandardCharsets.US_ASCII);
            final int length = Math.min(name.length, LONGEST_NAME);
            buffer.setMemory(VALUE_AT, LONGEST_NAME + 1, (byte) 0);
            buffer.putBytes(VALUE_AT, name, 0, length);
            LibC.check(
                    LibC.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, memory + VALUE_AT, length + 1),
                    "setsockopt",
                    "SO_BINDTODEVICE " + interfaceName);
        }
    }
}
