package io.weir.sched;

/**
 * The flow a scheduler is asked about: a packet's addresses and ports, host order, addresses as in ParsedPacket. For an
 * ICMP error it is the embedded packet's flow.
 *
 * <p><b>Owner</b>: one worker, reused for every new connection.
 */
public final class Flow {
    /** Monotonic time, read once for a batch. */
    public long nowNs;

    public int protocol;
    public long srcHi;
    public long srcLo;
    public int srcPort;
    public long dstHi;
    public long dstLo;
    public int dstPort;
}
