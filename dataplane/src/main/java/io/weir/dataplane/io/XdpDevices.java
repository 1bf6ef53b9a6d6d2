package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.NativeSelfTest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens {@code xdp:IFNAME}; several at once share one memory of frames, if their drivers can. */
final class XdpDevices implements PacketDevices.Opener {
    private static final Logger LOG = LoggerFactory.getLogger(XdpDevices.class);
    private static final int ETHERNET_BYTES = 14;
    /** What the kernel leaves free in front of a frame (XDP_PACKET_HEADROOM). */
    private static final int KERNEL_HEADROOM = 256;
    /** After an Ethernet header, the IP header is then 4-byte aligned. */
    private static final int ALIGNING_BYTES = 2;

    private static final int SMALL_CHUNK_BYTES = 1 << 11;
    private static final int LARGE_CHUNK_BYTES = 1 << 12;

    /**
     * A device to be opened.
     *
     * @param resources closed in the reverse order, by the device or if it does not open
     */
    record Plan(
            DeviceUri uri,
            AfXdpOptions options,
            InterfaceControl control,
            int queues,
            int chunkBytes,
            Deque<AutoCloseable> resources) {
        private static Plan of(DeviceUri uri) {
            final Deque<AutoCloseable> resources = new ArrayDeque<>();
            try {
                final InterfaceControl control = new InterfaceControl(uri.target());
                resources.push(control);
                AfPacketDevice.check(control, uri.target());
                final AfXdpOptions options = AfXdpOptions.parse(uri);
                final int queues = options.queues() > 0 ? options.queues() : control.receiveQueues();
                return new Plan(uri, options, control, queues, chunkBytes(uri.target(), control.mtu()), resources);
            } catch (RuntimeException e) {
                AfXdpDevice.close(resources);
                throw e;
            }
        }

        private static int chunkBytes(String interfaceName, int mtu) {
            final int needed = KERNEL_HEADROOM + ALIGNING_BYTES + mtu + ETHERNET_BYTES + EthernetTag.BYTES;
            if (needed > LARGE_CHUNK_BYTES) {
                throw new IllegalArgumentException("interface " + interfaceName + ": MTU " + mtu
                        + " is too large for AF_XDP, at most " + (LARGE_CHUNK_BYTES - needed + mtu));
            }
            return needed <= SMALL_CHUNK_BYTES ? SMALL_CHUNK_BYTES : LARGE_CHUNK_BYTES;
        }

        private long chunks() {
            return (long) queues * options.framesOfEach(queues) + options.sendFrames();
        }
    }

    @Override
    public PacketDevice open(DeviceUri uri) {
        return openSharing(List.of(uri)).get(0);
    }

    @Override
    public List<PacketDevice> openTogether(List<DeviceUri> uris) {
        try {
            return openSharing(uris);
        } catch (NativeException e) {
            if (uris.size() == 1) {
                throw e;
            }
            LOG.info("event=xdp sharing=none reason=\"{}\"", e.getMessage());
            return PacketDevices.Opener.super.openTogether(uris);
        }
    }

    private static List<PacketDevice> openSharing(List<DeviceUri> uris) {
        NativeSelfTest.run();
        final List<Plan> plans = new ArrayList<>();
        final List<PacketDevice> devices = new ArrayList<>();
        try {
            uris.forEach(uri -> plans.add(Plan.of(uri)));
            final XdpMemory memory = memory(plans);
            memory.join();
            try {
                plans.forEach(plan -> devices.add(new AfXdpDevice(plan, memory)));
            } finally {
                memory.close();
            }
            return devices;
        } catch (RuntimeException e) {
            devices.forEach(PacketDevice::close);
            plans.forEach(plan -> AfXdpDevice.close(plan.resources));
            throw e;
        }
    }

    private static XdpMemory memory(List<Plan> plans) {
        final long chunks = plans.stream().mapToLong(Plan::chunks).sum();
        final int chunkBytes = plans.stream().mapToInt(Plan::chunkBytes).max().orElse(SMALL_CHUNK_BYTES);
        final String subject = "xdp "
                + String.join(" ", plans.stream().map(p -> p.uri.target()).toList());
        return new XdpMemory(chunks, chunkBytes, ALIGNING_BYTES, subject);
    }
}
