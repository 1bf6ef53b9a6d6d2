package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.Bpf;
import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.NativeException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The XDP program on an interface, with its maps, for as long as this is open.
 *
 * <p>It is attached by a link, which lives as long as its file descriptor: a killed director leaves no program behind.
 *
 * <p>Frames go to the sockets that {@link #socket} has put in; as long as there are no rules, all go to the host.
 */
final class XdpAttachment implements AutoCloseable {
    private final Deque<Integer> descriptors = new ArrayDeque<>();
    private final Bpf bpf;
    private final XdpFilter filter;
    private final int sockets;
    private final int program;
    private final boolean inDriver;
    /** Why the program does not run in the driver; "" if it does, or was not to. */
    private String refusal = "";

    XdpAttachment(InterfaceControl control, String interfaceName, AfXdpOptions.Mode mode, int queues) {
        final String subject = "xdp " + interfaceName;
        this.bpf = new Bpf(subject);
        try {
            this.filter = new XdpFilter(bpf, descriptors);
            this.sockets = bpf.map(Bpf.MAP_XSK, "weir_sockets", 4, 4, queues);
            descriptors.push(sockets);
            this.program = bpf.xdpProgram("weir", XdpProgram.assemble(filter.maps(sockets)));
            descriptors.push(program);
            this.inDriver = mode != AfXdpOptions.Mode.GENERIC && attachInDriver(control, subject, mode);
            if (!inDriver) {
                final int link = bpf.linkXdp(program, control.index(), false);
                if (link < 0) {
                    throw failure(subject, -link);
                }
                descriptors.push(link);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private boolean attachInDriver(InterfaceControl control, String subject, AfXdpOptions.Mode mode) {
        final int link = bpf.linkXdp(program, control.index(), true);
        if (link >= 0) {
            descriptors.push(link);
            return true;
        }
        final int errno = -link;
        final boolean another = errno == LinuxConstants.EBUSY || errno == LinuxConstants.EEXIST;
        if (another || errno == LinuxConstants.EPERM) {
            throw failure(subject, errno);
        }
        refusal = "driver " + control.driver() + " does not take the XDP program: "
                + new NativeException("bpf(LINK_CREATE)", errno, "mtu " + control.mtu()).getMessage();
        if (mode == AfXdpOptions.Mode.NATIVE) {
            throw new NativeException("bpf(LINK_CREATE)", errno, subject, refusal);
        }
        return false;
    }

    private static NativeException failure(String subject, int errno) {
        final String call = "bpf(LINK_CREATE)";
        return switch (errno) {
            case LinuxConstants.EBUSY, LinuxConstants.EEXIST -> new NativeException(
                    call, errno, subject, "busy: another XDP program is attached");
            case LinuxConstants.EPERM -> new NativeException(call, errno, subject, "needs CAP_NET_ADMIN (run as root)");
            case LinuxConstants.EINVAL -> new NativeException(
                    call, errno, subject, "this kernel does not attach XDP programs by links (Linux 5.9 does)");
            default -> new NativeException(call, errno, subject);
        };
    }

    /** Does the program run in the driver? */
    boolean inDriver() {
        return inDriver;
    }

    String refusal() {
        return refusal;
    }

    /** The frames of a queue that are the director's go to this socket from now on. */
    void socket(int queue, int fd) {
        final UnsafeBuffer key = new UnsafeBuffer(new byte[Integer.BYTES]);
        key.putInt(0, queue);
        bpf.put(sockets, key, Integer.BYTES, fd);
    }

    XdpFilter filter() {
        return filter;
    }

    /** For tests: the verdict on a frame of queue 0. */
    int verdict(byte[] frame) {
        return bpf.run(program, frame);
    }

    @Override
    @SuppressWarnings("NullAway") // without a filter where the constructor fails
    public void close() {
        if (filter != null) {
            filter.close();
        }
        while (!descriptors.isEmpty()) {
            LibC.close(descriptors.pop());
        }
    }
}
