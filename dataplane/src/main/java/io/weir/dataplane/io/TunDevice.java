package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.NativeSelfTest;
import io.weir.dataplane.io.linux.TunSocket;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A TUN interface of our own: {@code tun:weir0}, or {@code tun:weir0?mtu=9000}. The kernel routes packets to it and takes
 * those we write as received; there is no link layer, so no direct routing.
 *
 * <p>The interface is made, set up, and disappears with {@link #close}. Without virtio_net_hdr the kernel completes
 * checksums and cuts super-frames before we read them.
 *
 * <p><b>Trap</b>: a packet written with a source address that is local to the host is dropped silently unless
 * {@code net.ipv4.conf.NAME.accept_local=1}; {@code rp_filter} must be 0 on it and on {@code all}.
 *
 * <p><b>Source</b>: Documentation/networking/tuntap.rst
 */
public final class TunDevice implements PacketDevice {
    private static final int DEFAULT_MTU = 1500;
    /** Packets the kernel queues for us; the default of 500 is soon full. */
    private static final int QUEUE_PACKETS = 5_000;

    private static final int SHORTEST_PACKET = 20;

    private final String uri;
    private final String interfaceName;
    private final int mtu;
    private final int fd;
    private final FrameArena arena;
    private final DropCounter receiveDrops = new DropCounter();
    private final DropCounter transmitDrops = new DropCounter();
    private boolean closed;

    private TunDevice(DeviceUri deviceUri, int fd, int mtu) {
        this.uri = deviceUri.text();
        this.interfaceName = deviceUri.target();
        this.fd = fd;
        this.mtu = mtu;
        this.arena = new FrameArena(mtu + 1, false);
    }

    /** Opens {@code tun:NAME}. */
    public static TunDevice open(DeviceUri uri) {
        uri.allow(Set.of("mtu"));
        NativeSelfTest.run();
        final int mtu = uri.number("mtu", DEFAULT_MTU, 68, 65_535);
        try (InterfaceControl control = new InterfaceControl(uri.target())) {
            final int fd = TunSocket.open(uri.target());
            try {
                control.mtu(mtu);
                control.transmitQueueLength(QUEUE_PACKETS);
                control.up();
                return new TunDevice(uri, fd, mtu);
            } catch (RuntimeException e) {
                LibC.close(fd);
                throw e;
            }
        }
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        final int before = batch.size;
        final UnsafeBuffer memory = arena.memory();
        while (!batch.isFull() && !arena.isFull()) {
            final long got = LibC.read(fd, memory.addressOffset() + arena.next(), mtu + 1L);
            if (got <= 0) {
                break;
            }
            if (got > mtu) {
                // The MTU was raised behind our back: what is longer is cut off, and must not be forwarded.
                receiveDrops.add(1);
                break;
            }
            arena.add(batch, (int) got, interfaceIndex);
        }
        return batch.size - before;
    }

    @Override
    public int transmit(PacketBatch batch, int interfaceIndex) {
        int sent = 0;
        for (int i = 0; i < batch.size; i++) {
            if (batch.verdict[i] == PacketBatch.TRANSMIT && batch.egress[i] == interfaceIndex) {
                if (send(batch, i)) {
                    sent++;
                } else {
                    transmitDrops.add(1);
                }
            }
        }
        return sent;
    }

    private boolean send(PacketBatch batch, int i) {
        final int length = batch.length[i];
        if (length < SHORTEST_PACKET || length > mtu || hasOffloads(batch, i)) {
            return false;
        }
        return LibC.write(fd, batch.buffer[i].addressOffset() + batch.offset[i], length) == length;
    }

    private static boolean hasOffloads(PacketBatch batch, int i) {
        return batch.checksumStart[i] >= 0 || batch.segmentSize[i] > 0 || batch.vlanTci[i] >= 0;
    }

    @Override
    public void release() {
        arena.release();
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public String interfaceName() {
        return interfaceName;
    }

    @Override
    public boolean hasLinkLayer() {
        return false;
    }

    @Override
    public long macAddress() {
        return 0;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public boolean carriesOffloads() {
        return false;
    }

    @Override
    public long receiveDrops() {
        return receiveDrops.get();
    }

    @Override
    public long transmitDrops() {
        return transmitDrops.get();
    }

    @Override
    public int pollDescriptor() {
        return fd;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            LibC.close(fd);
        }
    }
}
