package io.weir.dataplane.io.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Opens a TUN interface: its file descriptor gives and takes bare IP packets, one per call, without waiting. */
public final class TunSocket {
    private static final String PATH = "/dev/net/tun";
    private static final int FLAGS_AT = 16;
    private static final int IFREQ_BYTES = 40;
    private static final int POLLFD_BYTES = 8;
    private static final int POLLIN = 1;

    private TunSocket() {}

    /**
     * Makes the interface; it disappears with the descriptor.
     *
     * @return the file descriptor
     */
    public static int open(String name) {
        final int fd = LibC.open(PATH, LinuxConstants.O_RDWR | LinuxConstants.O_NONBLOCK | LinuxConstants.O_CLOEXEC);
        if (fd == -1) {
            final int errno = LibC.errno();
            throw errno == LinuxConstants.EPERM || errno == LinuxConstants.EACCES
                    ? needsPrivilege("open", errno, name)
                    : new NativeException("open", errno, "tun " + name, PATH + ": " + Errno.words(errno));
        }
        final UnsafeBuffer request = new UnsafeBuffer(ByteBuffer.allocateDirect(IFREQ_BYTES));
        request.putBytes(0, name.getBytes(US_ASCII));
        request.putShort(FLAGS_AT, (short) (LinuxConstants.IFF_TUN | LinuxConstants.IFF_NO_PI));
        if (LibC.ioctl(fd, LinuxConstants.TUNSETIFF, request.addressOffset()) == -1) {
            final int errno = LibC.errno();
            LibC.close(fd);
            throw failure(errno, name);
        }
        return fd;
    }

    /** Waits until there is a packet to read, or time is over. */
    public static void await(int fd, int timeoutMs) {
        // struct pollfd: int fd, short events, short revents.
        final UnsafeBuffer descriptor = new UnsafeBuffer(ByteBuffer.allocateDirect(POLLFD_BYTES));
        descriptor.putInt(0, fd);
        descriptor.putShort(Integer.BYTES, (short) POLLIN);
        LibC.poll(descriptor.addressOffset(), 1, timeoutMs);
    }

    private static NativeException failure(int errno, String name) {
        return switch (errno) {
            case LinuxConstants.EPERM -> needsPrivilege("ioctl(TUNSETIFF)", errno, name);
            case LinuxConstants.EINVAL -> new NativeException(
                    "ioctl(TUNSETIFF)", errno, "tun " + name, "the name is taken by another kind of interface");
            default -> new NativeException("ioctl(TUNSETIFF)", errno, "tun " + name);
        };
    }

    private static NativeException needsPrivilege(String syscall, int errno, String name) {
        return new NativeException(syscall, errno, "tun " + name, "needs CAP_NET_ADMIN (run as root)");
    }
}
