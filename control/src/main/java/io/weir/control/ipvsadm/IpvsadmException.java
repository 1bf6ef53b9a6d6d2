package io.weir.control.ipvsadm;

/** What ipvsadm says on standard error, and the status it exits with. */
public final class IpvsadmException extends Exception {
    /** The status where ipvsadm itself refuses. */
    public static final int REFUSED = 2;
    /** The status where its option library or the kernel refuses. */
    public static final int FAILED = 255;

    private static final long serialVersionUID = 1L;

    private final int status;
    private final boolean endsRestore;

    public IpvsadmException(String message, int status) {
        this(message, status, true);
    }

    private IpvsadmException(String message, int status, boolean endsRestore) {
        super(message);
        this.status = status;
        this.endsRestore = endsRestore;
    }

    /** What the option library complains of: a restore goes on with its next line. */
    static IpvsadmException ofLine(String message) {
        return new IpvsadmException(message, FAILED, false);
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

    /** Does a restore stop at a line that is refused so? */
    public boolean endsRestore() {
        return endsRestore;
    }

    /** The message as a line (or lines) of standard error. */
    public String line() {
        return getMessage() + "\n";
    }
}
