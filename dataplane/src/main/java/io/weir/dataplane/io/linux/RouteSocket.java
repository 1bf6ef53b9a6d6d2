package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Hears from the kernel that interfaces, addresses or routes have changed; what has changed is to be read elsewhere.
 *
 * <p><b>Thread</b>: one at a time; the network namespace is that of the thread that opens it. <b>Source</b>: rtnetlink(7).
 */
public final class RouteSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int NETLINK_ROUTE = 0;
    private static final int LINKS = 0x1;
    private static final int ADDRESSES4 = 0x10;
    private static final int ROUTES4 = 0x40;
    private static final int ADDRESSES6 = 0x100;
    private static final int ROUTES6 = 0x400;
    private static final int ADDRESS_BYTES = 12;
    private static final int GROUPS_AT = 8;
    private static final int MESSAGE_BYTES = 32_768;
    /** A storm of changes is heard the next time, too. */
    private static final int MOST_MESSAGES = 1_000;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGE_BYTES));
    private final int fd;

    /** Opens it. <b>Fails</b>: with a {@link NativeException}. */
    public RouteSocket() {
        fd = LibC.socket(AF_NETLINK, LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC, NETLINK_ROUTE);
        LibC.check(fd, "socket", "NETLINK_ROUTE");
        memory.setMemory(0, ADDRESS_BYTES, (byte) 0);
        memory.putShort(0, (short) AF_NETLINK);
        memory.putInt(GROUPS_AT, LINKS | ADDRESSES4 | ROUTES4 | ADDRESSES6 | ROUTES6);
        if (LibC.bind(fd, memory.addressOffset(), ADDRESS_BYTES) == -1) {
            final int errno = LibC.errno();
            LibC.close(fd);
            throw new NativeException("bind", errno, "NETLINK_ROUTE");
        }
    }

    /** Has anything changed since the last call, or may it have, as messages were lost? */
    public boolean changed() {
        boolean any = false;
        for (int i = 0; i < MOST_MESSAGES; i++) {
            if (LibC.recv(fd, memory.addressOffset(), MESSAGE_BYTES, LinuxConstants.MSG_DONTWAIT) >= 0) {
                any = true;
            } else if (LibC.errno() == LinuxConstants.EAGAIN) {
                return any;
            } else {
                // ENOBUFS: more came than it could hold.
                any = true;
            }
        }
        return any;
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
