package io.weir.dataplane.forward;

import io.weir.dataplane.PacketContext;

/**
 * How a packet of a connection gets to its real server, and a reply back to the client.
 *
 * <p>Bound to the connection by {@link #code} when it is made. <b>Thread</b>: an instance belongs to one worker. It
 * rewrites the context's bytes and ends by handing them to {@code Egress}; it returns a PacketBatch verdict.
 */
public interface ForwardingMethod {
    /** See {@link #prepareShort}. */
    int NO_SHORT_WAY = -1;

    /** See {@link #prepareShort}. */
    int SHORT_WORDS = 2;

    /** The kernel's IP_VS_CONN_F_FWD_MASK number (0 Masq, 1 Local, 2 Tunnel, 3 Route, 4 Bypass); 5 FullNat is ours. */
    int code();

    /** The word in ipvsadm's listing. */
    String ipvsName();

    /** The word in weir.yaml. */
    String configName();

    /** ipvsadm's flag, or an empty string if it has none. */
    String cliFlag();

    /** Do replies come back through the director, to be rewritten? */
    boolean translatesReplies();

    /** Towards the real server. The context's connection is bound and counted. */
    int in(PacketContext c);

    /**
     * What {@link #shortIn} needs to know of a destination, found out with a packet that {@link #in} has just forwarded.
     *
     * @param kept address in memory of {@link #SHORT_WORDS} words that are this method's, to write
     * @return bytes that this method puts in front of a packet, or {@link #NO_SHORT_WAY}
     */
    default int prepareShort(PacketContext c, long kept) {
        return NO_SHORT_WAY;
    }

    /**
     * The same as {@link #in} up to the link header, for a whole packet without IPv4 options, IPv6 extensions or offloads,
     * which is known to fit and has a TTL of 2 or more.
     *
     * @param ip the address in memory of the IP header (PlainPacket)
     * @param v4 is it IPv4, else IPv6?
     * @param id the connection
     * @param record its hot line (HotRecord)
     * @param kept what {@link #prepareShort} wrote
     * @return bytes put in front of it, or {@link #NO_SHORT_WAY} if the packet is one for {@link #in}: it is untouched
     */
    default int shortIn(long ip, boolean v4, int id, long record, long kept) {
        return NO_SHORT_WAY;
    }

    /** Towards the client; only if {@link #translatesReplies}. */
    int out(PacketContext c);
}
