package io.weir.dataplane.io.linux;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory for frames, on huge pages if the kernel has them, all of it touched before the first frame comes.
 *
 * <p><b>Owner</b>: its device, which closes it after everything that points into it.
 */
public final class FrameMemory implements AutoCloseable {
    private static final int HUGE_PAGE_BYTES = 2 << 20;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final long mapped;
    private final long mappedBytes;
    private final long address;
    private final long bytes;

    /** @param bytes less than 2 GiB */
    public FrameMemory(int bytes, String subject) {
        this.bytes = bytes;
        this.mappedBytes = (long) bytes + HUGE_PAGE_BYTES;
        this.mapped = LibC.mmap(
                mappedBytes,
                LinuxConstants.PROT_READ_WRITE,
                LinuxConstants.MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS,
                -1,
                0);
        if (mapped == -1) {
            throw new NativeException(
                    "mmap", LibC.errno(), subject, "no memory for " + (bytes >> 20) + " MiB of frames");
        }
        this.address = (mapped + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
        LibC.madvise(address, bytes, LinuxConstants.MADV_HUGEPAGE);
        buffer.wrap(address, bytes);
        buffer.setMemory(0, bytes, (byte) 0);
    }

    /** All of it. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    long address() {
        return address;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        buffer.wrap(0, 0);
        LibC.munmap(mapped, mappedBytes);
    }
}
