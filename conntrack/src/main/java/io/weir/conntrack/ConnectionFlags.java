package io.weir.conntrack;

/**
 * Flag bits of a connection.
 *
 * <p>The kernel's values where it has them, so that sync messages carry them unchanged (IP_VS_CONN_F_* in
 * include/uapi/linux/ip_vs.h). Its low three bits, the forwarding method, have a field of their own in our record; there
 * we keep our own bits, see {@link #toWire}.
 */
public final class ConnectionFlags {
    /** Ours: the template has proved itself (a flow reached ESTABLISHED or was answered); spared by drop_entry. */
    public static final int ASSURED = 0x0001;
    /** Ours: a reply was seen. */
    public static final int REPLIED = 0x0002;
    /** Ours: FULLNAT client address is to be announced in a TCP option. */
    public static final int ANNOUNCE_CLIENT = 0x0004;
    /** Ours: its real server is gone, and the next packet of its client has both ends reset. */
    public static final int RESET = 0x0008;
    /** Ours: an FTP control connection whose text is read (ip_vs_ftp). */
    public static final int FTP = 0x0010;
    /** Received from a sync master. */
    public static final int SYNC = 0x0020;
    /** In the table. Owned by {@link ConnectionTable}: the mark that a record is in use. */
    public static final int HASHED = 0x0040;
    /** Replies do not pass through here (all but masquerading). */
    public static final int NOOUTPUT = 0x0080;
    /** Counts as inactive at its destination. */
    public static final int INACTIVE = 0x0100;
    /** Sequence numbers of replies are changed. */
    public static final int OUT_SEQ = 0x0200;
    /** Sequence numbers of the client's packets are changed. */
    public static final int IN_SEQ = 0x0400;
    /** Either direction's sequence numbers are changed. */
    public static final int SEQ_MASK = 0x0600;
    /** The client's port is not known yet. */
    public static final int NO_CPORT = 0x0800;
    /** A persistence template, not a connection. */
    public static final int TEMPLATE = 0x1000;
    /** Made for one packet. */
    public static final int ONE_PACKET = 0x2000;

    /** Ours: an FTP data connection to another address than its destination's; what is kept per destination is not for it. */
    public static final int ELSEWHERE = 0x4000;

    /** Ours: a template that is keyed by more than addresses, by what a persistence engine read (a Call-ID). */
    public static final int ENGINE = 0x8000;

    /** Bits that mean something on the wire besides the method. */
    private static final int WIRE = 0x3FE0;

    private static final int METHOD = 0x0007;

    private ConnectionFlags() {}

    /** Flags as a sync message has them. */
    public static int toWire(int flags, int methodCode) {
        return (flags & WIRE) | (methodCode & METHOD);
    }

    /** Our flags from a sync message's; the method is {@code wire & 7}. */
    public static int fromWire(int wire) {
        return wire & WIRE & ~HASHED;
    }
}
