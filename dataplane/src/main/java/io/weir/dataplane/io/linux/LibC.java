package io.weir.dataplane.io.linux;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.IgnoreError;
import org.jspecify.annotations.Nullable;

/**
 * The system calls Weir makes itself, as static methods over raw addresses.
 *
 * <p>All return what C returns: -1 on failure, with the reason in {@link #errno}. {@link #check} turns that into a
 * {@link NativeException}. Calls with primitive arguments allocate nothing.
 *
 * <p><b>Trap</b>: jnr-ffi's own x86-64 stubs pass garbage as the sixth integer argument (mmap's offset). The property
 * that turns them off is set before jnr is loaded; {@link NativeSelfTest} proves that it worked. No call here may have
 * more than six arguments: jffi would then allocate.
 *
 * <p><b>Thread</b>: any; errno is kept per thread.
 */
public final class LibC {
    /** Bound by jnr-ffi; {@code long} is a C long, size_t or pointer. Use the static methods instead. */
    public interface Calls {
        int socket(int domain, int type, int protocol);

        int bind(int fd, long address, int length);

        int connect(int fd, long address, int length);

        int setsockopt(int fd, int level, int name, long value, int length);

        int getsockopt(int fd, int level, int name, long value, long length);

        int getsockname(int fd, long address, long length);

        long send(int fd, long buffer, long length, int flags);

        long recv(int fd, long buffer, long length, int flags);

        long sendto(int fd, long buffer, long length, int flags, long address, int addressLength);

        long recvmsg(int fd, long message, int flags);

        int poll(long descriptors, long count, int timeoutMs);

        int kill(int pid, int signal);

        int open(String path, int flags);

        int memfd_create(String name, int flags);

        int ftruncate(int fd, long length);

        long pwrite(int fd, long buffer, long length, long offset);

        long read(int fd, long buffer, long length);

        long write(int fd, long buffer, long length);

        int close(int fd);

        int ioctl(int fd, long request, long argument);

        long mmap(long address, long length, int protection, int flags, int fd, long offset);

        int munmap(long address, long length);

        int madvise(long address, long length, int advice);

        long syscall(long number, long first, long second, long third);

        int sched_setaffinity(int pid, long length, long mask);

        int sched_getaffinity(int pid, long length, long mask);

        int setpriority(int which, int who, int priority);

        int setns(int fd, int type);

        @IgnoreError
        int sched_getcpu();
    }

    private static final String ASSEMBLER_STUBS = "jnr.ffi.x86asm.enabled";
    private static final Calls CALLS;
    private static final Runtime RUNTIME;

    static {
        System.setProperty(ASSEMBLER_STUBS, "false");
        CALLS = LibraryLoader.create(Calls.class).load("c");
        RUNTIME = Runtime.getRuntime(CALLS);
    }

    private LibC() {}

    /** The error number of this thread's last failed call. */
    public static int errno() {
        return RUNTIME.getLastError();
    }

    /** Throws the exception for a result of -1. */
    public static long check(long result, String syscall, String argument) {
        if (result == -1) {
            throw new NativeException(syscall, errno(), argument);
        }
        return result;
    }

    /** socket(2). */
    public static int socket(int domain, int type, int protocol) {
        return CALLS.socket(domain, type, protocol);
    }

    /** bind(2). */
    public static int bind(int fd, long address, int length) {
        return CALLS.bind(fd, address, length);
    }

    /** connect(2). */
    public static int connect(int fd, long address, int length) {
        return CALLS.connect(fd, address, length);
    }

    /** setsockopt(2). */
    public static int setsockopt(int fd, int level, int name, long value, int length) {
        return CALLS.setsockopt(fd, level, name, value, length);
    }

    /** getsockopt(2); {@code length} is the address of an int. */
    public static int getsockopt(int fd, int level, int name, long value, long length) {
        return CALLS.getsockopt(fd, level, name, value, length);
    }

    /** getsockname(2). */
    public static int getsockname(int fd, long address, long length) {
        return CALLS.getsockname(fd, address, length);
    }

    /** send(2). */
    public static long send(int fd, long buffer, long length, int flags) {
        return CALLS.send(fd, buffer, length, flags);
    }

    /** recv(2). */
    public static long recv(int fd, long buffer, long length, int flags) {
        return CALLS.recv(fd, buffer, length, flags);
    }

    /** sendto(2). */
    public static long sendto(int fd, long buffer, long length, int flags, long address, int addressLength) {
        return CALLS.sendto(fd, buffer, length, flags, address, addressLength);
    }

    /** recvmsg(2); {@code message} is the address of a struct msghdr. */
    public static long recvmsg(int fd, long message, int flags) {
        return CALLS.recvmsg(fd, message, flags);
    }

    static int poll(long descriptors, long count, int timeoutMs) {
        return CALLS.poll(descriptors, count, timeoutMs);
    }

    /**
     * kill(2).
     *
     * @param pid a process, or the negative of a process group
     * @return false if there is none, or it is not ours to end
     */
    public static boolean kill(int pid, int signal) {
        return CALLS.kill(pid, signal) == 0;
    }

    /** open(2) of something that exists. */
    public static int open(String path, int flags) {
        return CALLS.open(path, flags);
    }

    static int memfdCreate(String name) {
        return CALLS.memfd_create(name, 0);
    }

    static int ftruncate(int fd, long length) {
        return CALLS.ftruncate(fd, length);
    }

    static long pwrite(int fd, long buffer, long length, long offset) {
        return CALLS.pwrite(fd, buffer, length, offset);
    }

    /** read(2). */
    public static long read(int fd, long buffer, long length) {
        return CALLS.read(fd, buffer, length);
    }

    /** write(2). */
    public static long write(int fd, long buffer, long length) {
        return CALLS.write(fd, buffer, length);
    }

    /** close(2). */
    public static int close(int fd) {
        return CALLS.close(fd);
    }

    /** ioctl(2) with the address of a structure. */
    public static int ioctl(int fd, long request, long argument) {
        return CALLS.ioctl(fd, request, argument);
    }

    /** mmap(2) at an address of the kernel's choice; fails with -1, not with 0. */
    public static long mmap(long length, int protection, int flags, int fd, long offset) {
        return CALLS.mmap(0, length, protection, flags, fd, offset);
    }

    /** munmap(2). */
    public static int munmap(long address, long length) {
        return CALLS.munmap(address, length);
    }

    static int madvise(long address, long length, int advice) {
        return CALLS.madvise(address, length, advice);
    }

    /** syscall(2) with three arguments, for calls that the C library has no function for. */
    static long syscall(long number, long first, long second, long third) {
        return CALLS.syscall(number, first, second, third);
    }

    static int setpriority(int which, int who, int priority) {
        return CALLS.setpriority(which, who, priority);
    }

    static int schedSetAffinity(long length, long mask) {
        return CALLS.sched_setaffinity(0, length, mask);
    }

    static int schedGetAffinity(long length, long mask) {
        return CALLS.sched_getaffinity(0, length, mask);
    }

    static int schedGetCpu() {
        return CALLS.sched_getcpu();
    }

    /**
     * Moves the calling thread, and no other, into a network namespace.
     *
     * @param path for example {@code /run/netns/lb}
     */
    public static void enterNetworkNamespace(String path) {
        final int fd = open(path, LinuxConstants.O_RDONLY | LinuxConstants.O_CLOEXEC);
        check(fd, "open", path);
        final int result = CALLS.setns(fd, LinuxConstants.CLONE_NEWNET);
        final @Nullable NativeException failure =
                result == -1 ? new NativeException("setns", errno(), "network namespace " + path) : null;
        close(fd);
        if (failure != null) {
            throw failure;
        }
    }
}
