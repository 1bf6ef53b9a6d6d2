package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.PacketSocket;
import io.weir.dataplane.io.linux.XdpRing;
import io.weir.dataplane.io.linux.XdpSocket;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real interface by AF_XDP: {@code xdp:eth0}; the options are those of {@link AfXdpOptions}.
 *
 * <p>A program in the kernel gives the director what the rules say is the director's, before the host's stack sees it;
 * everything else stays with the host. ARP, ICMP and later fragments, which both need, come by an {@link XdpTap}. There is
 * one socket for each receive queue; all share one memory of frames. Frames are sent by the first one.
 *
 * <p><b>Checksums</b>: AF_XDP says nothing of checksums that a local sender left unfinished. Where there may be such, on
 * virtual interfaces, they are recognised ({@link UnfinishedChecksumFinder}). Super-frames are not: a program in the driver
 * makes the kernel cut them before; in generic mode they are lost ({@code ethtool -K PEER tso off} avoids that).
 *
 * <p><b>Memory</b>: the devices of one worker share it ({@link XdpMemory}), so that a frame is never copied between them.
 *
 * <p><b>Source</b>: Documentation/networking/af_xdp.rst
 */
public final class AfXdpDevice implements PacketDevice, RuleFollower {
    private static final Logger LOG = LoggerFactory.getLogger(AfXdpDevice.class);
    private static final int ETHERNET_BYTES = 14;
    private static final int SOCKET_BUFFER_BYTES = 64 << 20;
    private static final int FRAMES_PER_CALL = 256;
    private static final int CALLS_PER_CLOCK_READ = 1 << 12;
    private static final long STATISTICS_EVERY_NS = 1_000_000_000L;

    private final String uri;
    private final String interfaceName;
    private final long macAddress;
    private final int mtu;
    private final Deque<AutoCloseable> resources;
    private final XdpAttachment attachment;
    private final XdpSocket[] sockets;
    private final XdpQueue[] queues;
    private final XdpTransmitter transmitter;
    private final PacketSocket tapSocket;
    private final ReceiveRing tap;
    private final DropCounter tapDrops = new DropCounter();
    private final DropCounter receiveDrops = new DropCounter();
    private final DropCounter transmitDrops = new DropCounter();
    private int calls;
    private long statisticsReadNs;
    private boolean closed;

    /** Takes over the plan's resources, also if it fails. */
    AfXdpDevice(XdpDevices.Plan plan, XdpMemory memory) {
        final InterfaceControl control = plan.control();
        this.uri = plan.uri().text();
        this.interfaceName = plan.uri().target();
        this.resources = plan.resources();
        this.macAddress = control.macAddress();
        this.mtu = control.mtu();
        final AfXdpOptions options = plan.options();
        final int count = plan.queues();
        final int frames = options.framesOfEach(count);
        memory.join();
        keep(memory);
        this.attachment = keep(new XdpAttachment(control, interfaceName, options.mode(), count));
        this.sockets = new XdpSocket[count];
        this.queues = new XdpQueue[count];
        for (int i = 0; i < count; i++) {
            sockets[i] = keep(new XdpSocket(interfaceName));
        }
        final int registered = memory.register(sockets[0]);
        this.transmitter = transmitter(memory, options.sendFrames());
        for (int i = 0; i < count; i++) {
            queues[i] = queue(i, memory, frames, isVirtual(control) || !attachment.inDriver());
        }
        bind(control, options, registered);
        this.tapSocket = keep(new PacketSocket(interfaceName));
        this.tap = XdpTap.open(tapSocket, mtu + ETHERNET_BYTES + EthernetTag.BYTES, tapDrops);
        tapSocket.bind(control.index(), LinuxConstants.ETH_P_ALL);
        if (control.stripsTags() && control.stripsTags(false)) {
            resources.push(() -> control.stripsTags(true));
        }
        report(control);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        resources.push(resource);
        return resource;
    }

    private XdpTransmitter transmitter(XdpMemory memory, int frames) {
        final XdpSocket socket = sockets[0];
        // The memory's socket has a completion ring; that of a further queue is there because it must be.
        final XdpRing completed = socket.completionRing(frames);
        final XdpRing ring = socket.transmitRing(frames);
        socket.optionIfKnown(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUFFORCE, SOCKET_BUFFER_BYTES);
        socket.optionIfKnown(LinuxConstants.SOL_XDP, LinuxConstants.XDP_MAX_TX_SKB_BUDGET, FRAMES_PER_CALL);
        return new XdpTransmitter(memory, ring, completed, socket.fd(), memory.take(frames), frames);
    }

    private XdpQueue queue(int i, XdpMemory memory, int frames, boolean findUnfinished) {
        final XdpRing fill = sockets[i].fillRing(frames);
        if (i > 0) {
            sockets[i].completionRing(1);
        }
        final XdpRing received = sockets[i].receiveRing(frames);
        return new XdpQueue(memory, received, fill, memory.take(frames), frames, findUnfinished);
    }

    /** @param registered the socket that the kernel knows the memory by */
    private void bind(InterfaceControl control, AfXdpOptions options, int registered) {
        final int copy = options.copy() || !attachment.inDriver() ? LinuxConstants.XDP_COPY : 0;
        for (int i = 0; i < sockets.length; i++) {
            if (sockets[i].fd() == registered) {
                sockets[i].bind(control.index(), 0, LinuxConstants.XDP_USE_NEED_WAKEUP | copy, 0);
            } else {
                sockets[i].bind(control.index(), i, LinuxConstants.XDP_SHARED_UMEM, registered);
            }
            attachment.socket(i, sockets[i].fd());
        }
    }

    private void report(InterfaceControl control) {
        final int there = control.receiveQueues();
        LOG.info(
                "event=xdp interface={} driver={} mode={} queues={} zerocopy={}{}",
                interfaceName,
                control.driver(),
                attachment.inDriver() ? "native" : "generic",
                sockets.length,
                sockets[0].isZeroCopy(),
                attachment.refusal().isEmpty() ? "" : " reason=\"" + attachment.refusal() + "\"");
        if (sockets.length < there) {
            LOG.warn(
                    "event=xdp interface={} problem=\"{} of {} queues are listened on: what comes by the others is lost\"",
                    interfaceName,
                    sockets.length,
                    there);
        }
        if (isVirtual(control) && !attachment.inDriver()) {
            LOG.warn(
                    "event=xdp interface={} problem=\"super-frames of local senders are lost in generic mode:"
                            + " the peer needs ethtool -K PEER tso off\"",
                    interfaceName);
        }
    }

    /** Do local stacks send to it without a wire in between? */
    static boolean isVirtual(InterfaceControl control) {
        return control.driver().equals("veth") || control.driver().equals("tun");
    }

    /** The last first. */
    static void close(Deque<AutoCloseable> resources) {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void follow(GuardRules rules) {
        attachment.filter().follow(rules);
    }

    @Override
    public void follow(GuardRules.Change change) {
        attachment.filter().follow(change);
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        if (transmitter.isPending()) {
            transmitter.kick();
        }
        if (++calls == CALLS_PER_CLOCK_READ) {
            calls = 0;
            final long nowNs = System.nanoTime();
            if (nowNs - statisticsReadNs > STATISTICS_EVERY_NS) {
                statisticsReadNs = nowNs;
                readStatistics();
            }
        }
        int added = 0;
        for (int i = 0; i < queues.length; i++) {
            added += queues[i].receive(batch, interfaceIndex);
            if (queues[i].needsWakeup()) {
                LibC.recv(sockets[i].fd(), 0, 0, LinuxConstants.MSG_DONTWAIT);
            }
        }
        return added + tap.receive(batch, interfaceIndex);
    }

    @Override
    public int transmit(PacketBatch batch, int interfaceIndex) {
        int sent = 0;
        int refused = 0;
        for (int i = 0; i < batch.size; i++) {
            if (batch.verdict[i] == PacketBatch.TRANSMIT && batch.egress[i] == interfaceIndex) {
                if (isSendable(batch, i) && send(batch, i)) {
                    sent++;
                } else {
                    refused++;
                }
            }
        }
        if (transmitter.isPending()) {
            transmitter.kick();
        }
        if (refused > 0) {
            transmitDrops.add(refused);
        }
        return sent;
    }

    private boolean isSendable(PacketBatch batch, int i) {
        return batch.length[i] >= ETHERNET_BYTES
                && batch.length[i] <= mtu + ETHERNET_BYTES
                && batch.checksumStart[i] < 0
                && batch.segmentSize[i] == 0;
    }

    private boolean send(PacketBatch batch, int i) {
        if (transmitter.add(batch, i)) {
            return true;
        }
        transmitter.kick();
        return transmitter.add(batch, i);
    }

    @Override
    public void release() {
        for (final XdpQueue queue : queues) {
            queue.release();
        }
        tap.release();
    }

    /** Brings {@link #receiveDrops} up to date; for the worker's thread, or when it has stopped. */
    private void readStatistics() {
        long drops = tapSocket.takeDrops();
        if (drops > 0) {
            tapDrops.add(drops);
        }
        drops = tapDrops.get();
        for (final XdpSocket socket : sockets) {
            drops += socket.drops();
        }
        receiveDrops.add(drops - receiveDrops.get());
    }

    /** Frames sent from where they lay, without a copy. */
    long sentInPlace() {
        return transmitter.sentInPlace();
    }

    /** Queues that are listened on. */
    int queues() {
        return queues.length;
    }

    /** Frames received and not released of the queue that has most of them. */
    int busiestQueue() {
        int most = 0;
        for (final XdpQueue queue : queues) {
            most = Math.max(most, queue.holding());
        }
        return most;
    }

    XdpAttachment attachment() {
        return attachment;
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
        return true;
    }

    @Override
    public long macAddress() {
        return macAddress;
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
        return sockets[0].fd();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        readStatistics();
        close(resources);
    }
}
