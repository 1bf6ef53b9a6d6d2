package io.weir.dataplane.io;

import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/** One or more harnesses for every scheme of the registry; the key begins with the scheme. */
final class DeviceHarnesses {
    private DeviceHarnesses() {}

    /** Those that need no privilege. */
    static Map<String, DeviceHarness.Factory> unprivileged() {
        final Map<String, DeviceHarness.Factory> all = new LinkedHashMap<>();
        all.put("mem:a", input -> new Memory("mem:a", input));
        all.put("mem:a?l3", input -> new Memory("mem:a?l3", input));
        all.put("pcap:", Pcap::new);
        return all;
    }

    /** Those that need root, and network namespaces. */
    static Map<String, DeviceHarness.Factory> privileged() {
        final Map<String, DeviceHarness.Factory> all = new LinkedHashMap<>();
        all.put("afpacket: V2", input -> new Packet("afpacket:l0?slots=1024", input));
        all.put("afpacket: V2 small slots", input -> new Packet("afpacket:l0?slots=1024&slot=256", input));
        all.put("afpacket: V2 without offloads", input -> new Packet("afpacket:l0?slots=1024&novnet", input));
        all.put("afpacket: V3", input -> new Packet("afpacket:l0?v3&blocks=8", input));
        all.put("afpacket: V3 without AF_XDP", input -> new Packet("afpacket:l0?v3&blocks=8&nodirect", input));
        all.put("afpacket: V2 with AF_XDP", input -> new Packet("afpacket:l0?slots=1024&direct&send=64", input));
        all.put("xdp: native", input -> new Packet("xdp:l0?mode=native&frames=256&send=64", input));
        all.put("xdp: generic", input -> new Packet("xdp:l0?mode=generic&frames=256", input));
        all.put("auto:", input -> new Packet("auto:l0?slots=1024", input));
        all.put("tun:", Tun::new);
        return all;
    }

    private static final class Memory implements DeviceHarness {
        private final MemoryDevice device;

        Memory(String uri, List<byte[]> input) {
            device = (MemoryDevice) PacketDevices.open(uri);
            for (final byte[] frame : input) {
                device.inject(new UnsafeBuffer(frame), 0, frame.length);
            }
        }

        @Override
        public PacketDevice device() {
            return device;
        }

        @Override
        public List<byte[]> sent(int expected) {
            final List<byte[]> frames = new ArrayList<>();
            final PacketBatch batch = new PacketBatch();
            while (device.waiting() > 0 && device.collect(batch) > 0) {
                for (int i = 0; i < batch.size; i++) {
                    frames.add(TestFrames.bytes(batch, i));
                }
                batch.clear();
            }
            return frames;
        }

        @Override
        public void close() {
            device.close();
        }
    }

    private static final class Pcap implements DeviceHarness {
        private final Path folder;
        private final PacketDevice device;

        Pcap(List<byte[]> input) {
            try {
                folder = Files.createTempDirectory("weir-pcap");
                try (CaptureWriter writer = CaptureFile.create(folder.resolve("in"), CaptureFile.LINK_ETHERNET)) {
                    for (final byte[] frame : input) {
                        writer.write(0, new UnsafeBuffer(frame), 0, frame.length);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            device = PacketDevices.open("pcap:" + folder.resolve("in") + "," + folder.resolve("out"));
        }

        @Override
        public PacketDevice device() {
            return device;
        }

        @Override
        public List<byte[]> sent(int expected) {
            device.close();
            final List<byte[]> frames = new ArrayList<>();
            try (CaptureReader reader = CaptureFile.open(folder.resolve("out"))) {
                while (reader.next()) {
                    final byte[] frame = new byte[reader.length()];
                    reader.buffer().getBytes(reader.offset(), frame);
                    frames.add(frame);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return frames;
        }

        @Override
        public void close() {
            device.close();
            try {
                Files.deleteIfExists(folder.resolve("in"));
                Files.deleteIfExists(folder.resolve("out"));
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private abstract static class Wire implements DeviceHarness {
        private final PacketDevice device;
        private final RawPort peer;

        Wire(PacketDevice device, RawPort peer) {
            this.device = device;
            this.peer = peer;
        }

        void deliver(List<byte[]> input) {
            input.forEach(peer::send);
        }

        @Override
        public PacketDevice device() {
            return device;
        }

        @Override
        public List<byte[]> sent(int expected) {
            return peer.receive(expected).stream()
                    .map(RawPort.Frame::bytes)
                    .filter(f -> TestFrames.isNumbered(device.hasLinkLayer(), f))
                    .toList();
        }

        @Override
        public void close() {
            device.close();
            peer.close();
        }
    }

    private static final class Packet extends Wire {
        private final VethPair pair;

        Packet(String uri, List<byte[]> input) {
            this(new VethPair(), uri, input);
        }

        private Packet(VethPair pair, String uri, List<byte[]> input) {
            super(pair.device(uri), pair.peer());
            this.pair = pair;
            if (device() instanceof RuleFollower follower) {
                final var vip = new InterfaceInfo.Prefix(IpAddress.parse(TestFrames.NUMBERED_TO), 32);
                follower.follow(new GuardRules(List.of(vip), List.of(), List.of(), List.of(), List.of()));
            }
            deliver(input);
        }

        @Override
        public void close() {
            super.close();
            pair.close();
        }
    }

    private static final class Tun extends Wire {
        private final Netns netns;

        Tun(List<byte[]> input) {
            this(new Netns("tun"), input);
        }

        private Tun(Netns netns, List<byte[]> input) {
            super(netns.call(() -> PacketDevices.open("tun:weir0")), netns.call(() -> new RawPort("weir0")));
            this.netns = netns;
            deliver(input);
        }

        @Override
        public void close() {
            super.close();
            netns.close();
        }
    }
}
