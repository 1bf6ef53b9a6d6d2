package io.weir.dataplane.io;

import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Two rings in memory: {@link #inject} puts frames where {@link #receive} finds them, {@link #collect} takes out what was
 * sent. For unit tests and benchmarks; allocates nothing once made.
 *
 * <p>{@link #pair} makes two devices that receive what the other one sends.
 *
 * <p><b>Thread</b>: one for everything.
 */
public final class MemoryDevice implements PacketDevice {
    private static final int DEFAULT_SLOTS = 1_024;
    private static final int DEFAULT_MTU = 1_500;
    private static final long DEFAULT_MAC = 0x02_00_00_00_00_01L;
    private static final int SUPER_FRAME_BYTES = (1 << 16) + 32;
    private static final int ETHERNET_BYTES = 14;

    private final String uri;
    private final String interfaceName;
    private final boolean linkLayer;
    private final long macAddress;
    private final int mtu;
    private final boolean offloads;
    private final MemoryRing input;
    private final MemoryRing output;
    private final DropCounter receiveDrops = new DropCounter();
    private final DropCounter transmitDrops = new DropCounter();

    private MemoryDevice(
            DeviceUri uri,
            boolean linkLayer,
            long macAddress,
            int mtu,
            boolean offloads,
            MemoryRing input,
            MemoryRing output) {
        this.uri = uri.text();
        this.interfaceName = uri.target();
        this.linkLayer = linkLayer;
        this.macAddress = macAddress;
        this.mtu = mtu;
        this.offloads = offloads;
        this.input = input;
        this.output = output;
    }

    /**
     * Opens {@code mem:NAME}; options: {@code l3} without link layer, {@code mac=} twelve hex digits, {@code mtu=},
     * {@code slots=}, {@code offloads} to take partial checksums and super-frames.
     */
    public static MemoryDevice open(DeviceUri uri) {
        return make(uri, ring(uri), ring(uri));
    }

    /** Opens one by its URI's text. */
    public static MemoryDevice open(String uri) {
        return open(DeviceUri.parse(uri));
    }

    /** Two devices, each of which receives what the other one sends. */
    public static MemoryDevice[] pair(String firstUri, String secondUri) {
        final DeviceUri first = DeviceUri.parse(firstUri);
        final DeviceUri second = DeviceUri.parse(secondUri);
        final MemoryRing there = ring(first);
        final MemoryRing back = ring(second);
        return new MemoryDevice[] {make(first, back, there), make(second, there, back)};
    }

    private static MemoryRing ring(DeviceUri uri) {
        final int mtu = uri.number("mtu", DEFAULT_MTU, 68, 65_535);
        final int longest = uri.has("offloads") ? SUPER_FRAME_BYTES : mtu + ETHERNET_BYTES + EthernetTag.BYTES;
        return new MemoryRing(uri.number("slots", DEFAULT_SLOTS, 1, 1 << 20), longest, !uri.has("l3"));
    }

    private static MemoryDevice make(DeviceUri uri, MemoryRing input, MemoryRing output) {
        uri.allow(Set.of("l3", "mac", "mtu", "slots", "offloads"));
        final boolean linkLayer = !uri.has("l3");
        final String mac = uri.options().get("mac");
        final long macAddress = mac == null ? DEFAULT_MAC : Long.parseLong(mac, 16);
        final int mtu = uri.number("mtu", DEFAULT_MTU, 68, 65_535);
        return new MemoryDevice(uri, linkLayer, linkLayer ? macAddress : 0, mtu, uri.has("offloads"), input, output);
    }

    /** Lets a frame come in; false, and counted, if there is no room. */
    public boolean inject(UnsafeBuffer frame, int offset, int length) {
        return counted(input.append(frame, offset, length));
    }

    /** The same with VLAN tag and offloads as frame {@code i} of a batch has them. */
    public boolean inject(PacketBatch batch, int i) {
        return counted(input.append(batch, i));
    }

    private boolean counted(boolean taken) {
        if (!taken) {
            receiveDrops.add(1);
        }
        return taken;
    }

    /** Frames sent and not collected. */
    public int waiting() {
        return output.size();
    }

    /**
     * Takes out frames that were sent, up to the batch's capacity; they stay valid until the next call of this or of
     * {@link #discardSent}.
     */
    public int collect(PacketBatch batch) {
        output.release();
        return output.lend(batch, -1);
    }

    /** Throws away all frames sent so far. */
    public void discardSent() {
        output.clear();
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        return input.lend(batch, interfaceIndex);
    }

    @Override
    public int transmit(PacketBatch batch, int interfaceIndex) {
        int sent = 0;
        for (int i = 0; i < batch.size; i++) {
            if (batch.verdict[i] == PacketBatch.TRANSMIT && batch.egress[i] == interfaceIndex) {
                if (isSendable(batch, i) && output.append(batch, i)) {
                    sent++;
                } else {
                    transmitDrops.add(1);
                }
            }
        }
        return sent;
    }

    private boolean isSendable(PacketBatch batch, int i) {
        final boolean described = batch.checksumStart[i] >= 0 || batch.segmentSize[i] > 0;
        if (!linkLayer && batch.vlanTci[i] >= 0 || described && !offloads) {
            return false;
        }
        final int headerBytes = linkLayer ? ETHERNET_BYTES : 0;
        return batch.segmentSize[i] > 0 || batch.length[i] <= mtu + headerBytes;
    }

    @Override
    public void release() {
        input.release();
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
        return linkLayer;
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
        return -1;
    }

    @Override
    public void close() {
        input.clear();
        output.clear();
    }
}
