package io.weir.dataplane.io.linux;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Options of sockets that Java does not know: the packets' mark, and the interface they keep to.
 *
 * <p>Java keeps a channel's descriptor to itself. A bound socket is found among the process's descriptors by its local port.
 * That takes a system call for each of them: it is for sockets that are opened now and then.
 *
 * <p><b>Thread</b>: any.
 */
public final class SocketMarks {
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

    private SocketMarks() {}

    /**
     * Sets them on the bound socket of this type and local address.
     *
     * @param type SOCK_STREAM (1) or SOCK_DGRAM (2)
     * @param mark 0: none
     * @param interfaceName "": any
     * @throws IOException if the socket is not found; NativeException if the kernel refuses (CAP_NET_ADMIN, no such device)
     */
    public static void set(InetSocketAddress local, int type, int mark, String interfaceName) throws IOException {
        final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(MEMORY_BYTES));
        boolean found = false;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors) {
                final int fd = Integer.parseInt(String.valueOf(each.getFileName()));
                if (!found && isSocket(memory, fd, type, local.getPort())) {
                    found = true;
                    apply(memory, fd, mark, interfaceName);
                }
            }
        }
        if (!found) {
            throw new IOException("the socket of port " + local.getPort() + " is not among our descriptors");
        }
    }

    private static boolean isSocket(UnsafeBuffer buffer, int fd, int type, int port) {
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
        final boolean internet = family == AF_INET || family == AF_INET6;
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
