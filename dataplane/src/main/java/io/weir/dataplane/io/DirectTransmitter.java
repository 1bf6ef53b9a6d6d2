package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.XdpRing;
import io.weir.dataplane.io.linux.XdpSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends an AF_PACKET device's plain frames by an AF_XDP socket that receives nothing: the shortest way out of the kernel, by
 * a quarter shorter than a packet socket's ring.
 *
 * <p>It goes past the queueing discipline and past taps: tcpdump on the interface does not see what is sent. A frame with a
 * partial checksum, a super-frame or one that is longer than a chunk cannot go this way.
 *
 * <p><b>Thread</b>: its device's. <b>Source</b>: Documentation/networking/af_xdp.rst
 */
final class DirectTransmitter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DirectTransmitter.class);
    private static final int CHUNK_BYTES = 1 << 12;
    private static final int SMALL_CHUNK_BYTES = 1 << 11;
    /** A socket has no memory without a fill ring, be it never used. */
    private static final int UNUSED_ENTRIES = 64;

    private static final int SOCKET_BUFFER_BYTES = 64 << 20;
    private static final int FRAMES_PER_CALL = 256;

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final XdpTransmitter transmitter;
    private final int longest;

    private DirectTransmitter(InterfaceControl control, String interfaceName, int frames, int longestFrame) {
        final int chunk = longestFrame <= SMALL_CHUNK_BYTES ? SMALL_CHUNK_BYTES : CHUNK_BYTES;
        this.longest = chunk;
        try {
            final XdpMemory memory = new XdpMemory(frames, chunk, 0, "xdp " + interfaceName);
            memory.join();
            resources.push(memory);
            final XdpSocket socket = new XdpSocket(interfaceName);
            resources.push(socket);
            memory.register(socket);
            socket.fillRing(UNUSED_ENTRIES);
            final XdpRing completed = socket.completionRing(frames);
            final XdpRing ring = socket.transmitRing(frames);
            socket.optionIfKnown(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUFFORCE, SOCKET_BUFFER_BYTES);
            socket.optionIfKnown(LinuxConstants.SOL_XDP, LinuxConstants.XDP_MAX_TX_SKB_BUDGET, FRAMES_PER_CALL);
            socket.bind(control.index(), 0, LinuxConstants.XDP_USE_NEED_WAKEUP | LinuxConstants.XDP_COPY, 0);
            this.transmitter = new XdpTransmitter(memory, ring, completed, socket.fd(), memory.take(frames), frames);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens it; null, and one line in the log, if the kernel has no AF_XDP or another program, or worker, sends so already.
     *
     * @param frames that may wait to be sent; a power of two
     * @param longestFrame of the interface, tag included
     */
    static @Nullable DirectTransmitter open(
            InterfaceControl control, String interfaceName, int frames, int longestFrame) {
        try {
            return new DirectTransmitter(control, interfaceName, frames, longestFrame);
        } catch (NativeException e) {
            LOG.info("event=send interface={} way=ring reason=\"{}\"", interfaceName, e.getMessage());
            return null;
        }
    }

    /** Can frame {@code i} go this way? */
    boolean takes(PacketBatch batch, int i) {
        return batch.checksumStart[i] < 0
                && batch.segmentSize[i] == 0
                && batch.length[i] + EthernetTag.BYTES <= longest;
    }

    /** Copies frame {@code i}; false if there is no room. */
    boolean add(PacketBatch batch, int i) {
        return transmitter.add(batch, i);
    }

    boolean isPending() {
        return transmitter.isPending();
    }

    /** Has sent what was added, as far as the interface takes it. */
    void kick() {
        transmitter.kick();
    }

    @Override
    public void close() {
        AfXdpDevice.close(resources);
    }
}
