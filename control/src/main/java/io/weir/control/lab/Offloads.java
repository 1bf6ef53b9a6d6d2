package io.weir.control.lab;

/** What the interfaces of a lab do for the stacks behind them. */
public enum Offloads {
    /** As the kernel makes them: partial checksums and super-frames cross the wire. */
    DEFAULT,
    /** None at all: every frame on every wire is complete. */
    OFF,
    /** As {@link #DEFAULT}, but the director's own interfaces complete checksums: a wrong partial one shows. */
    EGRESS_TX_OFF
}
