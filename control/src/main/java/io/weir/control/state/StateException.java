package io.weir.control.state;

/** A command that the director's state does not allow; {@link Reason} is the kernel's errno. */
public final class StateException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The kernel's errno for it. */
    public enum Reason {
        /** EEXIST. */
        EXISTS,
        /** ENOENT. */
        NO_ENTRY,
        /** ESRCH. */
        NO_SERVICE,
        /** EINVAL. */
        INVALID,
        /** ERANGE. */
        RANGE,
        /** ENODEV. */
        NO_DEVICE,
        /** ENOMEM. */
        NO_MEMORY,
        /** EIO: what the kernel never has, sockets that do not open. */
        IO_ERROR,
        /** What the kernel never has: several workers each see some clients only. */
        ONE_WORKER
    }

    private final Reason reason;

    public StateException(Reason reason) {
        super(reason.name());
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
