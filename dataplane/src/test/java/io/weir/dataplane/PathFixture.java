package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Timeouts;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.Route;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers;
import io.weir.service.Destination;
import io.weir.service.Destination.Tunnel;
import io.weir.service.DestinationLoad;
import io.weir.service.DestinationTable;
import io.weir.service.ServiceKey;
import io.weir.service.ServiceTable;
import io.weir.service.Shadow;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A packet path between a client side (interface 0) and a server side (interface 1), fed frame by frame. */
final class PathFixture {
    static final long CLIENT_SIDE = 0x0200_0000_0101L;
    static final long SERVER_SIDE = 0x0200_0000_0201L;
    static final long ROUTER = 0x0200_0000_01FEL;
    static final String CLIENT = "198.51.100.7";
    static final String CLIENT6 = "2001:db8:c::7";
    static final String VIP = "203.0.113.1";
    static final String VIP6 = "2001:db8:f::1";
    static final String SERVER = "10.20.0.10";
    static final String SERVER6 = "fd00:20::a";
    static final String LIP = "10.20.0.200";
    static final String LIP6 = "fd00:20::c8";

    final ConnectionTable table;
    final DestinationLoad load = new DestinationLoad(new SlotCounters(memory(16 * SlotCounters.ROW_BYTES)), memory(16));
    final SlotCounters services = new SlotCounters(memory(16 * SlotCounters.ROW_BYTES));
    final WorkerParts parts;
    final PacketPath path;
    final ConfigSnapshot snapshot;
    final List<byte[]> sent = new ArrayList<>();
    final PacketBatch batch = new PacketBatch();
    long nowNs = 1_000_000_000L;

    private PathFixture(Builder how) {
        table = how.table == null ? ConnectionTable.create(1024, 7, 1024) : how.table;
        final NeighbourTable neighbours = new NeighbourTable();
        for (final String router : List.of("10.10.0.254", "fd00:10::fe")) {
            final IpAddress address = IpAddress.parse(router);
            neighbours.addPermanent(0, address.hi(), address.lo(), ROUTER);
        }
        for (final String server : List.of(SERVER, SERVER6)) {
            final IpAddress address = IpAddress.parse(server);
            neighbours.addPermanent(1, address.hi(), address.lo(), 0x0200_0000_020AL);
        }
        parts = WorkerParts.create(table, load, services, neighbours);
        parts.egress().carriesOffloads(new boolean[] {how.offloads, how.offloads});
        path = new PacketPath(parts);
        snapshot = snapshot(how);
        path.snapshot(snapshot);
    }

    static Builder nat() {
        return new Builder(0);
    }

    static Builder dr() {
        return new Builder(3);
    }

    static Builder tun(Tunnel tunnel) {
        final Builder builder = new Builder(2);
        builder.tunnel = tunnel;
        return builder;
    }

    static Builder fullNat() {
        return new Builder(5);
    }

    /** What may differ between fixtures. */
    static final class Builder {
        private final int method;
        private Tunnel tunnel = Tunnel.IPIP;
        private int mtu = 1500;
        private boolean toa;
        private @Nullable ConnectionTable table;
        private String vip = VIP;
        private String server = SERVER;
        private int shadow;
        private boolean deleted;
        private DestinationLoad lane = DestinationLoad.allocate(16);
        private boolean offloads;
        private int virtualPort = 80;
        private int protocol = ProtocolNumbers.TCP;
        private Sysctls sysctls = Sysctls.DEFAULTS;
        private Timeouts timeouts = Timeouts.DEFAULTS;

        private Builder(int method) {
            this.method = method;
        }

        Builder serverMtu(int bytes) {
            mtu = bytes;
            return this;
        }

        /** Connections of an earlier run. */
        Builder table(ConnectionTable recovered) {
            table = recovered;
            return this;
        }

        /** Another VIP for the IPv4 service. */
        Builder vip(String address) {
            vip = address;
            return this;
        }

        /** Another address for the IPv4 real server. */
        Builder server(String address) {
            server = address;
            return this;
        }

        /** A shadow scheduler at each service. */
        Builder shadow(int serial, DestinationLoad counts) {
            shadow = serial;
            lane = counts;
            return this;
        }

        Builder toa() {
            toa = true;
            return this;
        }

        /** Another port of the VIPs than 80. */
        Builder virtualPort(int port) {
            virtualPort = port;
            return this;
        }

        Builder offloads() {
            offloads = true;
            return this;
        }

        /** Others than IPVS's. */
        Builder timeouts(Timeouts others) {
            timeouts = others;
            return this;
        }

        /** Another setting than the default. */
        Builder sysctl(String name, int value) {
            sysctls = sysctls.with(name, value);
            return this;
        }

        Builder udp() {
            protocol = ProtocolNumbers.UDP;
            return this;
        }

        PathFixture build() {
            return new PathFixture(this);
        }
    }

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    private static InterfaceInfo.Prefix prefix(String address, int length) {
        return new InterfaceInfo.Prefix(IpAddress.parse(address), length);
    }

    private static ConfigSnapshot snapshot(Builder how) {
        final List<InterfaceInfo> interfaces = List.of(
                new InterfaceInfo(
                        0, "cli0", true, CLIENT_SIDE, 1500, List.of(prefix("10.10.0.1", 24), prefix("fd00:10::1", 64))),
                new InterfaceInfo(
                        1,
                        "rs0",
                        true,
                        SERVER_SIDE,
                        how.mtu,
                        List.of(prefix("10.20.0.1", 24), prefix("fd00:20::1", 64))));
        final int port = how.method == 0 || how.method == 5 ? 8080 : 80;
        final VirtualService v4 = service(0, how.vip, how.server, port, how);
        final VirtualService v6 = service(1, VIP6, SERVER6, port, how);
        final List<IpAddress> lips = List.of(IpAddress.parse(LIP), IpAddress.parse(LIP6));
        final List<Route> routes = new ArrayList<>(Route.connected(interfaces));
        routes.add(Route.via(prefix("0.0.0.0", 0), IpAddress.parse("10.10.0.254"), 0));
        routes.add(Route.via(prefix("::", 0), IpAddress.parse("fd00:10::fe"), 0));
        return new ConfigSnapshot(
                1,
                ServiceTable.of(List.of(v4, v6)),
                DestinationTable.of(List.of(v4, v6), List.of()),
                RouteTable.of(routes, interfaces),
                interfaces,
                LocalAddresses.of(List.of(IpAddress.parse(how.vip), IpAddress.parse(VIP6)), List.of()),
                LocalAddresses.ofInterfaces(interfaces),
                LocalAddresses.of(lips, List.of()),
                lips,
                how.timeouts,
                how.sysctls,
                MarkRules.NONE);
    }

    private static VirtualService service(int slot, String vip, String server, int port, Builder how) {
        final Destination[] destinations = how.deleted
                ? new Destination[0]
                : new Destination[] {
                    new Destination(slot, IpAddress.parse(server), port, 1, how.method, 0, 0, how.tunnel)
                };
        final IpAddress address = IpAddress.parse(vip);
        return new VirtualService(
                slot,
                new ServiceKey(how.protocol, address, how.virtualPort, 0, !address.isV4()),
                0,
                address.isV4() ? -1 : 128,
                false,
                0,
                null,
                how.toa,
                new int[0],
                destinations,
                Schedulers.create("rr").withDestinations(List.of(destinations), 0),
                how.shadow == 0 ? new Shadow[0] : new Shadow[] {shadow(how, destinations)});
    }

    private static Shadow shadow(Builder how, Destination[] destinations) {
        final Scheduler scheduler = Schedulers.create("sed").withDestinations(List.of(destinations), 0);
        return new Shadow(how.shadow, 0, scheduler, how.lane, new Shadow.Tally());
    }

    /** Another configuration comes into force. */
    void reconfigure(Builder how) {
        path.snapshot(snapshot(how));
    }

    /** The real servers are deleted; connections may still refer to them. */
    void withoutServers(Builder how) {
        how.deleted = true;
        reconfigure(how);
    }

    /** A worker's turn without frames; what it sends is in {@link #sent}. */
    void turn() {
        sent.clear();
        parts.endings().work(nowNs);
        parts.nextHopRequests().resolve(snapshot, nowNs);
        collect(parts.output().batch());
        parts.output().clear();
    }

    /** A frame from the client's router to the director. */
    static PacketBuilder fromClient() {
        return PacketBuilder.ethernet().macs(ROUTER, CLIENT_SIDE);
    }

    /** A frame from the real server to the director. */
    static PacketBuilder fromServer() {
        return PacketBuilder.ethernet().macs(0x0200_0000_020AL, SERVER_SIDE);
    }

    /** Runs one frame through the path; returns the frames that left because of it. */
    List<byte[]> run(PacketBuilder frame, int ingress) {
        return run(frame.build(), ingress, -1, 0);
    }

    /** The same with a checksum left to the NIC at {@code checksumStart}, and super-frame segment size. */
    List<byte[]> run(byte[] frame, int ingress, int checksumStart, int segmentSize) {
        final UnsafeBuffer memory = memory(frame.length + 256);
        memory.putBytes(128, frame);
        batch.clear();
        final int i = batch.add(memory, 128, frame.length, 128, ingress);
        batch.checksumStart[i] = checksumStart;
        batch.checksumOffset[i] = 16;
        batch.segmentSize[i] = segmentSize;
        batch.segmentType[i] = segmentSize > 0 ? PacketBatch.SEGMENT_TCPV4 : PacketBatch.SEGMENT_NONE;
        sent.clear();
        path.process(batch, nowNs);
        collect(batch);
        collect(parts.output().batch());
        parts.output().clear();
        return sent;
    }

    /** Runs many frames as one batch; what became of each is in {@link #batch}, what was made besides in {@link #sent}. */
    void runTogether(List<byte[]> frames, int[] ingress) {
        batch.clear();
        for (int i = 0; i < frames.size(); i++) {
            final byte[] frame = frames.get(i);
            final UnsafeBuffer memory = memory(frame.length + 256);
            memory.putBytes(128, frame);
            batch.add(memory, 128, frame.length, 128, ingress[i]);
        }
        sent.clear();
        path.process(batch, nowNs);
        collect(parts.output().batch());
        parts.output().clear();
    }

    /** A frame of the batch as it is now. */
    byte[] bytes(int i) {
        final byte[] bytes = new byte[batch.length[i]];
        batch.buffer[i].getBytes(batch.offset[i], bytes);
        return bytes;
    }

    private void collect(PacketBatch frames) {
        for (int i = 0; i < frames.size; i++) {
            if (frames.verdict[i] == PacketBatch.TRANSMIT) {
                final byte[] bytes = new byte[frames.length[i]];
                frames.buffer[i].getBytes(frames.offset[i], bytes);
                sent.add(bytes);
            }
        }
    }

    int verdict() {
        return batch.verdict[0];
    }

    /** Parses a frame that left, and insists on right checksums. */
    static ParsedPacket parsed(byte[] frame) {
        final ParsedPacket p = new ParsedPacket();
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(frame.length));
        buffer.putBytes(0, frame);
        final int status = new PacketParser().parse(buffer, 0, frame.length, true, p);
        if (status != ParseStatus.OK) {
            throw new AssertionError("a frame left that does not parse: status=" + status);
        }
        return p;
    }

    /** Is the TCP or UDP checksum of a frame that left right? */
    static boolean checksumHolds(byte[] frame) {
        final ParsedPacket p = parsed(frame);
        final int field = p.l4Offset + InternetChecksum.fieldOffset(p.protocol);
        final int found = (frame[field] & 0xFF) << 8 | frame[field + 1] & 0xFF;
        return found == InternetChecksum.transport(Objects.requireNonNull(p.buffer), p);
    }
}
