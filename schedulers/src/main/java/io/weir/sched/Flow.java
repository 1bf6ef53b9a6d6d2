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
    /** It was read backwards, out of an ICMP error's embedded packet, which went from the service to the client. */
    public boolean embedded;

    /**
     * The destination as the packet at hand says it. Linux's dh, lblc and lblcr go by it, so for an ICMP error by the
     * client's address.
     */
    long writtenHi() {
        return embedded ? srcHi : dstHi;
    }

    long writtenLo() {
        return embedded ? srcLo : dstLo;
    }
}
