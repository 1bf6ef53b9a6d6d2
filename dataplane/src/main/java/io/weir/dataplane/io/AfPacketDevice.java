package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.NativeSelfTest;
import io.weir.dataplane.io.linux.PacketSocket;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A real interface by AF_PACKET: {@code afpacket:eth0}, or {@code afpacket:eth0?v3} for throughput.
 *
 * <p>Three sockets: one receives through a ring, one sends frames through a ring, one sends by itself those that do not
 * fit a slot; and for throughput a fourth ({@link DirectTransmitter}). Partial checksums and super-frames of local senders are carried in and out by virtio_net_hdr. While the
 * device is open, the interface does not merge received frames (GRO, LRO): merged frames could not be sent on as they
 * came.
 *
 * <p><b>Not here</b>: the host's stack sees all frames too; {@link IngressGuard} keeps the director's from it.
 *
 * <p><b>Source</b>: packet(7), Documentation/networking/packet_mmap.rst
 */
public final class AfPacketDevice implements PacketDevice {
    private static final int ETHERNET_BYTES = 14;
    /** Extra room in front of a received frame; with the kernel's own fields the IP header gets 4-byte aligned. */
    private static final int RESERVE_BYTES = 66;

    static final int RESERVE_BYTES_PLAIN = 64;
    /** Kernel's header, address, alignment and virtio_net_hdr: the most that stands before a frame besides the reserve. */
    static final int SLOT_OVERHEAD_BYTES = 96;

    private static final int SOCKET_BUFFER_BYTES = 64 << 20;
    /** Statistics are read after so many calls of receive, if a second has passed. */
    private static final int CALLS_PER_CLOCK_READ = 1 << 12;

    private static final long STATISTICS_EVERY_NS = 1_000_000_000L;

    private final String uri;
    private final String interfaceName;
    private final long macAddress;
    private final int mtu;
    private final boolean offloads;
    private final AfPacketResources resources;
    private final PacketSocket receiving;
    private final ReceiveRing receiveRing;
    private final TransmitRing transmitRing;
    private final FrameSender sender;
    private final @Nullable DirectTransmitter direct;
    private final DropCounter receiveDrops = new DropCounter();
    private final DropCounter transmitDrops = new DropCounter();
    private int calls;
    private long statisticsReadNs;
    private boolean closed;

    /** For {@link #join}: a group that does not exist yet. */
    static final int NEW_GROUP = -1;

    /** Lets nothing through. */
    private static final long[] DEAF = {LinuxConstants.BPF_RETURN};

    private AfPacketDevice(DeviceUri deviceUri, AfPacketOptions options, AfPacketResources resources, boolean silent) {
        this.uri = deviceUri.text();
        this.interfaceName = deviceUri.target();
        this.resources = resources;
        final InterfaceControl control = resources.control();
        this.macAddress = control.macAddress();
        this.mtu = control.mtu();
        this.offloads = options.offloads();
        final int index = control.index();
        final int headerBytes = offloads ? VirtioNetHeader.BYTES : 0;
        this.receiving = resources.socket(interfaceName);
        this.receiveRing = receiveRing(options, headerBytes);
        final PacketSocket sending = resources.socket(interfaceName);
        this.transmitRing = transmitRing(sending, options, headerBytes);
        final PacketSocket sendingLong = resources.socket(interfaceName);
        prepareSending(sendingLong, options);
        this.sender = new FrameSender(sendingLong.fd(), headerBytes);
        if (!options.keepMerging() && !resources.switchMergingOff() && !offloads) {
            throw new IllegalStateException(
                    "interface " + interfaceName + ": receive merging (GRO, LRO) cannot be switched off");
        }
        sending.bind(index, 0);
        sendingLong.bind(index, 0);
        this.direct = options.sendPlainDirect() ? direct(control, options.sendSlots()) : null;
        if (silent) {
            receiving.filter(DEAF);
        }
        receiving.bind(index, LinuxConstants.ETH_P_ALL);
    }

    /** Opens {@code afpacket:IFNAME}; the options are those of {@link AfPacketOptions}. */
    public static AfPacketDevice open(DeviceUri uri) {
        return open(uri, false);
    }

    /** The same, but nothing is received before {@link #listen}. */
    static AfPacketDevice openSilent(DeviceUri uri) {
        return open(uri, true);
    }

    private static AfPacketDevice open(DeviceUri uri, boolean silent) {
        NativeSelfTest.run();
        final AfPacketOptions options = AfPacketOptions.parse(uri);
        final AfPacketResources resources = new AfPacketResources(new InterfaceControl(uri.target()));
        try {
            check(resources.control(), uri.target());
            return new AfPacketDevice(uri, options, resources, silent);
        } catch (RuntimeException e) {
            resources.close();
            throw e;
        }
    }

    /** Joins a group of devices that divide the interface's frames among them; returns the group's number. */
    int join(int group) {
        return receiving.fanout(group);
    }

    /** Says how the group divides its frames; also while they come. */
    void fanoutProgram(long[] program) {
        receiving.fanoutProgram(program);
    }

    /** Ends the silence it was opened in. */
    void listen() {
        receiving.unfilter();
    }

    static void check(InterfaceControl control, String name) {
        control.index();
        if (!control.isEthernet()) {
            throw new IllegalArgumentException("interface " + name + ": is not Ethernet");
        }
        if (!control.isUp()) {
            throw new NativeException("bind", LinuxConstants.ENETDOWN, "interface " + name);
        }
    }

    private ReceiveRing receiveRing(AfPacketOptions options, int headerBytes) {
        final int reserve = offloads ? RESERVE_BYTES : RESERVE_BYTES_PLAIN;
        final int longestPlain = mtu + ETHERNET_BYTES + EthernetTag.BYTES;
        packetOption(receiving, LinuxConstants.PACKET_VERSION, version(options), "PACKET_VERSION");
        packetOption(receiving, LinuxConstants.PACKET_RESERVE, reserve, "PACKET_RESERVE");
        packetOption(receiving, LinuxConstants.PACKET_VNET_HDR, offloads ? 1 : 0, "PACKET_VNET_HDR");
        packetOption(receiving, LinuxConstants.PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
        if (options.blockRing()) {
            final UnsafeBuffer ring = receiving.blockRing(options.blocks(), options.blockBytes(), options.retireMs());
            return new BlockReceiveRing(ring, options.blockBytes(), headerBytes, longestPlain, receiveDrops);
        }
        packetOption(receiving, LinuxConstants.PACKET_COPY_THRESH, offloads ? 1 : 0, "PACKET_COPY_THRESH");
        receiving.option(
                LinuxConstants.SOL_SOCKET, LinuxConstants.SO_RCVBUFFORCE, SOCKET_BUFFER_BYTES, "SO_RCVBUFFORCE");
        final int slotBytes = options.receiveSlotBytes(SLOT_OVERHEAD_BYTES + reserve, longestPlain);
        final UnsafeBuffer ring =
                receiving.slotRing(LinuxConstants.PACKET_RX_RING, options.receiveSlots(slotBytes), slotBytes);
        return new SlotReceiveRing(ring, slotBytes, receiving.fd(), headerBytes, longestPlain, receiveDrops);
    }

    private static int version(AfPacketOptions options) {
        return options.blockRing() ? LinuxConstants.TPACKET_V3 : LinuxConstants.TPACKET_V2;
    }

    private TransmitRing transmitRing(PacketSocket sending, AfPacketOptions options, int headerBytes) {
        prepareSending(sending, options);
        packetOption(sending, LinuxConstants.PACKET_VERSION, LinuxConstants.TPACKET_V2, "PACKET_VERSION");
        packetOption(sending, LinuxConstants.PACKET_LOSS, 1, "PACKET_LOSS");
        final int slotBytes =
                AfPacketOptions.sendSlotBytes(SLOT_OVERHEAD_BYTES + mtu + ETHERNET_BYTES + EthernetTag.BYTES);
        final int slots = Math.min(options.sendSlots(), (64 << 20) / slotBytes);
        final UnsafeBuffer ring = sending.slotRing(LinuxConstants.PACKET_TX_RING, slots, slotBytes);
        return new TransmitRing(ring, slotBytes, sending.fd(), headerBytes);
    }

    private @Nullable DirectTransmitter direct(InterfaceControl control, int frames) {
        final int longest = mtu + ETHERNET_BYTES + EthernetTag.BYTES;
        final DirectTransmitter way = DirectTransmitter.open(control, interfaceName, frames, longest);
        if (way != null) {
            resources.keep(way);
        }
        return way;
    }

    private void prepareSending(PacketSocket socket, AfPacketOptions options) {
        packetOption(socket, LinuxConstants.PACKET_VNET_HDR, offloads ? 1 : 0, "PACKET_VNET_HDR");
        socket.option(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUFFORCE, SOCKET_BUFFER_BYTES, "SO_SNDBUFFORCE");
        if (options.bypassQueue()) {
            packetOption(socket, LinuxConstants.PACKET_QDISC_BYPASS, 1, "PACKET_QDISC_BYPASS");
        }
    }

    private static void packetOption(PacketSocket socket, int name, int value, String label) {
        socket.option(LinuxConstants.SOL_PACKET, name, value, label);
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        kick();
        if (++calls == CALLS_PER_CLOCK_READ) {
            calls = 0;
            final long nowNs = System.nanoTime();
            if (nowNs - statisticsReadNs > STATISTICS_EVERY_NS) {
                statisticsReadNs = nowNs;
                readStatistics();
            }
        }
        return receiveRing.receive(batch, interfaceIndex);
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
        kick();
        if (refused > 0) {
            transmitDrops.add(refused);
        }
        return sent;
    }

    /** With a virtio_net_hdr the kernel does not compare a frame's length with the MTU. */
    private boolean isSendable(PacketBatch batch, int i) {
        if (batch.length[i] < ETHERNET_BYTES || !VirtioNetHeader.isValid(batch, i)) {
            return false;
        }
        if (!offloads && (batch.checksumStart[i] >= 0 || batch.segmentSize[i] > 0)) {
            return false;
        }
        return batch.length[i] <= mtu + ETHERNET_BYTES || VirtioNetHeader.isSuperFrame(batch, i);
    }

    private void kick() {
        if (transmitRing.isPending()) {
            transmitRing.kick();
        }
        if (direct != null && direct.isPending()) {
            direct.kick();
        }
    }

    /** Before a frame goes another way than those before it, they go: frames must not overtake each other. */
    private boolean send(PacketBatch batch, int i) {
        final DirectTransmitter shortWay = direct;
        if (shortWay == null || !shortWay.takes(batch, i)) {
            if (shortWay != null && shortWay.isPending()) {
                shortWay.kick();
            }
            return sendByRing(batch, i);
        }
        if (transmitRing.isPending()) {
            transmitRing.kick();
        }
        if (shortWay.add(batch, i)) {
            return true;
        }
        shortWay.kick();
        return shortWay.add(batch, i);
    }

    private boolean sendByRing(PacketBatch batch, int i) {
        if (transmitRing.fits(batch.length[i] + EthernetTag.BYTES)) {
            if (transmitRing.add(batch, i)) {
                return true;
            }
            transmitRing.kick();
            return transmitRing.add(batch, i);
        }
        if (transmitRing.isPending()) {
            transmitRing.kick();
        }
        return sender.send(batch, i);
    }

    @Override
    public void release() {
        receiveRing.release();
    }

    /** Adds what the kernel has dropped to {@link #receiveDrops}; for the worker's thread, or when it has stopped. */
    public void readStatistics() {
        final long drops = receiving.takeDrops();
        if (drops > 0) {
            receiveDrops.add(drops);
        }
    }

    /** The name of the interface's driver, for example {@code veth}. */
    public String driver() {
        return resources.control().driver();
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
        return offloads;
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
        return receiving.fd();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        readStatistics();
        resources.close();
    }
}
