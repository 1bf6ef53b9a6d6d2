package io.weir.dataplane.io.linux;

/**
 * A system call failed at start-up or shut-down; the message is one line for the operator.
 *
 * <p>Never thrown while packets flow.
 */
public final class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String syscall;
    private final String errnoName;

    /** A failure whose error number says enough: {@code interface eth9: no such device}. */
    public NativeException(String syscall, int errno, String argument) {
        this(syscall, errno, argument, describe(syscall, errno));
    }

    /** A failure that deserves words of its own. */
    public NativeException(String syscall, int errno, String argument, String words) {
        super(argument + ": " + words);
        this.syscall = syscall;
        this.errnoName = Errno.name(errno);
    }

    private static String describe(String syscall, int errno) {
        final String words = Errno.words(errno);
        return words.startsWith("E") || words.startsWith("errno") ? syscall + " failed with " + words : words;
    }

    /** For example {@code ioctl(SIOCGIFINDEX)}. */
    public String syscall() {
        return syscall;
    }

    /** For example {@code ENODEV}. */
    public String errnoName() {
        return errnoName;
    }
}
