package io.weir.sched.contract;

/** A scheduler does not keep to its contract; the message is one line for its author. */
public final class ContractException extends Exception {
    private static final long serialVersionUID = 1L;

    public ContractException(String message) {
        super(message);
    }
}
