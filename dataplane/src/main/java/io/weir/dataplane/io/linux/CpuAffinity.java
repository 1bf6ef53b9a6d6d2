package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Binds the calling thread to one CPU.
 *
 * <p>Only that thread: the JIT's and the collector's keep the mask they inherited, so start the JVM itself (taskset) on
 * the CPUs that are to do the housekeeping.
 */
public final class CpuAffinity {
    /** CPU_SETSIZE of glibc: 1024. */
    private static final int MASK_BYTES = 128;

    private static final int CPUS = MASK_BYTES * Byte.SIZE;

    private CpuAffinity() {}

    /** Pins the calling thread; fails if the CPU does not exist or is not ours to use. */
    public static void pin(int cpu) {
        if (cpu < 0 || cpu >= CPUS) {
            throw new IllegalArgumentException("no such CPU: cpu=" + cpu);
        }
        final UnsafeBuffer mask = new UnsafeBuffer(ByteBuffer.allocateDirect(MASK_BYTES));
        // The mask is an array of longs; on little-endian machines byte order and bit order agree.
        final int word = (cpu / Long.SIZE) * Long.BYTES;
        mask.putLong(word, 1L << (cpu % Long.SIZE));
        if (LibC.schedSetAffinity(MASK_BYTES, mask.addressOffset()) == -1) {
            final int errno = LibC.errno();
            final String words = errno == LinuxConstants.EINVAL ? "not available to this process" : Errno.name(errno);
            throw new NativeException("sched_setaffinity", errno, "cpu " + cpu, words);
        }
    }

    /** Could the calling thread be bound to that CPU? Tried and taken back: its mask of now need not have it. */
    public static boolean isAllowed(int cpu) {
        final UnsafeBuffer before = mask();
        try {
            pin(cpu);
            return true;
        } catch (NativeException | IllegalArgumentException e) {
            return false;
        } finally {
            LibC.check(LibC.schedSetAffinity(MASK_BYTES, before.addressOffset()), "sched_setaffinity", "thread");
        }
    }

    private static UnsafeBuffer mask() {
        final UnsafeBuffer mask = new UnsafeBuffer(ByteBuffer.allocateDirect(MASK_BYTES));
        LibC.check(LibC.schedGetAffinity(MASK_BYTES, mask.addressOffset()), "sched_getaffinity", "thread");
        return mask;
    }

    /** How many CPUs the calling thread may run on. */
    public static int allowed() {
        final UnsafeBuffer mask = mask();
        int count = 0;
        for (int i = 0; i < MASK_BYTES; i += Long.BYTES) {
            count += Long.bitCount(mask.getLong(i));
        }
        return count;
    }

    /** The CPU the calling thread runs on now. */
    public static int current() {
        return LibC.schedGetCpu();
    }
}
