package io.weir.dataplane.io;

/**
 * One network interface as the data plane sees it.
 *
 * <p><b>Frame ownership</b>: frames added by {@link #receive} point into the device's memory; the worker may rewrite
 * them (and their headroom) until they are transmitted, at the latest until {@link #release}, which hands the memory back.
 * {@link #transmit} copies or sends before it returns, so that memory of the worker's own is free for reuse afterwards; only a
 * received frame may be sent later from where it lies. A frame that {@code transmit} cannot take is counted by the device
 * and dropped.
 *
 * <p><b>Thread</b>: {@code receive}, {@code transmit} and {@code release} are called by one worker; {@code close} after
 * it stopped. None of them allocates, locks or throws in steady state.
 */
public interface PacketDevice extends AutoCloseable {
    /** The URI it was opened by, for example {@code afpacket:eth0}. */
    String uri();

    /** The kernel's interface name, or what stands for it. */
    String interfaceName();

    /** True if frames begin with an Ethernet header; false (TUN) if they begin with the IP header. */
    boolean hasLinkLayer();

    /** The interface's MAC address in the low 48 bits, 0 without link layer. */
    long macAddress();

    /** The interface's MTU in bytes, without link header. */
    int mtu();

    /** Can {@link #transmit} take partial checksums and super-frames as they are? */
    boolean carriesOffloads();

    /**
     * Adds waiting frames to the batch, up to its capacity, with {@code ingress = interfaceIndex}.
     *
     * @return how many were added
     */
    int receive(PacketBatch batch, int interfaceIndex);

    /**
     * Sends every frame whose verdict is {@link PacketBatch#TRANSMIT} and whose egress is {@code interfaceIndex}.
     *
     * @return how many were sent
     */
    int transmit(PacketBatch batch, int interfaceIndex);

    /** Hands back the memory of all frames received since the last call. */
    void release();

    /** Frames lost before the worker saw them (ring full, truncated). */
    long receiveDrops();

    /** Frames that could not be sent. */
    long transmitDrops();

    /** The file descriptor to poll for input, or -1 if there is none. */
    int pollDescriptor();

    @Override
    void close();
}
