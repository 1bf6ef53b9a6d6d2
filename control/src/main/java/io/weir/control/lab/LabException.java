package io.weir.control.lab;

/** Something of a lab could not be made or did not answer; the message is one line for the user. */
public final class LabException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        super(message);
    }

    public LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
