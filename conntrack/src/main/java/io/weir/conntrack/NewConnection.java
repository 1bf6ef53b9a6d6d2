package io.weir.conntrack;

/**
 * What {@link ConnectionTable#insert} needs to know; one instance is filled again and again.
 *
 * <p><b>Owner</b>: the worker. Nothing here is kept by the table. {@link #clear} before filling: fields left alone mean
 * nothing then.
 */
public final class NewConnection {
    public int protocol;
    public long clientHi;
    public long clientLo;
    /** 0 for a template. */
    public int clientPort;

    public long virtualHi;
    /** Low half of the VIP; of a template by fwmark: the mark, with protocol 0. */
    public long virtualLo;

    public int virtualPort;
    public long destinationHi;
    public long destinationLo;
    public int destinationPort;
    /** Slot of the destination, or {@link ConnectionTable#NO_DESTINATION}. */
    public int destinationSlot;

    public int methodCode;
    public int state;
    /** Of {@link ConnectionFlags}; HASHED is the table's own. */
    public int flags;

    public int fwmark;
    /** Record id of the template in charge, or {@link ConnectionTable#NONE}; it is then counted as controlled. */
    public int controller;

    public int timeoutTicks;

    public NewConnection() {
        clear();
    }

    /** All to nothing: no destination, no controller. */
    public NewConnection clear() {
        protocol = 0;
        client(0, 0, 0);
        virtual(0, 0, 0);
        destination(ConnectionTable.NO_DESTINATION, 0, 0, 0);
        methodCode = 0;
        state = 0;
        flags = 0;
        fwmark = 0;
        controller = ConnectionTable.NONE;
        timeoutTicks = 0;
        return this;
    }

    public NewConnection client(long hi, long lo, int port) {
        clientHi = hi;
        clientLo = lo;
        clientPort = port;
        return this;
    }

    public NewConnection virtual(long hi, long lo, int port) {
        virtualHi = hi;
        virtualLo = lo;
        virtualPort = port;
        return this;
    }

    public NewConnection destination(int slot, long hi, long lo, int port) {
        destinationSlot = slot;
        destinationHi = hi;
        destinationLo = lo;
        destinationPort = port;
        return this;
    }
}
