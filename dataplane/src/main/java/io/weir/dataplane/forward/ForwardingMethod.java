package io.weir.dataplane.forward;

import io.weir.dataplane.PacketContext;

/**
 * How a packet of a connection gets to its real server, and a reply back to the client.
 *
 * <p>Bound to the connection by {@link #code} when it is made. <b>Thread</b>: an instance belongs to one worker. It
 * rewrites the context's bytes and ends by handing them to {@code Egress}; it returns a PacketBatch verdict.
 */
public interface ForwardingMethod {
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

    /** Towards the client; only if {@link #translatesReplies}. */
    int out(PacketContext c);
}
