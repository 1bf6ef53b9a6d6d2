package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One AF_XDP socket: one queue of one interface, with its rings.
 *
 * <p><b>Thread</b>: its device's. <b>Fails</b>: with a {@link NativeException} that names the interface.
 *
 * <p><b>Source</b>: Documentation/networking/af_xdp.rst, linux/if_xdp.h
 */
public final class XdpSocket implements AutoCloseable {
    private static final int SCRATCH_BYTES = 192;
    private static final int LENGTH_AT = 184;
    private static final int OFFSETS_BYTES = 128;
    private static final int STATISTICS_BYTES = 48;
    private static final int ADDRESS_BYTES = 16;
    private static final int BUSY_RETRIES = 20;
    private static final int BUSY_WAIT_MS = 25;

    private record Mapping(UnsafeBuffer buffer, long address, long bytes) {}

    private final UnsafeBuffer scratch = new UnsafeBuffer(ByteBuffer.allocateDirect(SCRATCH_BYTES));
    private final List<Mapping> mappings = new ArrayList<>();
    private final String subject;
    private final int fd;

    public XdpSocket(String interfaceName) {
        this.subject = "xdp " + interfaceName;
        this.fd = LibC.socket(LinuxConstants.AF_XDP, LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC, 0);
        if (fd == -1) {
            final int errno = LibC.errno();
            throw switch (errno) {
                case LinuxConstants.EPERM -> new NativeException(
                        "socket", errno, subject, "needs CAP_NET_RAW (run as root)");
                case LinuxConstants.EAFNOSUPPORT -> new NativeException(
                        "socket", errno, subject, "this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)");
                default -> new NativeException("socket", errno, subject);
            };
        }
    }

    /** The file descriptor. */
    public int fd() {
        return fd;
    }

    /** Registers frame memory: addr 0, len 8, chunk_size 16, headroom 20. */
    public void frames(FrameMemory frames, int chunkBytes, int headroom) {
        scratch.putLong(0, frames.address());
        scratch.putLong(8, frames.bytes());
        scratch.putInt(16, chunkBytes);
        scratch.putInt(20, headroom);
        if (LibC.setsockopt(fd, LinuxConstants.SOL_XDP, LinuxConstants.XDP_UMEM_REG, scratch.addressOffset(), 24)
                == -1) {
            final int errno = LibC.errno();
            throw errno == LinuxConstants.ENOBUFS || errno == LinuxConstants.EPERM
                    ? new NativeException(
                            "setsockopt(XDP_UMEM_REG)",
                            errno,
                            subject,
                            "may not lock " + (frames.bytes() >> 20) + " MiB: needs CAP_IPC_LOCK or a higher ulimit -l")
                    : new NativeException("setsockopt(XDP_UMEM_REG)", errno, subject);
        }
    }

    /** Addresses of frames for the kernel to fill. */
    public XdpRing fillRing(int entries) {
        return ring(LinuxConstants.XDP_UMEM_FILL_RING, entries, 2, 0x1_0000_0000L, XdpRing.ADDRESS_BYTES);
    }

    /** Addresses of frames that were sent. */
    public XdpRing completionRing(int entries) {
        return ring(LinuxConstants.XDP_UMEM_COMPLETION_RING, entries, 3, 0x1_8000_0000L, XdpRing.ADDRESS_BYTES);
    }

    /** Frames received. */
    public XdpRing receiveRing(int entries) {
        return ring(LinuxConstants.XDP_RX_RING, entries, 0, 0, XdpRing.DESCRIPTOR_BYTES);
    }

    /** Frames to send. */
    public XdpRing transmitRing(int entries) {
        return ring(LinuxConstants.XDP_TX_RING, entries, 1, 0x8000_0000L, XdpRing.DESCRIPTOR_BYTES);
    }

    private XdpRing ring(int option, int entries, int number, long pageOffset, int entryBytes) {
        scratch.putInt(0, entries);
        LibC.check(
                LibC.setsockopt(fd, LinuxConstants.SOL_XDP, option, scratch.addressOffset(), Integer.BYTES),
                "setsockopt(XDP_RING)",
                subject);
        final int[] offsets = offsets(number);
        final long bytes = offsets[2] + (long) entries * entryBytes;
        final int flags = LinuxConstants.MAP_SHARED | LinuxConstants.MAP_POPULATE;
        final long address = LibC.mmap(bytes, LinuxConstants.PROT_READ_WRITE, flags, fd, pageOffset);
        LibC.check(address, "mmap", subject);
        final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        buffer.wrap(address, (int) bytes);
        mappings.add(new Mapping(buffer, address, bytes));
        return new XdpRing(buffer, offsets, entries, entryBytes);
    }

    /** Producer, consumer, entries, flags of the n-th ring: where they stand moves between kernels. */
    private int[] offsets(int number) {
        get(LinuxConstants.XDP_MMAP_OFFSETS, OFFSETS_BYTES, "getsockopt(XDP_MMAP_OFFSETS)");
        final int[] offsets = new int[4];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = (int) scratch.getLong((number * offsets.length + i) * Long.BYTES);
        }
        return offsets;
    }

    private void get(int option, int bytes, String what) {
        LibC.check(tryGet(option, bytes), what, subject);
    }

    private int tryGet(int option, int bytes) {
        scratch.setMemory(0, bytes, (byte) 0);
        scratch.putInt(LENGTH_AT, bytes);
        final long at = scratch.addressOffset();
        return LibC.getsockopt(fd, LinuxConstants.SOL_XDP, option, at, at + LENGTH_AT);
    }

    /** Sets an int option if the kernel has it. */
    public void optionIfKnown(int level, int name, int value) {
        scratch.putInt(0, value);
        LibC.setsockopt(fd, level, name, scratch.addressOffset(), Integer.BYTES);
    }

    /** Binds to a queue: family 0, flags 2, ifindex 4, queue 8, shared fd 12. */
    public void bind(int interfaceIndex, int queue, int flags, int sharedFd) {
        scratch.setMemory(0, ADDRESS_BYTES, (byte) 0);
        scratch.putShort(0, (short) LinuxConstants.AF_XDP);
        scratch.putShort(2, (short) flags);
        scratch.putInt(4, interfaceIndex);
        scratch.putInt(8, queue);
        scratch.putInt(12, sharedFd);
        final int errno = bind();
        if (errno != 0) {
            throw switch (errno) {
                case LinuxConstants.EBUSY -> new NativeException(
                        "bind", errno, subject, "queue " + queue + " is in use by another program");
                case LinuxConstants.EINVAL -> new NativeException("bind", errno, subject, "has no queue " + queue);
                default -> new NativeException("bind", errno, subject);
            };
        }
    }

    /** The kernel frees the queue of a socket that was closed a moment later: in use may mean not yet free. */
    private int bind() {
        for (int n = 0; LibC.bind(fd, scratch.addressOffset(), ADDRESS_BYTES) == -1; n++) {
            final int errno = LibC.errno();
            if (errno != LinuxConstants.EBUSY || n == BUSY_RETRIES) {
                return errno;
            }
            LibC.poll(0, 0, BUSY_WAIT_MS);
        }
        return 0;
    }

    /** Does the interface write into our frames itself, without a copy? */
    public boolean isZeroCopy() {
        get(LinuxConstants.XDP_OPTIONS, Integer.BYTES, "getsockopt(XDP_OPTIONS)");
        return (scratch.getInt(0) & LinuxConstants.XDP_OPTIONS_ZEROCOPY) != 0;
    }

    /** Frames lost since the socket was made: none of our frames was free, or the receive ring was full. */
    public long drops() {
        // struct xdp_statistics: rx_dropped 0, rx_ring_full 24; fill_empty 32 counts some of the dropped again.
        tryGet(LinuxConstants.XDP_STATISTICS, STATISTICS_BYTES);
        return scratch.getLong(0) + scratch.getLong(24);
    }

    @Override
    public void close() {
        LibC.close(fd);
        for (final Mapping mapping : mappings) {
            mapping.buffer().wrap(0, 0);
            LibC.munmap(mapping.address(), mapping.bytes());
        }
        mappings.clear();
    }
}
