package io.weir.dataplane.io;

import java.io.EOFException;
import java.sql.Timestamp;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapDumper;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

/**
 * Capture files as an interface: {@code pcap:in.pcap,out.pcap} receives the frames of the first and writes what is sent
 * into the second. Either may be left out.
 *
 * <p>A sent frame has the time of the last one received, so a run gives the same file every time. For offline runs only:
 * it allocates. Where frames must be taken one at a time with their times, {@link CaptureFile} is the tool.
 *
 * <p><b>Fails</b>: to open without libpcap (Debian: libpcap0.8), which pcap4j needs for files too.
 */
public final class PcapDevice implements PacketDevice {
    private static final int LONGEST_FRAME = (1 << 16) + 64;
    private static final int LINK_MTU = 1_500;
    private static final long MAC = 0x02_00_00_00_00_01L;

    private final String uri;
    private final String interfaceName;
    private final boolean linkLayer;
    private final int mtu;
    private final @Nullable PcapHandle input;
    private final @Nullable PcapHandle outputFormat;
    private final @Nullable PcapDumper output;
    private final FrameArena arena;
    private final DropCounter receiveDrops = new DropCounter();
    private final DropCounter transmitDrops = new DropCounter();
    private Timestamp lastTime = new Timestamp(0);
    private boolean exhausted;
    private boolean closed;

    private PcapDevice(DeviceUri deviceUri, String in, String out) throws PcapNativeException, NotOpenException {
        this.uri = deviceUri.text();
        this.interfaceName = in.isEmpty() ? out : in;
        this.mtu = deviceUri.number("mtu", LINK_MTU, 68, 65_535);
        this.input = in.isEmpty() ? null : openInput(in);
        final DataLinkType type =
                input == null ? (deviceUri.has("l3") ? DataLinkType.RAW : DataLinkType.EN10MB) : input.getDlt();
        this.linkLayer = DataLinkType.EN10MB.equals(type);
        this.exhausted = input == null;
        this.arena = new FrameArena(LONGEST_FRAME, linkLayer);
        this.outputFormat = out.isEmpty() ? null : Pcaps.openDead(type, LONGEST_FRAME);
        this.output = outputFormat == null ? null : outputFormat.dumpOpen(out);
    }

    /** Opens {@code pcap:IN,OUT}; options: {@code mtu=}, and {@code l3} if there is only an output without link layer. */
    public static PcapDevice open(DeviceUri uri) {
        uri.allow(Set.of("mtu", "l3"));
        final String target = uri.target();
        final int comma = target.indexOf(',');
        final String in = comma < 0 ? target : target.substring(0, comma);
        final String out = comma < 0 ? "" : target.substring(comma + 1);
        try {
            return new PcapDevice(uri, in, out);
        } catch (PcapNativeException | NotOpenException e) {
            throw new IllegalArgumentException("pcap: " + e.getMessage(), e);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new IllegalStateException("pcap: needs libpcap (Debian package libpcap0.8)", e);
        }
    }

    private static PcapHandle openInput(String in) throws PcapNativeException {
        final PcapHandle handle = Pcaps.openOffline(in, PcapHandle.TimestampPrecision.NANO);
        final DataLinkType type = handle.getDlt();
        if (!DataLinkType.EN10MB.equals(type) && !DataLinkType.RAW.equals(type)) {
            handle.close();
            throw new PcapNativeException(in + ": neither Ethernet nor raw IP: " + type);
        }
        return handle;
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        final int before = batch.size;
        while (!closed && !exhausted && !batch.isFull() && !arena.isFull()) {
            final byte[] frame = next();
            if (frame == null) {
                exhausted = true;
            } else if (frame.length > LONGEST_FRAME) {
                receiveDrops.add(1);
            } else {
                arena.memory().putBytes(arena.next(), frame);
                arena.add(batch, frame.length, interfaceIndex);
            }
        }
        return batch.size - before;
    }

    private byte @Nullable [] next() {
        if (input == null) {
            return null;
        }
        try {
            final byte[] frame = input.getNextRawPacketEx();
            lastTime = input.getTimestamp();
            return frame;
        } catch (EOFException | TimeoutException e) {
            return null;
        } catch (PcapNativeException | NotOpenException e) {
            // A file that ends in the middle of a record; the frames before it were good.
            receiveDrops.add(1);
            return null;
        }
    }

    /** Are all frames of the input received? */
    public boolean isExhausted() {
        return exhausted;
    }

    @Override
    public int transmit(PacketBatch batch, int interfaceIndex) {
        int sent = 0;
        for (int i = 0; i < batch.size; i++) {
            if (batch.verdict[i] == PacketBatch.TRANSMIT && batch.egress[i] == interfaceIndex) {
                if (write(batch, i)) {
                    sent++;
                } else {
                    transmitDrops.add(1);
                }
            }
        }
        return sent;
    }

    private boolean write(PacketBatch batch, int i) {
        final int headerBytes = linkLayer ? 14 : 0;
        if (batch.checksumStart[i] >= 0 || batch.segmentSize[i] > 0 || batch.length[i] > mtu + headerBytes) {
            return false;
        }
        if (output == null) {
            return true;
        }
        final int tag = batch.vlanTci[i] >= 0 ? EthernetTag.BYTES : 0;
        if (tag > 0 && !linkLayer) {
            return false;
        }
        final byte[] frame = new byte[batch.length[i] + tag];
        if (tag > 0) {
            final UnsafeBuffer to = new UnsafeBuffer(frame);
            EthernetTag.copyWithTag(to, 0, batch.buffer[i], batch.offset[i], batch.length[i], batch.vlanTci[i]);
        } else {
            batch.buffer[i].getBytes(batch.offset[i], frame);
        }
        try {
            output.dumpRaw(frame, lastTime);
            return true;
        } catch (NotOpenException e) {
            return false;
        }
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
        return linkLayer;
    }

    @Override
    public long macAddress() {
        return linkLayer ? MAC : 0;
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
        return -1;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (output != null) {
            output.close();
        }
        if (outputFormat != null) {
            outputFormat.close();
        }
        if (input != null) {
            input.close();
        }
    }
}
