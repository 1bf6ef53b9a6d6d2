package io.weir.dataplane.io.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A Unix datagram socket as service managers listen on, which Java has none of: one end tells, the other is told.
 *
 * <p><b>Thread</b>: one at a time. <b>Fails</b>: with a {@link NativeException}; a service manager that is gone is an error
 * too.
 *
 * <p><b>Source</b>: sd_notify(3), unix(7).
 */
public final class NotifySocket implements AutoCloseable {
    private static final int PATH = 2;
    private static final int LONGEST_PATH = 107;
    private static final int LONGEST_MESSAGE = 4096;

    private final UnsafeBuffer scratch = new UnsafeBuffer(ByteBuffer.allocateDirect(LONGEST_MESSAGE));
    private final String path;
    private final int fd;

    private NotifySocket(String path) {
        this.path = path;
        this.fd = LibC.socket(LinuxConstants.AF_UNIX, LinuxConstants.SOCK_DGRAM | LinuxConstants.SOCK_CLOEXEC, 0);
        LibC.check(fd, "socket", path);
    }

    /**
     * Connects to who listens on a path.
     *
     * @param path of a socket file; with a leading {@code @} it is a name without a file
     */
    public static NotifySocket to(String path) {
        final NotifySocket socket = new NotifySocket(path);
        final int length = socket.address();
        socket.must(LibC.connect(socket.fd, socket.scratch.addressOffset(), length), "connect");
        return socket;
    }

    /** Listens on a path. */
    public static NotifySocket listen(String path) {
        final NotifySocket socket = new NotifySocket(path);
        final int length = socket.address();
        socket.must(LibC.bind(socket.fd, socket.scratch.addressOffset(), length), "bind");
        return socket;
    }

    private int address() {
        final byte[] bytes = path.getBytes(UTF_8);
        if (bytes.length == 0 || bytes.length > LONGEST_PATH) {
            close();
            throw new IllegalArgumentException("a socket's path has 1 to " + LONGEST_PATH + " bytes: path=" + path);
        }
        scratch.putShort(0, (short) LinuxConstants.AF_UNIX);
        scratch.putBytes(PATH, bytes);
        final boolean named = bytes[0] == '@';
        if (named) {
            scratch.putByte(PATH, (byte) 0);
        } else {
            scratch.putByte(PATH + bytes.length, (byte) 0);
        }
        return PATH + bytes.length + (named ? 0 : 1);
    }

    private void must(long result, String syscall) {
        if (result == -1) {
            final NativeException failure = new NativeException(syscall, LibC.errno(), path);
            close();
            throw failure;
        }
    }

    /** Sends one message. */
    public void send(String message) {
        final byte[] bytes = message.getBytes(UTF_8);
        final int length = Math.min(bytes.length, LONGEST_MESSAGE);
        scratch.putBytes(0, bytes, 0, length);
        LibC.check(LibC.send(fd, scratch.addressOffset(), length, LinuxConstants.MSG_DONTWAIT), "send", path);
    }

    /** Takes one message, or "" if there is none. */
    public String receive() {
        final long length = LibC.recv(fd, scratch.addressOffset(), LONGEST_MESSAGE, LinuxConstants.MSG_DONTWAIT);
        if (length <= 0) {
            return "";
        }
        final byte[] bytes = new byte[(int) length];
        scratch.getBytes(0, bytes);
        return new String(bytes, UTF_8);
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
