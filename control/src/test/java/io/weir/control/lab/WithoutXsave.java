package io.weir.control.lab;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * Becomes another command, for which ptrace's GETREGSET and SETREGSET fail: {@code WithoutXsave COMMAND ARGUMENT...}.
 *
 * <p>A user-mode Linux saves the vector state of its processes by these into a buffer that is too small for newer
 * processors, and dies; refused, it uses the older GETFPREGS, and its processes must keep to SSE (see guest-init.sh).
 */
final class WithoutXsave {
    /** The calls that are needed. */
    public interface Libc {
        int prctl(int option, long a, Pointer b, long c, long d);

        int execv(String path, String[] arguments);
    }

    private static final int SET_DEATH_SIGNAL = 1;
    private static final int KILL = 9;
    private static final int SET_NO_NEW_PRIVS = 38;
    private static final int SET_SECCOMP = 22;
    private static final int SECCOMP_FILTER = 2;
    private static final int PTRACE = 101;
    private static final int GETREGSET = 0x4204;
    private static final int SETREGSET = 0x4205;
    private static final int LOAD = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int FIRST_ARGUMENT = 16;
    private static final int FAIL_EIO = 0x0005_0005;
    private static final int ALLOW = 0x7FFF_0000;
    /** Code, where to jump if it holds and if not, operand. */
    private static final int[][] PROGRAM = {
        {LOAD, 0, 0, 0},
        {JUMP_EQUAL, 0, 4, PTRACE},
        {LOAD, 0, 0, FIRST_ARGUMENT},
        {JUMP_EQUAL, 1, 0, GETREGSET},
        {JUMP_EQUAL, 0, 1, SETREGSET},
        {RETURN, 0, 0, FAIL_EIO},
        {RETURN, 0, 0, ALLOW},
    };

    private WithoutXsave() {}

    /** Does not return. */
    public static void main(String[] command) {
        final Libc libc = LibraryLoader.create(Libc.class).load("c");
        final Runtime runtime = Runtime.getRuntime(libc);
        final Pointer filter = Memory.allocateDirect(runtime, PROGRAM.length * 8);
        for (int i = 0; i < PROGRAM.length; i++) {
            filter.putShort(i * 8L, (short) PROGRAM[i][0]);
            filter.putByte(i * 8L + 2, (byte) PROGRAM[i][1]);
            filter.putByte(i * 8L + 3, (byte) PROGRAM[i][2]);
            filter.putInt(i * 8L + 4, PROGRAM[i][3]);
        }
        final Pointer program = Memory.allocateDirect(runtime, 16);
        program.putShort(0, (short) PROGRAM.length);
        program.putPointer(8, filter);
        // What unshare asked for was asked of the virtual machine's first thread, which is not this one.
        if (libc.prctl(SET_DEATH_SIGNAL, KILL, Pointer.wrap(runtime, 0L), 0, 0) != 0
                || libc.prctl(SET_NO_NEW_PRIVS, 1, Pointer.wrap(runtime, 0L), 0, 0) != 0
                || libc.prctl(SET_SECCOMP, SECCOMP_FILTER, program, 0, 0) != 0) {
            throw new IllegalStateException("no seccomp filter");
        }
        libc.execv(command[0], command);
        throw new IllegalStateException("cannot run: command=" + command[0]);
    }
}
