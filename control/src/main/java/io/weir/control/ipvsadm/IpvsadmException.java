package io.weir.control.ipvsadm;

/** What ipvsadm says on standard error, and the status it exits with. */
public final class IpvsadmException extends Exception {
    /** The status where ipvsadm itself refuses. */
    public static final int REFUSED = 2;
    /** The status where its option library or the kernel refuses. */
    public static final int FAILED = 255;

    private static final long serialVersionUID = 1L;

    private final int status;

    public IpvsadmException(String message, int status) {
        super(message);
        this.status = status;
    }

    static IpvsadmException refused(String message) {
        return new IpvsadmException(message, REFUSED);
    }

    static IpvsadmException tryHelp() {
        return new IpvsadmException("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", FAILED);
    }

    public int status() {
        return status;
    }

    /** The message as a line (or lines) of standard error. */
    public String line() {
        return getMessage() + "\n";
    }
}
