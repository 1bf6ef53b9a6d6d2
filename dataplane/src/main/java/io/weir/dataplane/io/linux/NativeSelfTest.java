package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Proves once, before any device is opened, that native calls get the arguments they were given.
 *
 * <p>Maps the second page of a two-page file in memory and looks whether it is the second one. With jnr-ffi's assembler
 * stubs the offset, mmap's sixth argument, is garbage: the call fails with EINVAL, or the wrong page is there.
 */
public final class NativeSelfTest {
    private static final int PAGE_BYTES = 1 << 16;
    private static final int MARK = 0x5745_4952;

    private NativeSelfTest() {}

    /** Throws an {@link IllegalStateException} that tells the way out if the sixth argument is not passed. */
    public static void run() {
        final int fd = LibC.memfdCreate("weir-self-test");
        LibC.check(fd, "memfd_create", "native self-test");
        try {
            LibC.check(LibC.ftruncate(fd, 2L * PAGE_BYTES), "ftruncate", "native self-test");
            final UnsafeBuffer mark = new UnsafeBuffer(ByteBuffer.allocateDirect(Integer.BYTES));
            mark.putInt(0, MARK);
            LibC.check(LibC.pwrite(fd, mark.addressOffset(), Integer.BYTES, PAGE_BYTES), "pwrite", "native self-test");
            verify(fd);
        } finally {
            LibC.close(fd);
        }
    }

    private static void verify(int fd) {
        final long address =
                LibC.mmap(PAGE_BYTES, LinuxConstants.PROT_READ_WRITE, LinuxConstants.MAP_SHARED, fd, PAGE_BYTES);
        if (address == -1) {
            throw broken("mmap failed with " + Errno.name(LibC.errno()));
        }
        final UnsafeBuffer page = new UnsafeBuffer(0, 0);
        page.wrap(address, PAGE_BYTES);
        final int found = page.getInt(0);
        page.wrap(0, 0);
        LibC.munmap(address, PAGE_BYTES);
        if (found != MARK) {
            throw broken("mmap mapped another page than the one asked for");
        }
    }

    private static IllegalStateException broken(String what) {
        return new IllegalStateException("native calls lose their sixth argument (" + what
                + "): start the JVM with -Djnr.ffi.x86asm.enabled=false");
    }
}
