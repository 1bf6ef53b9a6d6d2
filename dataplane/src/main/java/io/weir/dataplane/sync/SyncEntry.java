package io.weir.dataplane.sync;

import io.weir.conntrack.ConnectionFlags;

/**
 * One entry of a message, in host order; reused for each.
 *
 * <p><b>Owner</b>: one worker.
 */
final class SyncEntry {
    private static final int METHOD = 0x7;

    int protocol;
    boolean ipv6;
    /** As on the wire. */
    int flags;

    int state;
    long clientHi;
    long clientLo;
    int clientPort;
    long virtualHi;
    long virtualLo;
    int virtualPort;
    long serverHi;
    long serverLo;
    int serverPort;
    int fwmark;
    /** The entry is FULLNAT's; {@link #localPort} is 0 in a template. */
    boolean hasLocal;

    long localHi;
    long localLo;
    int localPort;
    /** The entry has sequence data: place, shift behind it and before it, first of the server's direction. */
    boolean hasSequence;

    int sequencePlace;
    int sequenceAfter;
    int sequenceBefore;

    int clientPlace;
    int clientAfter;
    int clientBefore;
    /** The entry has a Call-ID; it is the pending one. */
    boolean byCallId;
    /** 0: not told. */
    long timeoutSeconds;

    void clear() {
        protocol = 0;
        ipv6 = false;
        flags = 0;
        state = 0;
        clientHi = 0;
        clientLo = 0;
        clientPort = 0;
        virtualHi = 0;
        virtualLo = 0;
        virtualPort = 0;
        serverHi = 0;
        serverLo = 0;
        serverPort = 0;
        fwmark = 0;
        hasLocal = false;
        localHi = 0;
        localLo = 0;
        localPort = 0;
        hasSequence = false;
        timeoutSeconds = 0;
        byCallId = false;
    }

    boolean isTemplate() {
        return (flags & ConnectionFlags.TEMPLATE) != 0;
    }

    boolean isInactive() {
        return (flags & ConnectionFlags.INACTIVE) != 0;
    }

    int method() {
        return flags & METHOD;
    }

    static boolean tellsSequence(int flags) {
        return (flags & ConnectionFlags.SEQ_MASK) != 0;
    }
}
