package io.weir.dataplane.io.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The system call bpf(2): maps, programs, and links of programs to interfaces. Each is a file descriptor; when the last
 * one goes, by {@link LibC#close} or with the process, so does what it stands for.
 *
 * <p><b>Thread</b>: one at a time. <b>Fails</b>: with a {@link NativeException} of one line.
 *
 * <p><b>Source</b>: bpf(2), linux/bpf.h (union bpf_attr, drawn at each call)
 */
public final class Bpf {
    public static final int MAP_HASH = 1;
    public static final int MAP_LPM_TRIE = 11;
    public static final int MAP_XSK = 17;
    public static final int HELPER_MAP_LOOKUP = 1;
    public static final int HELPER_REDIRECT_MAP = 51;
    /** Linux 5.18. */
    public static final int HELPER_XDP_LOAD_BYTES = 189;

    public static final int HELPER_SKB_LOAD_BYTES = 26;

    public static final int XDP_PASS = 2;
    public static final int XDP_REDIRECT = 4;
    /** The next program, or the kernel, decides. */
    public static final int INGRESS_NEXT = -1;

    public static final int INGRESS_DROP = 2;

    private static final int MAP_CREATE = 0;
    private static final int MAP_UPDATE = 2;
    private static final int MAP_DELETE = 3;
    private static final int PROG_LOAD = 5;
    private static final int PROG_TEST_RUN = 10;
    private static final int UPDATE_BATCH = 26;
    private static final int DELETE_BATCH = 27;
    private static final int LINK_CREATE = 28;
    private static final int PROGRAM_XDP = 6;
    private static final int ATTACH_XDP = 37;
    private static final int PROGRAM_CLASSIFIER = 3;
    private static final int ATTACH_INGRESS = 46;
    private static final int FLAG_NO_PREALLOC = 1;
    private static final int FLAG_GENERIC = 2;
    private static final int FLAG_NATIVE = 4;
    /** A system call of its own on each machine: glibc has no function for it. */
    private static final int CALL_X86_64 = 321;

    private static final int CALL_ARM64 = 280;

    private static final int ATTRIBUTES_BYTES = 128;
    private static final int NAME_BYTES = 15;
    private static final int LOG_BYTES = 1 << 18;
    private static final String LICENSE = "Dual BSD/GPL";

    private final UnsafeBuffer attributes = memory(ATTRIBUTES_BYTES);
    private final UnsafeBuffer key = memory(32);
    private final UnsafeBuffer value = memory(8);
    private final String subject;
    private final int call;

    /** @param subject what failures begin with, for example {@code xdp eth0} */
    public Bpf(String subject) {
        this.subject = subject;
        this.call = switch (System.getProperty("os.arch", "").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> CALL_X86_64;
            case "aarch64" -> CALL_ARM64;
            default -> throw new IllegalStateException(
                    subject + ": not for this machine: " + System.getProperty("os.arch"));
        };
    }

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    private UnsafeBuffer begin() {
        attributes.setMemory(0, ATTRIBUTES_BYTES, (byte) 0);
        return attributes;
    }

    private int call(int command) {
        return (int) LibC.syscall(call, command, attributes.addressOffset(), ATTRIBUTES_BYTES);
    }

    /** Makes a map: map_type 0, key_size 4, value_size 8, max_entries 12, map_flags 16, map_name 28. */
    public int map(int type, String name, int keyBytes, int valueBytes, int entries) {
        final UnsafeBuffer a = begin();
        a.putInt(0, type);
        a.putInt(4, keyBytes);
        a.putInt(8, valueBytes);
        a.putInt(12, entries);
        a.putInt(16, type == MAP_XSK ? 0 : FLAG_NO_PREALLOC);
        putName(28, name);
        return checked(call(MAP_CREATE), "bpf(MAP_CREATE)");
    }

    private void putName(int at, String name) {
        final byte[] bytes = name.getBytes(US_ASCII);
        attributes.putBytes(at, bytes, 0, Math.min(NAME_BYTES, bytes.length));
    }

    /** Puts a value of four bytes under a key: map_fd 0, key 8, value 16. */
    public void put(int map, DirectBuffer from, int keyBytes, int newValue) {
        key.putBytes(0, from, 0, keyBytes);
        value.putInt(0, newValue);
        final UnsafeBuffer a = begin();
        a.putInt(0, map);
        a.putLong(8, key.addressOffset());
        a.putLong(16, value.addressOffset());
        if (call(MAP_UPDATE) == -1) {
            throw notWritten("bpf(MAP_UPDATE)");
        }
    }

    private NativeException notWritten(String what) {
        final int errno = LibC.errno();
        return errno == LinuxConstants.E2BIG || errno == LinuxConstants.ENOSPC
                ? new NativeException(what, errno, subject, "the filter's map is full")
                : new NativeException(what, errno, subject);
    }

    /** Puts or removes many keys (Linux 5.6): keys 16, values 24, count 32, map_fd 36. */
    void batch(int map, boolean removes, long keys, long values, int count) {
        final UnsafeBuffer a = begin();
        a.putLong(16, keys);
        a.putLong(24, removes ? 0 : values);
        a.putInt(32, count);
        a.putInt(36, map);
        if (call(removes ? DELETE_BATCH : UPDATE_BATCH) == -1) {
            throw notWritten(removes ? "bpf(MAP_DELETE_BATCH)" : "bpf(MAP_UPDATE_BATCH)");
        }
    }

    /** Takes a key out; nothing happens if it is not there. */
    public void remove(int map, DirectBuffer from, int keyBytes) {
        key.putBytes(0, from, 0, keyBytes);
        final UnsafeBuffer a = begin();
        a.putInt(0, map);
        a.putLong(8, key.addressOffset());
        if (call(MAP_DELETE) == -1 && LibC.errno() != LinuxConstants.ENOENT) {
            throw new NativeException("bpf(MAP_DELETE)", LibC.errno(), subject);
        }
    }

    /** Loads an XDP program. */
    public int xdpProgram(String name, long[] program) {
        return program(PROGRAM_XDP, ATTACH_XDP, name, program);
    }

    /** Loads a program for an interface's ingress, after packet taps and before the kernel's filters. */
    public int ingressProgram(String name, long[] program) {
        return program(PROGRAM_CLASSIFIER, ATTACH_INGRESS, name, program);
    }

    /**
     * prog_type 0, insn_cnt 4, insns 8, license 16, log_level 24, log_size 28, log_buf 32, prog_name 48,
     * expected_attach_type 68. A program that the kernel refuses is loaded again to hear why.
     */
    private int program(int type, int attachType, String name, long[] program) {
        final UnsafeBuffer instructions = memory(program.length * Long.BYTES);
        for (int i = 0; i < program.length; i++) {
            instructions.putLong(i * Long.BYTES, program[i]);
        }
        final UnsafeBuffer license = memory(LICENSE.length() + 1);
        license.putBytes(0, LICENSE.getBytes(US_ASCII));
        final UnsafeBuffer a = begin();
        a.putInt(0, type);
        a.putInt(4, program.length);
        a.putLong(8, instructions.addressOffset());
        a.putLong(16, license.addressOffset());
        putName(48, name);
        a.putInt(68, attachType);
        try {
            return load();
        } finally {
            Reference.reachabilityFence(instructions);
            Reference.reachabilityFence(license);
        }
    }

    private int load() {
        final UnsafeBuffer a = attributes;
        final int fd = call(PROG_LOAD);
        final int errno = LibC.errno();
        if (fd != -1 || errno == LinuxConstants.EPERM) {
            return checked(fd, "bpf(PROG_LOAD)");
        }
        final UnsafeBuffer log = memory(LOG_BYTES);
        a.putInt(24, 1);
        a.putInt(28, LOG_BYTES);
        a.putLong(32, log.addressOffset());
        final int again;
        try {
            again = call(PROG_LOAD);
        } finally {
            Reference.reachabilityFence(log);
        }
        if (again != -1) {
            return again;
        }
        throw new NativeException(
                "bpf(PROG_LOAD)", errno, subject, "the kernel does not take the program: " + lastWords(log));
    }

    private static String lastWords(UnsafeBuffer log) {
        int length = 0;
        while (length < LOG_BYTES && log.getByte(length) != 0) {
            length++;
        }
        return log.getStringWithoutLengthAscii(0, length)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("processed ") && !line.startsWith("verification"))
                .reduce((first, second) -> second)
                .orElse("it does not say why");
    }

    /**
     * Attaches an XDP program to an interface for as long as the link is open.
     *
     * @return the link, or minus the error number
     */
    public int linkXdp(int program, int interfaceIndex, boolean inDriver) {
        return link(program, interfaceIndex, ATTACH_XDP, inDriver ? FLAG_NATIVE : FLAG_GENERIC);
    }

    /**
     * Adds a program to an interface's ingress, behind those that are there, for as long as the link is open (Linux 6.6).
     *
     * @return the link, or minus the error number
     */
    public int linkIngress(int program, int interfaceIndex) {
        return link(program, interfaceIndex, ATTACH_INGRESS, 0);
    }

    /** prog_fd 0, target_ifindex 4, attach_type 8, flags 12. */
    private int link(int program, int interfaceIndex, int attachType, int flags) {
        final UnsafeBuffer a = begin();
        a.putInt(0, program);
        a.putInt(4, interfaceIndex);
        a.putInt(8, attachType);
        a.putInt(12, flags);
        final int link = call(LINK_CREATE);
        return link == -1 ? -LibC.errno() : link;
    }

    /**
     * Runs a program once on a frame, as if received by the loopback interface: prog_fd 0, retval 4, data_size_in 8,
     * data_size_out 12, data_in 16, data_out 24, repeat 32.
     *
     * @return its verdict
     */
    public int run(int program, byte[] frame) {
        final UnsafeBuffer data = memory(frame.length);
        data.putBytes(0, frame);
        final UnsafeBuffer a = begin();
        a.putInt(0, program);
        a.putInt(8, frame.length);
        a.putLong(16, data.addressOffset());
        a.putInt(32, 1);
        try {
            checked(call(PROG_TEST_RUN), "bpf(PROG_TEST_RUN)");
        } finally {
            Reference.reachabilityFence(data);
        }
        return a.getInt(4);
    }

    private int checked(int result, String what) {
        if (result == -1) {
            final int errno = LibC.errno();
            throw switch (errno) {
                case LinuxConstants.EPERM -> new NativeException(
                        what, errno, subject, "needs CAP_BPF and CAP_NET_ADMIN (run as root)");
                case LinuxConstants.ENOSYS -> new NativeException(what, errno, subject, "this kernel has no bpf(2)");
                default -> new NativeException(what, errno, subject);
            };
        }
        return result;
    }
}
